"""What a database's refusal means for a task."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from operations.errors import OperationError, passing, permanent

ERRORS = {
    "no_target": "The operator no longer allows the target, the table or the query. Permanent.",
    "bad_rows": "Some rows do not fit, and `on_bad_row` is `stop`: nothing was loaded. Permanent.",
    "wrong_header": "A column is missing, unknown, or there twice. Permanent.",
    "wrong_encoding": "The file is no text of its encoding. Permanent.",
    "malformed_csv": "The file is no CSV: empty, or a line without an end. Permanent.",
    "no_such_table": "The target has no such table. `dry_run` proposes one. Permanent.",
    "no_unique_key": "No unique index of the table has just the columns of `key`. Permanent.",
    "guard_missing": "The table that keeps loads from being done twice is not there, nor could be made. Permanent.",
    "target_unreachable": "The database does not answer, or the connection to it was lost.",
    "target_busy": "The database gave way to others: a deadlock, a lock, too many connections, no space.",
    "target_too_slow": "A statement took longer than `timeout_seconds` of the target.",
    "target_refused": "The database refused, in its own words. Permanent.",
    "not_installed": "A package that this kind of target needs is not installed. Permanent.",
}
_BUSY = {"40001", "40P01", "55P03"}
_TOO_SLOW = "57014"
_AWAY = ("08", "57P")
_FULL = ("53",)


@contextmanager
def told() -> Iterator[None]:
    """What the database refuses within becomes an OperationError, in the server's words."""
    try:
        yield
    except psycopg2.Error as error:
        raise failure(error) from error


def failure(error: psycopg2.Error) -> OperationError:
    """The OperationError for what the database said."""
    code, words = error.pgcode, in_its_words(error)
    if code == _TOO_SLOW:
        return passing("target_too_slow", words)
    if code in _BUSY or (code or "").startswith(_FULL):
        return passing("target_busy", words)
    if code is None and isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return passing("target_unreachable", words)
    if (code or "").startswith(_AWAY):
        return passing("target_unreachable", words)
    return permanent("target_refused", words)


def in_its_words(error: psycopg2.Error) -> str:
    """The message and the detail of the server, or what the driver says."""
    message, detail = error.diag.message_primary, error.diag.message_detail
    if message is None:
        return " ".join(str(error).split()) or type(error).__name__
    return f"{message}: {detail}" if detail else message
