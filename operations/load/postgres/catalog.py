"""What a table is like, from the server's catalog."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.errors import permanent
from operations.load.order import Order
from values.wording import quoted

TABLE = """
SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p')
"""
# With -1, a type comes without its length: a cast to a length would cut silently what is too long.
COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, -1),
    a.attnotnull, NOT (a.atthasdef OR a.attidentity <> ''),
    format('%%s(%%%%L::cstring%%s)', t.typinput, CASE WHEN p.pronargs = 3 THEN format(', %%s, %%s',
        CASE WHEN t.typelem <> 0 THEN t.typelem ELSE t.oid END, a.atttypmod) END), t.typtype = 'd'
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_proc p ON p.oid = t.typinput
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
UNIQUE = """
SELECT i.indisprimary, ic.relname, array_agg(a.attname::text ORDER BY k.place)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indisprimary, ic.relname
ORDER BY i.indisprimary DESC, ic.relname
"""


class Column(NamedTuple):
    """A column: its type as declared, the type without its length, and whether a row must give it a value."""

    name: str
    declared: str
    type: str
    not_null: bool
    no_default: bool
    reader: str
    """The call of the server's that makes a value of a text, for `format`."""
    is_domain: bool

    @property
    def takes_any_text(self) -> bool:
        """Whether nothing in it can be wrong."""
        return self.declared in ("text", "character varying")


class Unique(NamedTuple):
    """A unique index on plain columns."""

    is_primary: bool
    name: str
    columns: list[str]


class Table(NamedTuple):
    """A table that can be loaded."""

    oid: int
    columns: dict[str, Column]
    unique: list[Unique]

    def primary_key(self) -> list[str]:
        """Its columns, or none."""
        return next((each.columns for each in self.unique if each.is_primary), [])


def find_table(connection: Connection, order: Order) -> Table | None:
    """The table, if it is there."""
    found = rows(connection, TABLE, [order.schema, order.table])
    if not found:
        return None
    oid = found[0][0]
    columns = [Column(*row) for row in rows(connection, COLUMNS, [oid])]
    unique = [Unique(*row) for row in rows(connection, UNIQUE, [oid])]
    return Table(oid, {column.name: column for column in columns}, unique)


def no_table(order: Order) -> Exception:
    """What to say where it is not."""
    name = quoted(f"{order.schema}.{order.table}")
    return permanent("no_such_table", f"the target has no table {name}; `dry_run` proposes one for this file")


def rows(connection: Connection, statement: Any, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
