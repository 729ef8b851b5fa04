"""A query of the operator's, its rows as CSV: fetched by a cursor, as Redshift copies nothing to its client."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from psycopg2 import sql

from operations.load.definition import Query
from operations.load.failures import told
from operations.load.postgres.asking import Out, filled

FETCH = 1_000
"""The most that a cluster of one node lets fetch at once."""


def ask(
    connection: Any,
    query: Query,
    values: Mapping[str, Any],
    delimiter: str,
    out: Out,
    seconds: float,
    tell: Callable[[int], None],
) -> int:
    """How many rows there were. `tell` gets how many bytes were written so far; what it raises is raised."""
    with told(), connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(f"SET statement_timeout TO {int(seconds * 1000)}")
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(sql.SQL("DECLARE punctual_query CURSOR FOR {}").format(filled(query, values)))
        rows, size = 0, 0
        while True:
            cursor.execute(f"FETCH FORWARD {FETCH} FROM punctual_query")
            found = cursor.fetchall()
            text = io.StringIO()
            writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
            if not rows:
                writer.writerow([column[0] for column in cursor.description])
            writer.writerows(found)
            size += out.write(text.getvalue().encode())
            rows += len(found)
            tell(size)
            if len(found) < FETCH:
                connection.rollback()
                return rows
