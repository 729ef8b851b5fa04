"""A table as it was found on a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points from the top left of the page."""
Strategy = Literal["ruled", "unruled"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Its texts by row and column. `clean_rows`: how many rows fit the columns, with nothing merged or across.

    `columns`: where the columns begin, or the borders between them: alike for a table that goes on on the next page.
    """

    box: Box
    rows: Sequence[Sequence[str]]
    strategy: Strategy
    clean_rows: int
    columns: Sequence[float]
    merged: int = 0

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.rows[0])

    def turned(self) -> "Grid":
        """The same with its columns from right to left."""
        rows = [list(reversed(row)) for row in self.rows]
        return Grid(self.box, rows, self.strategy, self.clean_rows, self.columns, self.merged)


def contains(box: Box, x: float, y: float) -> bool:
    """Whether a point is in a box."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
