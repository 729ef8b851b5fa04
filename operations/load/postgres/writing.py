"""The four modes: from the staging table into the table, within a transaction that somebody else ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.errors import permanent
from operations.load.order import Counts, Order
from operations.load.postgres.catalog import Column, Table
from operations.load.postgres.staging import ROWS, value_of
from values.wording import quoted

UPSERT = (
    "WITH done AS (INSERT INTO {table} AS t ({names}) SELECT {values} FROM {rows} WHERE true "
    "ON CONFLICT ({key}) {action} RETURNING (t.xmax = 0) AS is_new) "
    "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM done"
)


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written: `columns` of `table`, in the order of the staging table. `key`: what makes rows the same."""

    order: Order
    table: Table
    columns: Sequence[Column]
    key: Sequence[str]
    replace_by: str

    @property
    def name(self) -> sql.Composable:
        """The table, quoted."""
        return sql.Identifier(self.order.schema, self.order.table)

    def value(self, index: int) -> sql.Composable:
        """A cell as a value of its column's type. Its length is left to the assignment, which refuses to cut."""
        text, column = value_of(index, self.order.null), self.columns[index]
        return text if column.takes_any_text else sql.SQL("({})::{}").format(text, sql.SQL(column.type))

    def final(self, index: int) -> sql.Composable:
        """A cell as the table would have it. Only of values that were checked: this cast would cut them."""
        text, column = value_of(index, self.order.null), self.columns[index]
        return sql.SQL("({})::{}").format(text, sql.SQL(column.declared))

    def values(self) -> sql.Composable:
        """All of a row."""
        return sql.SQL(", ").join([self.value(index) for index in range(len(self.columns))])

    def names(self) -> sql.Composable:
        """All columns."""
        return identifiers([column.name for column in self.columns])


def identifiers(names: Sequence[str]) -> sql.Composable:
    """Names, quoted."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def planned(order: Order, table: Table, names: Sequence[str], replace_by: str) -> Writing:
    """Raises OperationError, for good, for columns that the table has not, or needs, and for a key that is none."""
    columns = [table.columns[name] for name in names]
    for column in table.columns.values():
        if column.not_null and column.no_default and column.name not in names:
            detail = f"the column {quoted(column.name)} of the table must have a value, and the file has none for it"
            raise permanent("wrong_header", detail)
    key = list(order.key) or table.primary_key() if order.mode in ("append_new", "upsert") else []
    if order.mode in ("append_new", "upsert"):
        _check_key(order, table, names, key)
    return Writing(order, table, columns, key, replace_by)


def _check_key(order: Order, table: Table, names: Sequence[str], key: Sequence[str]) -> None:
    if not key:
        raise permanent("no_unique_key", f"{order.mode} needs a `key`, for the table has no primary key")
    if not any(set(each.columns) == set(key) for each in table.unique):
        listed = ", ".join(key)
        raise permanent(
            "no_unique_key",
            f"{order.mode} needs a unique index on just the columns of `key` ({listed}), and the table has none",
        )
    for name in key:
        if name not in names:
            raise permanent(
                "wrong_header", f"the file has nothing for {quoted(name)}, which is part of the key"
            )


def write(connection: Connection, writing: Writing, counts: Counts) -> None:
    """All rows of the staging table. Rules that would be looked at in the end of the transaction are looked at now."""
    with connection.cursor() as cursor:
        if writing.order.mode == "replace":
            counts.deleted = clear(connection, writing)
        if writing.key:
            cursor.execute(_by_key(writing))
            counts.written, counts.updated = cursor.fetchone() or (0, 0)
        else:
            cursor.execute(insertion(writing))
            counts.written = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def clear(connection: Connection, writing: Writing) -> int:
    """The table is empty afterwards. How many rows it had."""
    with connection.cursor() as cursor:
        if writing.replace_by == "delete":
            cursor.execute(sql.SQL("DELETE FROM {}").format(writing.name))
            return cursor.rowcount
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(writing.name))
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(writing.name))
        had: int = (cursor.fetchone() or (0,))[0]
        cursor.execute(sql.SQL("TRUNCATE {}").format(writing.name))
        return had


def insertion(writing: Writing, condition: sql.Composable | None = None) -> sql.Composable:
    """The statement for rows as they are, or those for which a condition is true."""
    return sql.SQL(
        "INSERT INTO {table} AS t ({names}) SELECT {values} FROM {rows} WHERE {condition}{conflict}"
    ).format(
        table=writing.name,
        names=writing.names(),
        values=writing.values(),
        rows=ROWS,
        condition=condition or sql.SQL("true"),
        conflict=_conflict(writing) if writing.key else sql.SQL(""),
    )


def _conflict(writing: Writing) -> sql.Composable:
    return sql.SQL(" ON CONFLICT ({}) {}").format(identifiers(writing.key), _action(writing))


def _by_key(writing: Writing) -> sql.Composable:
    return sql.SQL(UPSERT).format(
        table=writing.name,
        names=writing.names(),
        values=writing.values(),
        rows=ROWS,
        key=identifiers(writing.key),
        action=_action(writing),
    )


def _action(writing: Writing) -> sql.Composable:
    others = [column.name for column in writing.columns if column.name not in writing.key]
    if writing.order.mode == "append_new" or not others:
        return sql.SQL("DO NOTHING")
    sets = [sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in others]
    # Compared as text: some types, as json, have no equality.
    plain = [
        sql.SQL("{table}.{name}::text IS DISTINCT FROM EXCLUDED.{name}::text").format(
            table=sql.Identifier("t"), name=sql.Identifier(name)
        )
        for name in others
    ]
    return sql.SQL("DO UPDATE SET {} WHERE {}").format(sql.SQL(", ").join(sets), sql.SQL(" OR ").join(plain))
