"""Values that their columns do not take, in the server's own words."""

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.load.postgres import bad_rows
from operations.load.postgres.catalog import Column
from operations.load.postgres.staging import ROWS, value_of

SOFT_ERRORS_SINCE = 160_000
# For servers before 16, which cannot tell what is wrong with a value without failing.
REASON_FUNCTION = """
CREATE OR REPLACE FUNCTION pg_temp.punctual_reason(value text, reader text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    END IF;
    -- By the type's own function; a cast of a text would cut what is too long.
    EXECUTE 'SELECT ' || format(reader, value);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN message || CASE WHEN detail <> '' THEN ': ' || detail ELSE '' END;
END
$$
"""
NOT_NULL = 'null value in column "{}" violates not-null constraint'


def check_values(connection: Connection, columns: Sequence[Column], null: Sequence[str]) -> None:
    """What is wrong goes to the bad rows, all of it."""
    typed = [(index, column) for index, column in enumerate(columns) if not column.takes_any_text]
    needed = [(index, column) for index, column in enumerate(columns) if column.not_null]
    soft = connection.server_version >= SOFT_ERRORS_SINCE
    with connection.cursor() as cursor:
        found = 0
        if typed:
            if not soft:
                cursor.execute(REASON_FUNCTION)
            cursor.execute(bad_rows.insert(_soft(typed, null) if soft else _caught(typed, null)))
            found += cursor.rowcount
        if needed:
            cursor.execute(bad_rows.insert(_empty(needed, null)))
            found += cursor.rowcount
    if found:
        bad_rows.take_out(connection)


def _soft(typed: Sequence[tuple[int, Column]], null: Sequence[str]) -> sql.Composable:
    valid = [
        sql.SQL("pg_catalog.pg_input_is_valid({}, {})").format(
            value_of(index, null), sql.Literal(column.declared)
        )
        for index, column in typed
    ]
    return sql.SQL(
        "SELECT s.line, v.name AS column_name, v.value, "
        "e.message || coalesce(': ' || nullif(e.detail, ''), '') AS reason "
        "FROM {rows} s CROSS JOIN LATERAL (VALUES {values}) v(name, value, type, reader) "
        "CROSS JOIN LATERAL pg_catalog.pg_input_error_info(v.value, v.type) e "
        "WHERE NOT ({valid}) AND e.message IS NOT NULL"
    ).format(rows=ROWS, values=_values(typed, null), valid=sql.SQL(" AND ").join(valid))


def _caught(typed: Sequence[tuple[int, Column]], null: Sequence[str]) -> sql.Composable:
    return sql.SQL(
        "SELECT * FROM (SELECT s.line, v.name AS column_name, v.value, "
        "pg_temp.punctual_reason(v.value, v.reader) AS reason "
        "FROM {rows} s CROSS JOIN LATERAL (VALUES {values}) v(name, value, type, reader)) looked "
        "WHERE reason IS NOT NULL"
    ).format(rows=ROWS, values=_values(typed, null))


def _values(columns: Sequence[tuple[int, Column]], null: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(
        [
            sql.SQL("({}, {}, {}, {})").format(
                sql.Literal(column.name),
                value_of(index, null),
                sql.Literal(column.declared),
                sql.Literal(column.reader),
            )
            for index, column in columns
        ]
    )


def _empty(needed: Sequence[tuple[int, Column]], null: Sequence[str]) -> sql.Composable:
    each = [
        sql.SQL(
            "SELECT line, {}::text AS column_name, NULL::text AS value, {}::text AS reason FROM {} WHERE {} IS NULL"
        ).format(
            sql.Literal(column.name), sql.Literal(NOT_NULL.format(column.name)), ROWS, value_of(index, null)
        )
        for index, column in needed
    ]
    return sql.SQL(" UNION ALL ").join(each)
