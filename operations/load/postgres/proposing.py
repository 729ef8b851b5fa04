"""A table for a file that has none yet: each column has the narrowest type that takes all its values."""

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.load.order import Order
from operations.load.postgres.catalog import rows
from operations.load.postgres.checking import SOFT_ERRORS_SINCE
from operations.load.postgres.staging import ROWS, value_of

TYPES = ("bigint", "numeric", "boolean", "date", "timestamp with time zone", "uuid", "jsonb")


def create_table(connection: Connection, order: Order, names: Sequence[str]) -> str:
    """The statement. Before Postgres 16, which cannot tell, all is text."""
    types, needed = _looked_at(connection, order, names)
    columns = [
        sql.SQL("    {} {}{}").format(
            sql.Identifier(name), sql.SQL(type_), sql.SQL(" NOT NULL" if full else "")
        )
        for name, type_, full in zip(names, types, needed, strict=True)
    ]
    table = sql.Identifier(order.schema, order.table)
    statement = sql.SQL("CREATE TABLE {} (\n{}\n)").format(table, sql.SQL(",\n").join(columns))
    return statement.as_string(connection)


def _fits(value: sql.Composable, type_: str) -> sql.Composable:
    # An instant is a date to the server, which drops the time of day.
    condition = " AND {} !~ ':'" if type_ == "date" else ""
    fits = sql.SQL("bool_and(pg_catalog.pg_input_is_valid({}, {})").format(value, sql.Literal(type_))
    return fits + sql.SQL(condition + ")").format(*[value] if condition else [])


def _looked_at(
    connection: Connection, order: Order, names: Sequence[str]
) -> tuple[Sequence[str], Sequence[bool]]:
    types = TYPES if connection.server_version >= SOFT_ERRORS_SINCE else ()
    asked: list[sql.Composable] = [sql.SQL("count(*)")]
    for index in range(len(names)):
        value = value_of(index, order.null)
        asked.append(sql.SQL("count({})").format(value))
        asked += [_fits(value, each) for each in types]
    select = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(asked), ROWS)
    total, *answers = rows(connection, select)[0]
    step = 1 + len(types)
    each = [answers[start : start + step] for start in range(0, len(answers), step)]
    chosen = [
        next((type_ for type_, fits in zip(types, answer[1:], strict=True) if fits), "text")
        for answer in each
    ]
    return chosen, [total > 0 and answer[0] == total for answer in each]
