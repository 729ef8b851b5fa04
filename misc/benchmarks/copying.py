"""Writing millions of rows by COPY. Each is one that the service itself has written, but for some columns."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from tasks_api.database import execute, fetch_all

NULL = r"\N"
LINES_AT_ONCE = 2_000
SORTING_MEMORY = "512MB"
INDEXES_SQL = """
SELECT indexname, indexdef FROM pg_indexes
 WHERE tablename = %s AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)
"""


def pattern_of(row: Model, changed: Sequence[str]) -> str:
    """A row as a line of COPY, in which the columns that are changed stand as `%(name)s`. The row itself is deleted."""
    table = row._meta.db_table  # noqa: SLF001 (public)
    with connection.cursor() as cursor:
        line = io.StringIO()
        cursor.cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE id = '{row.pk}') TO STDOUT", line)  # noqa: S608 (an id)
        cursor.execute(f"SELECT * FROM {table} WHERE false")  # noqa: S608 (the name of a table)
        columns = [column.name for column in cursor.description or ()]
    values = line.getvalue().rstrip("\n").replace("%", "%%").split("\t")
    row.delete()
    texts = [f"%({name})s" if name in changed else value for name, value in zip(columns, values, strict=True)]
    return "\t".join(texts) + "\n"


def copy_in(table: str, lines: Iterable[str], columns: Sequence[str] = ()) -> None:
    """Write lines into a table, whose indexes are made anew after that."""
    with transaction.atomic():
        indexes = fetch_all(INDEXES_SQL, [table, table])
        for name, _ in indexes:
            execute(f"DROP INDEX {name}", None)
        named = f"({', '.join(columns)})" if columns else ""
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(f"COPY {table} {named} FROM STDIN", _File(lines), size=1)
        execute("SET CONSTRAINTS ALL IMMEDIATE", None)
        execute(f"SET LOCAL maintenance_work_mem = '{SORTING_MEMORY}'", None)
        for _, definition in indexes:
            execute(definition, None)
    execute(f"VACUUM (FREEZE, ANALYZE) {table}", None)


def uuid7(milliseconds: int, number: int) -> str:
    """An id of a moment since 1970, as `uuidv7()` makes them; not at random, but one for each number."""
    mixed = number * 0x9E3779B97F4A7C15 & (1 << 62) - 1
    return f"{milliseconds << 80 | 7 << 76 | 2 << 62 | mixed:032x}"


class _File:
    """What COPY reads from: some lines at a time, whatever it asks for."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: Iterator[str] = iter(lines)

    def read(self, _: Any = None) -> bytes:
        return "".join(islice(self._lines, LINES_AT_ONCE)).encode()
