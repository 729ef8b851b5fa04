"""The tables of one file, page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from pdfminer.pdfpage import PDFPage
from pdfplumber.page import Page
from pdfplumber.pdf import PDF

from operations.pdf.failures import Unconvertible, raise_if_memory_ran_out
from operations.pdf.grid import Grid, contains
from operations.pdf.joining import Tables, selected
from operations.pdf.opening import opened, pages_of, upright
from operations.pdf.options import Limits, Options
from operations.pdf.right_to_left import is_right_to_left
from operations.pdf.ruled import Ruled, find_ruled
from operations.pdf.unruled import find_unruled
from operations.pdf.words import Char

MOST_WARNINGS = 100
LOW_CONFIDENCE = 0.9

Tell = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Seen:
    """What there is on the pages, for whoever finds no tables there."""

    characters: int = 0
    images: int = 0
    lines: int = 0
    unreadable: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def warn(self, page: int, code: str, detail: str) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append({"page": page, "code": code, "detail": detail})


def convert(file: BinaryIO, options: Options, limits: Limits, folder: Path, tell: Tell) -> dict[str, Any]:
    """Write the tables to `folder`, tell of each page, and return what the result says. Raises Unconvertible."""
    tables, seen = Tables(folder, options, limits.tables), Seen()
    with opened(file) as pdf:
        pages = pages_of(pdf, options.pages, limits.pages)
        for done, (number, page) in enumerate(pages, 1):
            tables.add_page(number, _read_page(pdf, number, page, options, tables.columns_of_last(), seen))
            tell({"page": number, "done": done, "of": len(pages), "rows": tables.rows})
    if not tables.written:
        raise _nothing(seen, len(pages))
    wanted = selected(tables.written, options.tables)
    _warn_of_headers(seen, options, wanted)
    return {
        "files": [table.as_json() for table in wanted],
        "pages": len(pages),
        "rows": sum(table.rows for table in wanted),
        "warnings": seen.warnings,
    }


def _read_page(
    pdf: PDF, number: int, page: PDFPage, options: Options, known: Sequence[float] | None, seen: Seen
) -> list[Grid]:
    """The tables of a page. One that cannot be read is passed over with a warning."""
    found: Page | None = None
    try:
        found = upright(pdf, number, page)
        grids = find_tables(found, options, known)
        seen.images += len(found.images)
        seen.lines += len(found.lines) + len(found.rects)
        _look(found, number, grids, seen)
    except Exception as error:  # noqa: BLE001 (whatever a page can make of pdfminer)
        raise_if_memory_ran_out(error)
        seen.unreadable += 1
        seen.warn(number, "page_unreadable", f"the page cannot be read: {type(error).__name__}")
        return []
    finally:
        if found is not None:
            found.close()  # else all pages are kept
    return grids


def find_tables(page: Page, options: Options, known: Sequence[float] | None = None) -> list[Grid]:
    """The tables of a page, from the top, then from the left; from the right where it is read so."""
    chars: Sequence[Char] = page.chars
    ruled: list[Ruled] = []
    if options.strategy != "unruled":
        ruled = list(find_ruled(page.find_tables(), chars))
    if options.strategy == "auto":
        sure = [each for each in ruled if each.is_table()]
        rest = [char for char in chars if not any(_is_in(char, each) for each in sure)]
        unruled = find_unruled(rest, known)
        grids = [each.grid() for each in sure] + unruled
        grids += [each.grid() for each in ruled if each not in sure and _is_left(each, unruled)]
    else:
        grids = [each.grid() for each in ruled] if ruled or options.strategy == "ruled" else []
        if options.strategy == "unruled":
            grids = find_unruled(chars, known)
    grids = sorted((grid for grid in grids if grid.rows), key=lambda grid: (round(grid.box[1]), grid.box[0]))
    if _reads_right_to_left(chars):
        grids = [grid.turned() for grid in grids]
    return grids


def _is_in(char: Char, ruled: Ruled) -> bool:
    return contains(ruled.box, (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2)


def _is_left(ruled: Ruled, unruled: Sequence[Grid]) -> bool:
    """Whether a single row of cells is part of no other table, and more than a frame."""
    left, top, right, bottom = ruled.box
    is_part = any(
        left < grid.box[2] and grid.box[0] < right and top < grid.box[3] and grid.box[1] < bottom
        for grid in unruled
    )
    return len(ruled.xs) > 1 and len(ruled.cells) == 1 and not is_part


def _reads_right_to_left(chars: Sequence[Char]) -> bool:
    letters = [char["text"] for char in chars if char["text"].isalpha()]
    return sum(map(is_right_to_left, letters)) * 2 > len(letters)


def _look(page: Page, number: int, grids: Sequence[Grid], seen: Seen) -> None:
    """What is worth a warning."""
    chars = page.chars
    seen.characters += len(chars)
    if not chars and page.images:
        seen.warn(number, "picture", "the page is a picture: its text would have to be recognised first")
    if unknown := sum(char["text"].startswith("(cid:") for char in chars):
        seen.warn(
            number, "unreadable_characters", f"{unknown} characters have no meaning in the file's fonts"
        )
    if merged := sum(grid.merged for grid in grids):
        seen.warn(number, "merged_cells", f"{merged} cells are empty because another one reaches over them")
    for grid in grids:
        if grid.strategy == "unruled" and grid.clean_rows < LOW_CONFIDENCE * len(grid.rows):
            detail = f"{len(grid.rows) - grid.clean_rows} of {len(grid.rows)} rows do not fit the columns"
            seen.warn(number, "low_confidence", detail)


def _warn_of_headers(seen: Seen, options: Options, tables: Sequence[Any]) -> None:
    names = options.header
    if isinstance(names, str):
        return
    for table in tables:
        if table.grid.width != len(names):
            detail = f"the table has {table.grid.width} columns, and `header` has {len(names)} names: it is not used"
            seen.warn(table.pages[0], "header_not_used", detail)


def _nothing(seen: Seen, pages: int) -> Unconvertible:
    if seen.unreadable == pages:
        return Unconvertible("damaged", f"none of the {pages} pages can be read")
    there = f"{seen.characters} characters, {seen.images} pictures and {seen.lines} lines on {pages} pages"
    hint = ": their text would have to be recognised first" if seen.images and not seen.characters else ""
    return Unconvertible("no_tables", f"there are no tables, but {there}{hint}")
