"""A database whose clock stands where a test puts it: the product's own statements, at any time.

Every statement of ours asks the database what time it is, by a function. While a clock is moved, a schema with
functions of the same names stands before Postgres' own in each connection's search path.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg2 import sql

FUNCTIONS = ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now")

CREATE_SQL = """
DROP SCHEMA IF EXISTS moved CASCADE;
CREATE SCHEMA moved;
CREATE TABLE moved.clock (at timestamptz NOT NULL);
INSERT INTO moved.clock VALUES (pg_catalog.clock_timestamp());
"""
CREATE_FUNCTION_SQL = (
    "CREATE FUNCTION {} () RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM moved.clock'"
)


class Clock:
    """The database's clock. It stands still until it is put forward."""

    def now(self) -> datetime:
        """Where it stands."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT at FROM moved.clock")
            moment: datetime = cursor.fetchone()[0]
            return moment

    def set(self, moment: datetime) -> None:
        """Put it to a moment."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE moved.clock SET at = %s", [moment])

    def advance(self, by: timedelta) -> datetime:
        """Put it forward. Where it stands then."""
        moment = self.now() + by
        self.set(moment)
        return moment


def _use(connection: BaseDatabaseWrapper, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = moved, public, pg_catalog")


@contextmanager
def moved_clock(start: datetime) -> Iterator[Clock]:
    """A clock that stands at `start`, for this connection and all that are opened meanwhile.

    Within a transaction, for this connection alone: others do not see it.
    """
    with connection.cursor() as cursor:
        cursor.execute(CREATE_SQL)
        for name in FUNCTIONS:
            cursor.execute(sql.SQL(CREATE_FUNCTION_SQL).format(sql.Identifier("moved", name)))
    connection_created.connect(_use)
    _use(connection)
    clock = Clock()
    clock.set(start)
    try:
        yield clock
    finally:
        connection_created.disconnect(_use)
        with connection.cursor() as cursor:
            cursor.execute("RESET search_path")
            cursor.execute("DROP SCHEMA moved CASCADE")
