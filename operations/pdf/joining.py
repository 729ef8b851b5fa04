"""Tables of pages become CSV files: one that goes on over pages becomes one, without its repeated header."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.pdf.cells import harmless, looks_like_a_number, plain_number
from operations.pdf.failures import Unconvertible
from operations.pdf.grid import Grid
from operations.pdf.options import Options

SAME_PLACE = 3.0
"""Points by which columns may be elsewhere on the next page."""


@dataclass(slots=True)
class Table:
    """A table that was written, and what of it must be known to go on with it."""

    path: Path
    header: tuple[str, ...] | None
    grid: Grid
    pages: list[int]
    rows: int = 0
    clean_rows: int = 0
    all_rows: int = 0

    def as_json(self) -> dict[str, Any]:
        """What the result tells of it."""
        return {
            "path": self.path.name,
            "pages": self.pages,
            "rows": self.rows,
            "columns": self.grid.width,
            "strategy": self.grid.strategy,
            "confidence": round(self.clean_rows / max(self.all_rows, 1), 3),
        }


@dataclass(slots=True)
class Tables:
    """All that were written to a folder, in the order of their beginnings."""

    folder: Path
    options: Options
    most: int
    written: list[Table] = field(default_factory=list)
    _open: list[Table] = field(default_factory=list)
    """Those of the last page, which may go on."""

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.written)

    def columns_of_last(self) -> Sequence[float] | None:
        """Those of the table that may go on without its header."""
        last = self._open[-1] if self._open and self.options.join != "none" else None
        return last.grid.columns if last and last.grid.strategy == "unruled" else None

    def add_page(self, number: int, grids: Iterable[Grid]) -> None:
        """Write what was found on the next page."""
        before, self._open = self._open, []
        for index, grid in enumerate(grids):
            self._add(number, grid, before, is_first=index == 0)

    def _add(self, number: int, grid: Grid, before: list[Table], *, is_first: bool) -> None:
        first = tuple(grid.rows[0])
        table = self._continued(first, grid, before, is_first=is_first)
        rows = grid.rows
        if table is None:
            table = self._begun(number, first, grid)
            rows = rows[1:] if self._has_header(first) else rows
        elif table.header == first:
            rows = rows[1:]
        self._write(table, rows)
        table.grid = grid
        table.clean_rows += grid.clean_rows
        table.all_rows += len(grid.rows)
        if number not in table.pages:
            table.pages.append(number)
        self._open.append(table)

    def _continued(
        self, first: tuple[str, ...], grid: Grid, before: list[Table], *, is_first: bool
    ) -> Table | None:
        """The table of the page before that goes on in this one."""
        if self.options.join == "none":
            return None
        for table in before:
            if table.header == first and table.grid.width == grid.width:
                before.remove(table)
                return table
        if is_first and before and _has_same_columns(before[-1].grid, grid) and self._is_data(first):
            return before.pop()
        return None

    def _is_data(self, first: tuple[str, ...]) -> bool:
        """Whether the first row on a page may be of a table that began before it."""
        return self.options.header != "auto" or any(map(looks_like_a_number, first))

    def _has_header(self, first: tuple[str, ...]) -> bool:
        match self.options.header:
            case "first_row":
                return True
            case "none":
                return False
        return any(first) and not any(map(looks_like_a_number, first))

    def _begun(self, number: int, first: tuple[str, ...], grid: Grid) -> Table:
        if len(self.written) >= self.most:
            raise Unconvertible(
                "too_many_tables",
                f"there are more than {self.most} tables: choose pages, or another strategy",
            )
        header = first if self._has_header(first) else None
        table = Table(self.folder / f"{len(self.written) + 1}.csv", header, grid, [number])
        self.written.append(table)
        names = self.options.header
        if not isinstance(names, str) and len(names) == grid.width:
            self._write(table, [names])
        elif header is not None:
            self._write(table, [header])
        table.rows = 0
        return table

    def _write(self, table: Table, rows: Sequence[Sequence[str]]) -> None:
        with table.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([self._text(cell) for cell in row] for row in rows)
        table.rows += len(rows)

    def _text(self, cell: str) -> str:
        text = cell.replace("\0", "").encode(errors="replace").decode()
        if self.options.decimal:
            text = plain_number(text, self.options.decimal)
        return harmless(text) if self.options.escape_formulas else text


def _has_same_columns(before: Grid, after: Grid) -> bool:
    return (
        before.width == after.width
        and before.strategy == after.strategy
        and all(abs(a - b) <= SAME_PLACE for a, b in zip(before.columns, after.columns, strict=True))
    )


def selected(tables: Sequence[Table], which: str | Sequence[int]) -> list[Table]:
    """Those that are asked for. Raises Unconvertible where one of them is not there."""
    if which == "all":
        return list(tables)
    if which == "largest":
        return [max(tables, key=lambda table: table.rows * table.grid.width)]
    missing = [number for number in which if isinstance(number, int) and number > len(tables)]
    if missing:
        raise Unconvertible("no_such_table", f"there is no table {missing[0]}: {len(tables)} were found")
    return [tables[number - 1] for number in which if isinstance(number, int)]
