"""What is found on one page, before all are read."""

from collections.abc import Sequence
from typing import Any, BinaryIO

from operations.pdf.failures import Unconvertible, raise_if_memory_ran_out
from operations.pdf.grid import Grid
from operations.pdf.opening import all_pages, opened, pages_of, upright
from operations.pdf.options import Limits, Options
from operations.pdf.reading import find_tables
from operations.pdf.words import Char, lines_of, words_of_line

MOST_ROWS = 20
MOST_WORDS = 2_000
MOST_CHARACTERS = 200
"""Of a cell."""


def look(file: BinaryIO, options: Options, limits: Limits) -> dict[str, Any]:
    """The first page that the options mean: its size, its tables and where its words are. Raises Unconvertible."""
    with opened(file) as pdf:
        number, page = pages_of(pdf, options.pages, limits.pages)[0]
        try:
            found = upright(pdf, number, page)
            tables = find_tables(found, options)
        except Exception as error:
            raise_if_memory_ran_out(error)
            raise Unconvertible("damaged", f"page {number} cannot be read: {type(error).__name__}") from error
        return {
            "page": number,
            "width": _rounded(found.width),
            "height": _rounded(found.height),
            "tables": [_table(grid) for grid in tables[: limits.tables]],
            "words": _words(found.chars),
            "images": len(found.images),
        }


def count(file: BinaryIO) -> dict[str, Any]:
    """How many pages there are. Raises Unconvertible."""
    with opened(file) as pdf:
        return {"pages": len(all_pages(pdf))}


def _table(grid: Grid) -> dict[str, Any]:
    return {
        "box": [_rounded(each) for each in grid.box],
        "strategy": grid.strategy,
        "rows": len(grid.rows),
        "columns": grid.width,
        "confidence": round(grid.clean_rows / len(grid.rows), 3),
        "first_rows": [[cell[:MOST_CHARACTERS] for cell in row] for row in grid.rows[:MOST_ROWS]],
    }


def _words(chars: Sequence[Char]) -> list[list[float]]:
    words = (word for line in lines_of(chars) for word in words_of_line(line))
    boxes = [[word.x0, word.top, word.x1, word.bottom] for word in words]
    return [[_rounded(each) for each in box] for box in boxes[:MOST_WORDS]]


def _rounded(points: float) -> float:
    return round(float(points), 1)
