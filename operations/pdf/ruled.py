"""Tables whose cells have lines around them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from operations.pdf.grid import Box, Grid
from operations.pdf.words import Char, lines_of, middle_of, text_of, words_of_line

WITH_EDGES = 0.6
"""The share of rows of text that lines separate, from which a table counts as ruled."""
SHARED = 0.6
"""A height at which so many of a row's cells have text is a row of text."""
SAME_HEIGHT = 2.0
WIDE_GAP = 0.5

Lines = list[list[Char]]


@dataclass(frozen=True, slots=True)
class Ruled:
    """Cells with lines around them that hang together, and the text in them."""

    box: Box
    xs: Sequence[float]
    cells: Sequence[Sequence[Lines | None]]
    """By row and column: the lines of text; None where a cell to the left or above reaches there."""

    def is_table(self) -> bool:
        """Whether its lines separate its rows and columns, and do not only frame them."""
        if len(self.cells) < 2:  # a single row is a heading, or a frame
            return False
        if len(self.xs) == 1:
            lines = [line for row in self.cells for line in row[0] or ()]
            return sum(map(_has_gap, lines)) * 2 < max(len(lines), 1)
        return len(self.cells) >= WITH_EDGES * sum(_rows_of_text(row) for row in self.cells)

    def grid(self) -> Grid:
        """Its texts."""
        rows = [["" if lines is None else text_of(lines) for lines in row] for row in self.cells]
        kept = [index for index, row in enumerate(rows) if any(row)]
        merged = sum(lines is None for row in self.cells for lines in row)
        clean = sum(None not in self.cells[index] for index in kept)
        return Grid(self.box, [rows[index] for index in kept], "ruled", clean, self.xs, merged)


def find_ruled(tables: Iterable[Any], chars: Sequence[Char]) -> Iterator[Ruled]:
    """Those of pdfplumber's `tables` that have text in them."""
    for table in tables:
        found = _ruled(table.bbox, table.cells, chars)
        if any(lines for row in found.cells for lines in row):
            yield found


def _ruled(box: Box, cells: Sequence[Box], chars: Sequence[Char]) -> Ruled:
    xs, tops = _starts(cell[0] for cell in cells), _starts(cell[1] for cell in cells)
    owners: dict[tuple[int, int], int] = {}
    origins = []
    for number, (x0, top, x1, bottom) in enumerate(cells):
        columns, rows = _between(xs, x0, x1), _between(tops, top, bottom)
        origins.append((rows.start, columns.start))
        owners.update({(row, column): number for row in rows for column in columns})
    inside: list[list[Char]] = [[] for _ in cells]
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
            owner = owners.get((bisect_right(tops, y) - 1, bisect_right(xs, x) - 1))
            if owner is not None:
                inside[owner].append(char)
    grid: list[list[Lines | None]] = [
        [None if (row, column) in owners else [] for column in range(len(xs))] for row in range(len(tops))
    ]
    for (row, column), found in zip(origins, inside, strict=True):
        grid[row][column] = lines_of(found)
    return Ruled(box, xs, grid)


def _starts(values: Iterable[float]) -> list[float]:
    """The values without those that are almost the same."""
    ordered = sorted(set(values))
    return ordered[:1] + [value for before, value in pairwise(ordered) if value - before > 1]


def _between(starts: Sequence[float], low: float, high: float) -> range:
    first = bisect_right(starts, low + 1) - 1
    return range(max(first, 0), max(bisect_right(starts, high - 1), first + 1))


def _rows_of_text(row: Sequence[Lines | None]) -> int:
    """How many rows a row would be if each height at which most cells have text were one."""
    filled = [[middle_of(line) for line in lines] for lines in row if lines]
    if len(filled) < 2:  # nothing to be alike
        return 1
    heights = max(filled, key=len)
    shared = sum(
        sum(any(abs(each - height) <= SAME_HEIGHT for each in middles) for middles in filled)
        >= max(2, SHARED * len(filled))
        for height in heights
    )
    return max(shared, 1)


def _has_gap(line: Sequence[Char]) -> bool:
    words = words_of_line(line)
    return any(
        after.x0 - before.x1 > WIDE_GAP * (after.bottom - after.top) for before, after in pairwise(words)
    )
