"""Django's Postgres, with limits, and with a memory of what may have been committed."""

from collections.abc import Callable
from math import inf
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

from tasks_api.postgres.idle import is_quiet
from tasks_api.postgres.instants import bound_instants
from tasks_api.postgres.limits import Limits
from tasks_api.postgres.prepared import LONGEST_SECONDS, Kept, Prepared

Result = TypeVar("Result")

ALONG_INDEXES_SQL = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off"
READS = ("SELECT", "SAVEPOINT", "SET", "EXPLAIN")


class DatabaseWrapper(base.DatabaseWrapper):
    """A thread's connection.

    `may_have_committed`: whether anything may have been changed for good since somebody set it to False.
    """

    process_limits: ClassVar[Limits | None] = None
    """Of every connection of this process that has none of its own. None: there are none, as where operations run."""

    health_check_done: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits: Limits | None = None
        self.may_have_committed = False
        self.kept = Kept()

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with the limits in front of what DATABASE_URL says, which therefore goes before them."""
        parameters: dict[str, Any] = super().get_connection_params()
        limits = self._limits()
        if limits is not None:
            parameters["options"] = f"{limits.options} {parameters.get('options', '')}".strip()
        return parameters

    def _limits(self) -> Limits | None:
        return self.limits or type(self).process_limits

    def init_connection_state(self) -> None:
        """Django's, of a session that is new, or as good as new: nothing is prepared in it."""
        super().init_connection_state()
        self.kept.forget()
        bound_instants(self.connection)
        if self._is_along_indexes():
            with self.connection.cursor() as cursor:  # PgBouncer would not pass it on with the limits
                cursor.execute(ALONG_INDEXES_SQL)

    def _is_along_indexes(self) -> bool:
        limits = self._limits()
        return limits is not None and limits.along_indexes

    def text(self, statement: Prepared) -> str:
        """What is to be sent of a statement that is meant to be prepared."""
        if not self.prepares:
            return statement
        return self.kept.text(statement, inf if self._is_along_indexes() else LONGEST_SECONDS)

    @property
    def prepares(self) -> bool:
        """Whether the statements that are meant for it are prepared."""
        limits = self._limits()
        return limits is not None and limits.prepares and settings.PREPARE_STATEMENTS

    def close_if_health_check_failed(self) -> None:
        """Django's, but the server is asked only where it has said something unasked."""
        if self.connection is not None and not self.health_check_done:
            self.health_check_done = is_quiet(self.connection)
        super().close_if_health_check_failed()

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """Django's, but what it does is noted."""
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        """The same, for Django's record of queries."""
        return DebugCursor(cursor, self)

    def noting(self, commit: Callable[[], Result]) -> Result:
        """Do what commits. Only an error of a server that is still there tells that it did not."""
        before, self.may_have_committed = self.may_have_committed, True
        try:
            return commit()
        except DatabaseError:
            if not self.is_lost():
                self.may_have_committed = before
            raise

    def is_lost(self) -> bool:
        """Whether there was a connection, and it broke."""
        return self.connection is not None and bool(self.connection.closed)

    def _commit(self) -> None:
        self.noting(super()._commit)  # type: ignore[misc]


class _Noting:
    """Of a cursor: what it runs outside of a transaction is committed with it."""

    db: DatabaseWrapper

    def _execute(self, sql: Any, *parameters: Any) -> Any:
        execute = super()._execute  # type: ignore[misc]
        is_read = isinstance(sql, str) and sql.lstrip()[:9].upper().startswith(READS)
        if isinstance(sql, Prepared):
            sql = self.db.text(sql)
        try:
            if self.db.in_atomic_block or is_read:
                return execute(sql, *parameters)
            return self.db.noting(lambda: execute(sql, *parameters))
        except DatabaseError as error:
            self.db.kept.forget()
            # However the driver calls it, as for one that was idle in a transaction for too long.
            if self.db.is_lost() and not isinstance(error, OperationalError):
                raise OperationalError(*error.args) from error
            raise


class Cursor(_Noting, CursorWrapper):
    """The usual one."""


class DebugCursor(_Noting, base.CursorDebugWrapper):
    """The one that keeps a record of queries."""
