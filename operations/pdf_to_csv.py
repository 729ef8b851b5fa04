"""The operation `pdf_to_csv`."""

import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from operations.catalogue import operation
from operations.context import Context
from operations.definition import Example, Unavailable
from operations.errors import permanent
from operations.files import File, FileReference, MaxBytes, Media
from operations.pdf import page_numbers
from operations.pdf.failures import ERRORS, Unconvertible
from operations.pdf.options import Limits, Options
from operations.pdf.running import converted, has_network

LIMITS = Limits()
MARGIN_SECONDS = 15
"""A task may take so much longer than its child, which is ended first, with a message that tells more."""
MOST_COLUMNS = 500
FOUND_PERCENT = 95
"""How far it is when all tables are found; what is left is to keep the files."""
LACK = Unavailable(
    "pdfplumber is not installed", "python -m pip install --require-hashes -r requirements-pdf.txt"
)

Name = Annotated[str, Field(max_length=200)]


class Converted(TypedDict):
    """One table, which may go on over pages."""

    file: FileReference
    pages: Annotated[list[int], Field(description="The pages that it is on.")]
    rows: Annotated[int, Field(description="Without its header.")]
    columns: int
    strategy: Literal["ruled", "unruled"]
    confidence: Annotated[
        float,
        Field(description="The share of rows that fit the columns, with nothing merged and nothing across."),
    ]


class Warned(TypedDict):
    """Something to look at."""

    page: int
    code: str
    detail: str


class Tables(TypedDict):
    """All tables."""

    files: list[Converted]
    pages: Annotated[int, Field(description="How many were read.")]
    rows: Annotated[int, Field(description="Of all files.")]
    warnings: Annotated[list[Warned], Field(description="At most 100.")]


def _unavailable() -> Unavailable | None:
    return None if find_spec("pdfplumber") else LACK


def _notes() -> Iterator[str]:
    if _unavailable() is None:
        kept = (
            "keeps its network: this machine does not let it give that up"
            if has_network()
            else "has no network"
        )
        yield f"The process that reads a file {kept}."


@operation(
    idempotent=True,
    timeout_seconds=LIMITS.seconds + MARGIN_SECONDS,
    errors=ERRORS,
    unavailable_of=_unavailable,
    notes_of=_notes,
    examples=[
        Example(
            {"file": {"$file": "01994f3c-8a00-7c3d-9f21-4b1f0a6de851"}, "pages": "1-3,-1", "decimal": ","},
            {
                "files": [
                    {
                        "file": {"$file": "01994f3c-9b10-7a11-8d52-0f6f3e1b7c2d"},
                        "pages": [1, 2, 3],
                        "rows": 96,
                        "columns": 5,
                        "strategy": "ruled",
                        "confidence": 1.0,
                    }
                ],
                "pages": 4,
                "rows": 96,
                "warnings": [],
            },
        )
    ],
)
def pdf_to_csv(
    file: Annotated[
        File, Media("application/pdf"), MaxBytes(512 << 20), Field(description="The PDF, of at most 512 MiB.")
    ],
    context: Context,
    pages: Annotated[
        str | None,
        Field(
            pattern=page_numbers.PATTERN,
            max_length=1_000,
            description="Such as `1-3,7,-1`: -1 is the last. Default: all, which may be 2,000.",
        ),
    ] = None,
    tables: Annotated[
        Literal["all", "largest"] | list[Annotated[int, Field(ge=1, le=LIMITS.tables)]],
        Field(description="All of them, the one with the most cells, or those of these numbers, from 1."),
    ] = "all",
    strategy: Annotated[
        Literal["auto", "ruled", "unruled"],
        Field(description="Whether cells have lines around them. `auto` looks at each table."),
    ] = "auto",
    header: Annotated[
        Literal["auto", "first_row", "none"]
        | Annotated[list[Name], Field(min_length=1, max_length=MOST_COLUMNS)],
        Field(
            description="Where the names of the columns are: `auto` takes the first row unless numbers are in it. "
            "A list gives the names."
        ),
    ] = "auto",
    join: Annotated[
        Literal["same_header", "none"],
        Field(
            description="`same_header`: a table that goes on over pages becomes one file, its repeated header dropped."
        ),
    ] = "same_header",
    decimal: Annotated[
        Literal[",", "."] | None,
        Field(
            description="The decimal mark in the file: numbers are written as `-1234.56`. Null leaves them alone."
        ),
    ] = None,
    escape_formulas: Annotated[
        bool,
        Field(
            description="Whether a text that a spreadsheet would take for a formula gets an apostrophe before it."
        ),
    ] = True,
) -> Tables:
    """Find the tables of a PDF, and make a CSV file of each."""
    options = Options(pages, tables, strategy, header, join, decimal, escape_formulas)
    try:
        with (
            context.open(file) as source,
            converted(source, options, LIMITS, _telling(context)) as (found, folder),
        ):
            return _kept(found, folder, file, context)
    except Unconvertible as error:
        raise permanent(error.type, error.message) from error


def _telling(context: Context) -> Callable[[dict[str, Any]], None]:
    began = time.monotonic()

    def tell(message: dict[str, Any]) -> None:
        done, of = message["done"], message["of"]
        text = f"page {message['page']}, {done} of {of}, {message['rows']} rows"
        if done < of:
            text += f", about {_duration((time.monotonic() - began) / done * (of - done))} left"
        context.progress(FOUND_PERCENT * done / of, text)

    return tell


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{max(seconds, 1):.0f} s"


def _kept(found: dict[str, Any], folder: Path, file: File, context: Context) -> Tables:
    stem = re.sub(r"\.pdf$", "", file.name, flags=re.IGNORECASE)[:200] or "tables"
    files: Sequence[dict[str, Any]] = found["files"]
    kept: list[Converted] = []
    for number, table in enumerate(files, 1):
        name = f"{stem}.csv" if len(files) == 1 else f"{stem}-{number}.csv"
        with (folder / table.pop("path")).open("rb") as source, context.new_file(name, "text/csv") as out:
            shutil.copyfileobj(source, out)
        kept.append({"file": out.reference, **table})  # type: ignore[typeddict-item] # as the child tells it
        percent = FOUND_PERCENT + (100 - FOUND_PERCENT) * number / len(files)
        context.progress(percent, f"{number} of {len(files)} files kept")
    return {"files": kept, "pages": found["pages"], "rows": found["rows"], "warnings": found["warnings"]}
