"""What the beginning of a file looks like: rows of a CSV, text, or how many pages. Nothing untrusted is rendered."""

import codecs
import csv
import io
from collections.abc import Mapping
from typing import Any, BinaryIO

from files.pdf_looks import PDF, pages_in

HEAD_BYTES = 64 * 1024
MOST_ROWS = 50
MOST_CELLS = 100
LONGEST_CELL = 300
LONGEST_TEXT = 4_000
DELIMITERS = ",;\t|"
CSV_TYPES = ("text/csv", "application/csv", "text/tab-separated-values")
TEXT_TYPES = (
    "application/json",
    "application/jsonl",
    "application/x-ndjson",
    "application/xml",
    "application/sql",
)
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def preview_of(media_type: str, stream: BinaryIO) -> Mapping[str, Any]:
    """`kind`, which is `csv`, `text`, `pdf` or `none`, and what there is to see of it.

    Reads `HEAD_BYTES` at most, but of a PDF what its pages need, in another process. Raises TooManyPreviews.
    """
    if media_type == PDF:
        pages = pages_in(stream)
        return _told("none") if pages is None else _told("pdf", pages=pages)
    if media_type not in CSV_TYPES and media_type not in TEXT_TYPES and not media_type.startswith("text/"):
        return _told("none")
    head = stream.read(HEAD_BYTES + 1)
    is_cut = len(head) > HEAD_BYTES
    text, encoding = _text(head[:HEAD_BYTES])
    if media_type in CSV_TYPES:
        return _rows(text, encoding, is_cut=is_cut)
    shown = text[:LONGEST_TEXT]
    return _told("text", text=shown, encoding=encoding, is_cut=is_cut or len(shown) < len(text))


def _rows(text: str, encoding: str, *, is_cut: bool) -> Mapping[str, Any]:
    delimiter = _delimiter(text)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append([cell[:LONGEST_CELL] for cell in row[:MOST_CELLS]])
            if len(rows) > MOST_ROWS:
                break
    except csv.Error:
        is_cut = True  # a cell that is too long: what came before it is shown
    if is_cut and 1 < len(rows) <= MOST_ROWS:
        rows.pop()  # not all of it is here
    return _told(
        "csv",
        rows=rows[:MOST_ROWS],
        delimiter=delimiter,
        encoding=encoding,
        is_cut=is_cut or len(rows) > MOST_ROWS,
    )


def _delimiter(text: str) -> str:
    """The one that the first line has most of."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _text(head: bytes) -> tuple[str, str]:
    """The text, and its encoding: as its mark says, or UTF-8, or the one that reads anything."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return head.decode(encoding, "replace").replace("\0", "�"), encoding.removesuffix("-sig")
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace").replace("\0", "�"), "windows-1252"
    return text.replace("\0", "�"), "utf-8"


def _told(kind: str, **found: Any) -> dict[str, Any]:
    nothing = {"rows": None, "text": None, "pages": None, "delimiter": None, "encoding": None}
    return {"kind": kind, **nothing, "is_cut": False, **found}
