"""The rows of a CSV file as Python's csv module reads them, each with the line on which it begins. Pure."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from operations.load.text import MAX_LINE, Lines


def _delimiter(text: str) -> str:
    if len(text) != 1 or not text.isascii() or text in '\0\r\n"':
        raise ValueError("must be one ASCII character that is no quotation mark, end of a line or NUL")
    return text


def _quote(text: str) -> str:
    if len(text) != 1 or not text.isascii() or text in "\0\r\n \t":
        raise ValueError("must be one ASCII character that is neither white space nor NUL")
    return text


Delimiter = Annotated[str, AfterValidator(_delimiter)]
Quote = Annotated[str, AfterValidator(_quote)]
BLOCK = 2_000
NUL = "has a NUL character, which no text of a database can hold"


class Form(NamedTuple):
    """How cells are written. Without a `quote`, a quotation mark is a character like others."""

    delimiter: str = ","
    quote: str | None = '"'


Row = tuple[int, list[str], str | None]
"""The line on which it begins, its cells, and why it is none, if it is none."""


@contextmanager
def large_fields() -> Iterator[None]:
    """Cells may be as long as lines within; the limit holds for a whole process, so it is put back."""
    before = csv.field_size_limit(MAX_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


class Rows:
    """All rows of a file, with the header. Empty lines are none.

    Lines are taken in blocks: whoever sees that a block needs no parser can do without.
    """

    def __init__(self, lines: Lines, form: Form) -> None:
        self.form = form
        self.line = 1
        """The number of the next line."""
        self._lines = lines
        self._rest = iter(lines)

    def __iter__(self) -> Iterator[Row]:
        while block := self.take(BLOCK):
            yield from self.parse(block)

    def first(self) -> Row | None:
        """The first row, if there is any."""
        while block := self.take(1):
            for row in self.parse(block):
                return row
        return None

    def take(self, count: int) -> list[str]:
        """The next lines: at most so many, none at the end."""
        self._lines.nul = False
        return list(islice(self._rest, count))

    @property
    def has_nul(self) -> bool:
        """Whether there is a NUL character in the block that was taken last."""
        return self._lines.nul

    def skip(self, block: Sequence[str]) -> None:
        """Somebody has made rows of this block without `parse`."""
        self.line += len(block)

    def parse(self, block: Sequence[str]) -> Iterator[Row]:
        """The rows that begin in a block. The last one may go on behind it."""
        used = 0

        def lines() -> Iterator[str]:
            nonlocal used
            for line in block:
                used += 1
                yield line
            for line in self._rest:  # not `yield from`, which would end it with this one
                yield line

        reader = csv.reader(
            lines(),
            delimiter=self.form.delimiter,
            quotechar=self.form.quote,
            quoting=csv.QUOTE_NONE if self.form.quote is None else csv.QUOTE_MINIMAL,
            strict=True,
        )
        start = self.line
        while used < len(block):
            line = start + reader.line_num
            reason = None
            try:
                cells = next(reader)
            except csv.Error as error:
                cells, reason = [], str(error)
            self.line = start + reader.line_num
            if self._lines.nul and any("\0" in cell for cell in cells):
                reason = NUL
            if cells or reason:
                yield line, cells, reason
