"""What Postgres refuses because of one row, told apart from what no row is to blame for; and sets without such rows."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

from log_lines import event
from tasks_api.postgres import is_stopped

Member = TypeVar("Member")
Result = TypeVar("Result")

logger = logging.getLogger(__name__)

# By the beginning of their SQLSTATE: the connection is gone, the server may only be read, lets nobody in, has no such
# database, is full, or is being stopped.
_AWAY = ("08", "25006", "28", "3D", "53", "57P")
# The transaction or the statement is wrong, or names what is not there, as before a migration.
_MISTAKES = ("0A", "25", "26", "3F", "42")


def is_away(error: BaseException) -> bool:
    """Whether no statement can succeed now."""
    code = sqlstate(error)
    return isinstance(error, InterfaceError | OperationalError) if code is None else code.startswith(_AWAY)


def concerns_all(error: BaseException) -> bool:
    """Whether it is the same for every row: the database is away, or cannot make sense of the statement."""
    return is_away(error) or (sqlstate(error) or "").startswith(_MISTAKES)


def sqlstate(error: BaseException) -> str | None:
    """Postgres' code for an error; None: it did not come from the server."""
    return getattr(error.__cause__, "pgcode", None)


def reason(error: BaseException) -> str:
    """Why, in Postgres' own words if they are its. Not its details: they quote the row, which may hold secrets."""
    said = getattr(getattr(error.__cause__, "diag", None), "message_primary", None)
    return said or str(error) or type(error).__name__


def kind(error: BaseException) -> str:
    """What kind of error it is, and nothing of what is in any row."""
    code = sqlstate(error)
    return type(error).__name__ if code is None else f"{type(error.__cause__).__name__} ({code})"


@dataclass(slots=True)
class Refused:
    """How many were refused in a request for many. The log has which, and why."""

    doing: str
    count: int = 0

    def add(self, member: object, error: Exception) -> None:
        """Count one. Raises what may pass: then nobody is to blame."""
        if is_stopped(error):
            raise error
        logger.warning(
            "%s: %s was refused: %s", self.doing, member, reason(error), extra=event("row.left_out")
        )
        self.count += 1


def apart(
    change: Callable[[list[Member]], Result],
    members: Sequence[Member],
    refuse: Callable[[Member, Exception], object],
) -> list[Result]:
    """Change as many of `members` as can be: all at once, or where that fails, each half by itself, and so on.

    Each part is a transaction, or a savepoint in that of the caller. `refuse` is told of each that cannot be changed,
    after its part was rolled back. Raises what concerns all.
    """
    chosen = list(members)
    if not chosen:
        return []
    try:
        with transaction.atomic():
            return [change(chosen)]
    except Exception as error:
        if concerns_all(error):
            raise
        if len(chosen) == 1:
            refuse(chosen[0], error)
            return []
    middle = len(chosen) // 2
    return [*apart(change, chosen[:middle], refuse), *apart(change, chosen[middle:], refuse)]
