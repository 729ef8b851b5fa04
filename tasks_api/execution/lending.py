"""The database connection of an operation: Django's default one while it runs, and none that anything else uses."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

logger = logging.getLogger(__name__)

CLIENT_STATE = ("autocommit", "isolation_level", "readonly", "deferrable", "encoding", "cursor_factory")
"""What psycopg2 knows of a connection and `DISCARD ALL` does not change."""


class _Lending(threading.local):
    """In each thread: our connection, while another stands in its place, and the one to lend next."""

    ours: BaseDatabaseWrapper | None = None
    kept: BaseDatabaseWrapper | None = None


_lending = _Lending()


@contextmanager
def lent_connection() -> Iterator[None]:
    """Within, Django's default connection is another one, which is opened when it is first used.

    Afterwards it is closed, or made as good as new for the next one, whatever was done to it.
    """
    ours = connections[DEFAULT_DB_ALIAS]
    _install(_lending.kept)
    _lending.ours, _lending.kept = ours, None
    try:
        yield
    finally:
        used = connections.all(initialized_only=True)
        _lending.ours = None
        _install(ours)
        _lending.kept = _taken_back(used, ours)


@contextmanager
def our_connection() -> Iterator[None]:
    """Within, Django's default connection is ours again, though an operation runs."""
    ours = _lending.ours
    if ours is None:
        yield
        return
    theirs = next((each for each in connections.all(initialized_only=True) if _is_default(each)), None)
    _install(ours)
    try:
        yield
    finally:
        _install(theirs)


def _install(connection: BaseDatabaseWrapper | None) -> None:
    """Let it be Django's default connection in this thread. None: a new one, when somebody asks for it."""
    if connection is not None:
        connections[DEFAULT_DB_ALIAS] = connection
    else:
        with suppress(AttributeError):
            del connections[DEFAULT_DB_ALIAS]


def _is_default(connection: BaseDatabaseWrapper) -> bool:
    return bool(connection.alias == DEFAULT_DB_ALIAS)


def _taken_back(used: Iterable[BaseDatabaseWrapper], ours: BaseDatabaseWrapper) -> BaseDatabaseWrapper | None:
    """The one that can be lent again. What is not known to be clean is closed."""
    kept = None
    for connection in used:
        if connection.connection is None:
            continue
        if kept is None and _is_clean(connection, ours) and _is_renewed(connection):
            kept = connection
        else:
            _close(connection)
    return kept


def _is_clean(connection: BaseDatabaseWrapper, ours: BaseDatabaseWrapper) -> bool:
    """Whether nothing is open on it, and this side of it is as that of a new one, such as ours."""
    theirs: Any = connection.connection
    if not _is_default(connection) or theirs.closed or ours.connection is None:
        return False
    return (
        theirs.get_transaction_status() == TRANSACTION_STATUS_IDLE
        and connection.autocommit
        and not connection.in_atomic_block
        and not connection.execute_wrappers
        and not connection.force_debug_cursor
        and all(getattr(theirs, name) == getattr(ours.connection, name) for name in CLIENT_STATE)
        and theirs.string_types.keys() == ours.connection.string_types.keys()
        and theirs.binary_types.keys() == ours.connection.binary_types.keys()
    )


def _is_renewed(connection: BaseDatabaseWrapper) -> bool:
    """Make the session as it was when it was opened: settings, role, locks, temporary tables, what was prepared."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("DISCARD ALL")
        connection.init_connection_state()
        connection_created.send(sender=type(connection), connection=connection)
        # It is looked at before it is used again: it may be long until then.
        connection.close_if_unusable_or_obsolete()
    except Exception as error:  # noqa: BLE001 (whatever it is, there are other connections)
        logger.debug("an operation's connection cannot be used again: %s", error)
        return False
    return True


def _close(connection: BaseDatabaseWrapper) -> None:
    with suppress(Exception):
        connection.close()
