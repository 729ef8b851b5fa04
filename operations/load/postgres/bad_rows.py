"""What is wrong with which row, in a temporary table, `punctual_bad`. Rows in it are taken out of the staging table."""

import json
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import groupby

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)
from psycopg2.extras import execute_values

from operations.load.order import MAX_SHOWN_BAD, MAX_SHOWN_CHARACTERS, Bad
from operations.load.postgres.catalog import rows

CREATE = "CREATE TEMPORARY TABLE punctual_bad (line bigint, column_name text, value text, reason text)"
RAGGED = (
    "INSERT INTO pg_temp.punctual_bad SELECT line, NULL, NULL, reason FROM pg_temp.punctual_rows "
    "WHERE reason IS NOT NULL"
)
TAKE_OUT = (
    "DELETE FROM pg_temp.punctual_rows r USING (SELECT DISTINCT line FROM pg_temp.punctual_bad) b "
    "WHERE r.line = b.line"
)
COUNT = "SELECT count(DISTINCT line) FROM pg_temp.punctual_bad"
FIRST = "SELECT line, column_name, value, reason FROM pg_temp.punctual_bad ORDER BY line, column_name, reason LIMIT %s"
ALL = "SELECT line, column_name, value, reason FROM pg_temp.punctual_bad ORDER BY line, column_name, reason"
MAX_PACKED_BYTES = 16 * 1024 * 1024
FETCH = 5_000


def begin(connection: Connection) -> None:
    """Those that are no rows at all."""
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
        cursor.execute(RAGGED)
        found = cursor.rowcount
    if found:
        take_out(connection)


def insert(select: sql.Composable) -> sql.Composable:
    """The statement for a SELECT of line, column_name, value and reason. Of the value, the beginning is kept."""
    return sql.SQL(
        "INSERT INTO pg_temp.punctual_bad SELECT line, column_name, left(value, {}), reason FROM ({}) AS found"
    ).format(sql.Literal(MAX_SHOWN_CHARACTERS), select)


def add(connection: Connection, bad: Sequence[Bad]) -> None:
    """Those that were found here."""
    with connection.cursor() as cursor:
        execute_values(cursor, "INSERT INTO pg_temp.punctual_bad VALUES %s", bad)


def take_out(connection: Connection) -> None:
    """What is left in the staging table are rows with nothing wrong so far."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OUT)


def count(connection: Connection) -> int:
    """Rows, not things that are wrong with them."""
    found: int = rows(connection, COUNT)[0][0]
    return found


def first(connection: Connection) -> list[Bad]:
    """The first things that are wrong, by line."""
    return [Bad(*row) for row in rows(connection, FIRST, [MAX_SHOWN_BAD])]


def packed(connection: Connection) -> bytes:
    """For each bad row its line and what is wrong with it, in little room. Empty: there is none, or too much of it."""
    squeeze = zlib.compressobj()
    parts: list[bytes] = []
    size = 0
    with closing(_by_line(connection)) as found:
        for line, reasons in found:
            part = squeeze.compress(json.dumps([line, reasons]).encode() + b"\n")
            size += len(part)
            parts.append(part)
            if size > MAX_PACKED_BYTES:
                return b""
    return b"".join([*parts, squeeze.flush()]) if parts else b""


def unpacked(data: bytes) -> Iterator[tuple[int, str]]:
    """What was packed, in order."""
    stretch = zlib.decompressobj()
    left = b""
    for start in range(0, len(data), 64 * 1024):
        *lines, left = (left + stretch.decompress(data[start : start + 64 * 1024])).split(b"\n")
        for each in lines:
            line, reasons = json.loads(each)
            yield line, reasons


def _by_line(connection: Connection) -> Generator[tuple[int, str]]:
    connection.autocommit = False  # for a cursor of the server's, which needs a transaction
    try:
        with connection.cursor("punctual_bad_rows") as cursor:
            cursor.itersize = FETCH
            cursor.execute(ALL)
            for line, found in groupby((Bad(*row) for row in cursor), lambda bad: bad.line):
                yield line, "; ".join(words(bad) for bad in found)
        connection.commit()
    finally:
        if not connection.closed:
            connection.rollback()
            connection.autocommit = True


def words(bad: Bad) -> str:
    """What is wrong, for people."""
    return f"{bad.column}: {bad.reason}" if bad.column else bad.reason
