"""The bad rows of a file, as a file: each with its line and what is wrong with it before its cells."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from operations.load.columns import has_header
from operations.load.order import Order
from operations.load.rows import Row, Rows, large_fields
from operations.load.text import Lines, encoding_of

COLUMNS = ("line", "reason")


def write_rejects(source: BinaryIO, order: Order, reasons: Iterator[tuple[int, str]], out: BinaryIO) -> None:
    """`reasons` are in the order of their lines, as the rows of `source` are."""
    text = io.TextIOWrapper(out, "utf-8", newline="")
    writer = csv.writer(text, delimiter=order.form.delimiter, lineterminator="\n")
    lines = Lines(source, encoding_of(source, order.encoding))
    try:
        with large_fields():
            rows = iter(Rows(lines, order.form))
            if has_header(order.columns):
                header = next(rows)
                writer.writerow((*COLUMNS, *header[1]))
            for line, reason in reasons:
                writer.writerow((line, reason, *_cells(rows, line)))
    finally:
        lines.close()
        text.flush()
        text.detach()


def _cells(rows: Iterator[Row], line: int) -> list[str]:
    return next((cells for at, cells, _ in rows if at == line), [])
