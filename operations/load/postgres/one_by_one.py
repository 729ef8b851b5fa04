"""Rows that the server refuses for reasons of which only it knows: triggers, exclusions, policies, partitions.

The rows are halved until each that is refused stands alone. Nothing of it is kept.
"""

from psycopg2 import Error, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.load.failures import in_its_words
from operations.load.order import Bad
from operations.load.postgres import bad_rows
from operations.load.postgres.catalog import rows
from operations.load.postgres.writing import Writing, clear, insertion

MOST = 1_000
"""With more of them, something is wrong with the file or the table, and not with rows."""


def is_about_rows(error: Error) -> bool:
    """Whether other rows might be taken: what they hold, or a rule for them, or what a trigger says."""
    code = error.pgcode or ""
    return code.startswith(("22", "23", "44", "P0")) or code == "21000" or _is_row_security(error)


def _is_row_security(error: Error) -> bool:
    """What else one may not do has the same code."""
    return error.pgcode == "42501" and "row-level security" in (error.diag.message_primary or "")


def check_one_by_one(connection: Connection, writing: Writing) -> bool:
    """What is refused goes to the bad rows. False: there may be more of them."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX IF NOT EXISTS punctual_rows_line ON pg_temp.punctual_rows (line)")
    least, most = rows(connection, "SELECT min(line), max(line) FROM pg_temp.punctual_rows")[0]
    found: list[Bad] = []
    if least is not None:
        connection.autocommit = False
        try:
            if writing.order.mode == "replace":
                clear(connection, writing)
            _halve(connection, writing, least, most, found)
        finally:
            if not connection.closed:
                connection.rollback()
                connection.autocommit = True
    if found:
        bad_rows.add(connection, found)
        bad_rows.take_out(connection)
    return len(found) < MOST


def _halve(connection: Connection, writing: Writing, least: int, most: int, found: list[Bad]) -> None:
    """The rows from line `least` to line `most`."""
    if len(found) >= MOST:
        return
    error = _refusal(connection, writing, least, most)
    if error is None:
        return
    if least == most:
        found.append(Bad(least, error.diag.column_name, None, in_its_words(error)))
        return
    middle = (least + most) // 2
    _halve(connection, writing, least, middle, found)
    _halve(connection, writing, middle + 1, most, found)


def _refusal(connection: Connection, writing: Writing, least: int, most: int) -> Error | None:
    """What the server says to these rows, which stay if it takes them."""
    between = sql.SQL("line BETWEEN {} AND {}").format(sql.Literal(least), sql.Literal(most))
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT punctual_some")
        try:
            cursor.execute(insertion(writing, between))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except Error as error:
            if not is_about_rows(error):
                raise
            cursor.execute("ROLLBACK TO SAVEPOINT punctual_some; RELEASE SAVEPOINT punctual_some")
            return error
        cursor.execute("RELEASE SAVEPOINT punctual_some")
    return None
