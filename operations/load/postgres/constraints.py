"""Rows that break rules of the table: unique indexes, checks, foreign keys. Asked only once the server has refused."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg2 import Error, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.load.postgres import bad_rows
from operations.load.postgres.catalog import Unique, rows
from operations.load.postgres.staging import ROWS
from operations.load.postgres.writing import Writing, identifiers

RULES = """
SELECT c.conname, c.contype, pg_catalog.pg_get_expr(c.conbin, c.conrelid), n.nspname, r.relname,
    (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k(attnum, place)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum),
    (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY k(attnum, place)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum)
FROM pg_catalog.pg_constraint c
LEFT JOIN pg_catalog.pg_class r ON r.oid = c.confrelid LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
WHERE c.conrelid = %s AND (c.contype = 'c' OR c.contype = 'f' AND c.confrelid <> c.conrelid AND c.confmatchtype = 's')
ORDER BY c.conname
"""


class Rule(NamedTuple):
    """A check, or a foreign key on columns of another table."""

    name: str
    kind: str
    expression: str | None
    schema: str | None
    table: str | None
    columns: list[str] | None
    others: list[str] | None


def check_rules(connection: Connection, writing: Writing) -> None:
    """What is wrong goes to the bad rows. Rules of other kinds are left to `one_by_one`."""
    for statement in _statements(connection, writing):
        try:
            with connection.cursor() as cursor:
                cursor.execute(bad_rows.insert(statement))
                if cursor.rowcount:
                    bad_rows.take_out(connection)
        except Error as error:
            if error.pgcode is None or error.pgcode.startswith("57"):
                raise
            # A table that may not be read, an expression that fails: one by one, the server says so itself.


def _statements(connection: Connection, writing: Writing) -> Iterator[sql.Composable]:
    names = {column.name for column in writing.columns}
    for rule in [Rule(*row) for row in rows(connection, RULES, [writing.table.oid])]:
        if names.issuperset(rule.columns or ()):
            yield _check(writing, rule) if rule.kind == "c" else _foreign(writing, rule)
    for index in writing.table.unique:
        if names.issuperset(index.columns):
            yield from _unique(writing, index)


def typed(writing: Writing) -> sql.Composable:
    """The rows as the table would have them, with their lines as `punctual line`."""
    each = [
        sql.SQL("{} AS {}").format(writing.final(index), sql.Identifier(column.name))
        for index, column in enumerate(writing.columns)
    ]
    return sql.SQL('(SELECT line AS "punctual line", {} FROM {} OFFSET 0)').format(
        sql.SQL(", ").join(each), ROWS
    )


def _found(columns: Sequence[str], reason: sql.Composable) -> sql.Composable:
    """What a SELECT from `typed` as s tells of a row."""
    values = [sql.SQL("s.{}::text").format(sql.Identifier(name)) for name in columns]
    value = (
        sql.SQL("concat_ws(', ', {})").format(sql.SQL(", ").join(values)) if values else sql.SQL("NULL::text")
    )
    return sql.SQL('SELECT s."punctual line" AS line, {} AS column_name, {} AS value, {} AS reason').format(
        sql.Literal(", ".join(columns) or None), value, reason
    )


def _check(writing: Writing, rule: Rule) -> sql.Composable:
    relation = writing.order.table
    reason = f'new row for relation "{relation}" violates check constraint "{rule.name}"'
    return sql.SQL("{} FROM {} AS s WHERE NOT ({})").format(
        _found(rule.columns or (), sql.Literal(reason)), typed(writing), sql.SQL(rule.expression or "true")
    )


def _foreign(writing: Writing, rule: Rule) -> sql.Composable:
    relation = writing.order.table
    reason = (
        f'insert or update on table "{relation}" violates foreign key constraint "{rule.name}": '
        f'there is no such row in table "{rule.table}"'
    )
    columns, others = rule.columns or [], rule.others or []
    same = [
        sql.SQL("o.{} = s.{}").format(sql.Identifier(other), sql.Identifier(column))
        for column, other in zip(columns, others, strict=True)
    ]
    return sql.SQL("{} FROM {} AS s WHERE {} AND NOT EXISTS (SELECT FROM {} o WHERE {})").format(
        _found(columns, sql.Literal(reason)),
        typed(writing),
        _given(columns),
        sql.Identifier(rule.schema or "", rule.table or ""),
        sql.SQL(" AND ").join(same),
    )


def _given(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL(" AND ").join(
        [sql.SQL("s.{} IS NOT NULL").format(sql.Identifier(name)) for name in columns]
    )


def _unique(writing: Writing, index: Unique) -> Iterator[sql.Composable]:
    words = f'duplicate key value violates unique constraint "{index.name}": '
    is_key = set(index.columns) == set(writing.key)
    if not (is_key and writing.order.mode == "append_new"):  # where the first counts
        first = sql.SQL(
            'SELECT *, min("punctual line") OVER (PARTITION BY {}) AS "punctual first" FROM {} s WHERE {}'
        ).format(identifiers(index.columns), typed(writing), _given(index.columns))
        reason = sql.SQL("{} || {} || s.{}").format(
            sql.Literal(words), sql.Literal("the same as in line "), sql.Identifier("punctual first")
        )
        yield sql.SQL('{} FROM ({}) AS s WHERE "punctual line" <> "punctual first"').format(
            _found(index.columns, reason), first
        )
    if not is_key and writing.order.mode != "replace":
        yield sql.SQL("{} FROM {} AS s WHERE EXISTS (SELECT FROM {} t WHERE {}{}){}").format(
            _found(index.columns, sql.Literal(words + "the table has it already")),
            typed(writing),
            writing.name,
            _same(index.columns),
            _other_row(writing),
            _not_there(writing),
        )


def _same(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL(" AND ").join([sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in columns])


def _other_row(writing: Writing) -> sql.Composable:
    """A row that is updated may keep what it has."""
    return sql.SQL(" AND NOT ({})").format(_same(writing.key)) if writing.key else sql.SQL("")


def _not_there(writing: Writing) -> sql.Composable:
    """A row that is left out, for its key is there, breaks nothing."""
    if writing.order.mode != "append_new":
        return sql.SQL("")
    return sql.SQL(" AND NOT EXISTS (SELECT FROM {} t WHERE {})").format(writing.name, _same(writing.key))
