"""The two kinds of targets, behind one function each."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from psycopg2 import sql

from operations.load.definition import Target
from operations.load.order import Loaded, Order, Tell
from operations.load.postgres import asking
from operations.load.postgres import loading as postgres
from operations.load.postgres.asking import Out
from operations.load.postgres.connecting import connected
from operations.load.redshift import asking as by_cursor
from operations.load.redshift import loading as redshift

Secret = Callable[[str], str]
"""Gives a secret by its name."""


def load_into(
    target: Target, order: Order, source: BinaryIO, size: int, tell: Tell, secret: Secret
) -> Loaded:
    """What came of the load. `source` has `size` bytes. Raises OperationError."""
    with connected(target, secret, "load_csv") as connection:
        if target.dialect == "redshift":
            return redshift.load(connection, target, order, source, size, tell)
        return postgres.load(connection, target, order, source, size, tell)


def ask(
    target: Target,
    query: str,
    values: Mapping[str, Any],
    delimiter: str,
    out: Out,
    tell: Callable[[int], None],
    secret: Secret,
) -> int:
    """How many rows a query gave; they are in `out`. `tell` gets how many bytes there are. Raises OperationError."""
    options = sql.SQL("FORMAT csv, HEADER, DELIMITER {}").format(sql.Literal(delimiter))
    with connected(target, secret, "query_to_csv") as connection:
        if target.dialect == "redshift":
            asked = target.queries[query]
            return by_cursor.ask(connection, asked, values, delimiter, out, target.timeout_seconds, tell)
        return asking.ask(
            connection, target.queries[query], values, options, out, target.timeout_seconds, tell
        )
