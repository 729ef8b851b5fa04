"""A query of the operator's, its rows as CSV in a stream."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.load.definition import Query
from operations.load.failures import told
from operations.load.postgres.connecting import Deadline


class Out(Protocol):
    """What bytes are written to."""

    def write(self, data: Any, /) -> int:
        """How many bytes were written."""


def ask(
    connection: Connection,
    query: Query,
    values: Mapping[str, Any],
    copy_options: sql.Composable,
    out: Out,
    seconds: float,
    tell: Callable[[int], None],
) -> int:
    """How many rows there were. `tell` gets how many bytes were written so far; what it raises is raised."""
    stream = _Stream(out, tell)
    with told(), connection.cursor() as cursor:
        connection.set_session(readonly=True, autocommit=True)
        Deadline(seconds).hold(connection)
        copy = sql.SQL("COPY ({}) TO STDOUT ({})").format(filled(query, values), copy_options)
        try:
            cursor.copy_expert(copy, stream)
        except BaseException:
            if stream.error is not None:
                raise stream.error from None
            raise
        return cursor.rowcount


def filled(query: Query, values: Mapping[str, Any]) -> sql.Composable:
    """The statement with the values in their places, each as a literal. One that is not given is NULL."""
    given = {name: getattr(parameter, "default", None) for name, parameter in query.parameters.items()}
    literals = {name: sql.Literal(value) for name, value in {**given, **values}.items()}
    return sql.SQL(query.sql.strip().removesuffix(";")).format(**literals)


class _Stream:
    """What the driver writes to. What goes wrong is kept: the driver may replace it."""

    def __init__(self, out: Out, tell: Callable[[int], None]) -> None:
        self.error: BaseException | None = None
        self._out = out
        self._tell = tell
        self._size = 0

    def write(self, data: bytes) -> int:
        try:
            self._out.write(data)
            self._size += len(data)
            self._tell(self._size)
        except BaseException as error:
            self.error = error
            raise
        return len(data)
