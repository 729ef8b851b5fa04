"""The rows of a file as text in a temporary table, `punctual_rows`: line, what is wrong with it, a column per cell."""

import csv
import io
from collections.abc import Callable, Sequence

from psycopg2 import Error, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.load.columns import Placing
from operations.load.rows import BLOCK, Row, Rows

ROWS = sql.SQL("pg_temp.punctual_rows")
READ_SIZE = 256 * 1024


def cell(index: int) -> sql.Identifier:
    """The column of the staging table for a column of the placing."""
    return sql.Identifier(f"c{index}")


def stage(connection: Connection, rows: Rows, placing: Placing, tell: Callable[[int], None]) -> int:
    """How many rows there were. `tell` gets how many there are so far, from time to time; what it raises is raised."""
    cells = [cell(index) for index in range(len(placing.names))]
    columns = sql.SQL(", ").join([sql.SQL("{} text").format(each) for each in cells])
    feed = Feed(rows, placing, tell)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE punctual_rows (line bigint, reason text, {})").format(columns)
        )
        copy = sql.SQL("COPY pg_temp.punctual_rows FROM STDIN (FORMAT csv, DELIMITER {})")
        try:
            cursor.copy_expert(copy.format(sql.Literal(rows.form.delimiter)), feed, size=READ_SIZE)
        except Error:
            if feed.error is not None:
                raise feed.error from None
            raise
    return feed.count


class Feed:
    """The rows as the server reads them. What goes wrong while they are read is kept: the driver replaces it."""

    def __init__(self, rows: Rows, placing: Placing, tell: Callable[[int], None]) -> None:
        self.count = 0
        self.error: BaseException | None = None
        self._rows = rows
        self._placing = placing
        self._pick = placing.picker()
        self._nothing = [""] * len(placing.names)
        self._tell = tell
        self._left = b""
        self._ended = False
        delimiter = rows.form.delimiter
        # The number of a line must not hold it.
        self._may_copy = not delimiter.isdigit() and list(placing.indexes) == list(range(placing.width))

    def readline(self, _size: int = -1, /) -> bytes:
        """The driver asks whether there is one, and calls it never."""
        raise NotImplementedError

    def read(self, size: int = READ_SIZE, /) -> bytes:
        """At most `size` bytes, none at the end."""
        if not self._left:
            try:
                while not self._left and not self._ended:
                    self._left = self._block()
            except BaseException as error:
                self.error = error
                raise
        part, self._left = self._left[:size], self._left[size:]
        return part

    def _block(self) -> bytes:
        block = self._rows.take(BLOCK)
        self._ended = not block
        text = self._copied(block) if self._may_copy else None
        if text is None:
            text = self._parsed(block)
        self._tell(self.count)
        return text.encode()

    def _copied(self, block: Sequence[str]) -> str | None:
        """A block in which each line is a row as it stands, as most are. None: that has to be looked at closer."""
        text = "".join(block)
        if self._rows.has_nul or '"' in text or (self._rows.form.quote or '"') in text:
            return None
        delimiter, between = self._rows.form.delimiter, self._placing.width - 1
        lines = [line.rstrip("\r\n") for line in block]
        if not all(lines) or {line.count(delimiter) for line in lines} != {between}:
            return None
        start = f"{delimiter}{delimiter}"
        self.count += len(lines)
        numbered = [f"{number}{start}{line}\r\n" for number, line in enumerate(lines, self._rows.line)]
        self._rows.skip(block)
        return "".join(numbered)

    def _parsed(self, block: Sequence[str]) -> str:
        rows = list(self._rows.parse(block))
        self.count += len(rows)
        text = io.StringIO()
        # With \r\n, the writer quotes both; the server takes neither within a cell without.
        writer = csv.writer(text, delimiter=self._rows.form.delimiter, lineterminator="\r\n")
        writer.writerows(map(self._staged, rows))
        return text.getvalue()

    def _staged(self, row: Row) -> Sequence[object]:
        line, cells, reason = row
        if reason is None:
            if len(cells) == self._placing.width:
                return (line, "", *self._pick(cells))
            reason = self._placing.reason(cells)
        return (line, reason, *self._nothing)


def value_of(index: int, null: Sequence[str]) -> sql.Composable:
    """The text of a cell, or NULL if it stands for that. An empty cell is NULL in the staging table."""
    found: sql.Composable = cell(index)
    others = [text for text in null if text]
    if "" not in null:
        found = sql.SQL("coalesce({}, '')").format(found)
    if others:
        listed = sql.SQL(", ").join(map(sql.Literal, others))
        found = sql.SQL("CASE WHEN {value} IN ({listed}) THEN NULL ELSE {value} END").format(
            value=found, listed=listed
        )
    return found
