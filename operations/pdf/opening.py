"""A PDF and those of its pages that are asked for, each the right way up."""

import io
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO, cast

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfplumber.page import Page
from pdfplumber.pdf import PDF

from operations.pdf.failures import Unconvertible, raise_if_memory_ran_out
from operations.pdf.page_numbers import chosen

MOST_PAGES = 100_000
"""In one file, whatever is read of them."""
LOOKED_AT = 2_000
HEAD_BYTES = 1_024


@contextmanager
def opened(file: BinaryIO) -> Iterator[PDF]:
    """Raises Unconvertible."""
    if b"%PDF-" not in file.read(HEAD_BYTES):
        raise Unconvertible("not_a_pdf", "the file does not begin like a PDF")
    file.seek(0)
    try:
        pdf = pdfplumber.open(cast("io.BufferedReader", file))
    except Exception as error:
        raise_if_memory_ran_out(error)
        raise _why(error) from error
    with pdf:
        yield pdf


def _why(error: BaseException) -> Unconvertible:
    """pdfplumber wraps what pdfminer says."""
    cause = next((each for each in error.args if isinstance(each, BaseException)), error)
    if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
        return Unconvertible("encrypted", "the file asks for a password: upload it without one")
    return Unconvertible("damaged", f"the file cannot be read as a PDF: {type(cause).__name__}")


def all_pages(pdf: PDF) -> list[PDFPage]:
    """All there are, at least one. Raises Unconvertible."""
    try:
        pages = list(islice(PDFPage.create_pages(pdf.doc), MOST_PAGES + 1))
    except Exception as error:
        raise_if_memory_ran_out(error)
        raise _why(error) from error
    if len(pages) > MOST_PAGES:
        raise Unconvertible("too_many_pages", f"the file has more than {MOST_PAGES} pages")
    if not pages:
        raise Unconvertible("damaged", "the file has no pages")
    return pages


def pages_of(pdf: PDF, which: str | None, most: int) -> list[tuple[int, PDFPage]]:
    """The pages that are asked for, with their numbers. Raises Unconvertible."""
    pages = all_pages(pdf)
    numbers = chosen(which, len(pages))
    if not numbers:
        raise Unconvertible("no_such_pages", f"there is no page {which}: the file has {len(pages)}")
    if len(numbers) > most:
        detail = f"{len(numbers)} pages are asked for, and at most {most} are read: choose some in `pages`"
        raise Unconvertible("too_many_pages", detail)
    return [(number, pages[number - 1]) for number in numbers]


def upright(pdf: PDF, number: int, page: PDFPage) -> Page:
    """A page, turned so that most of its text is read from left to right."""
    found = Page(pdf, page, page_number=number)
    turned = _turned(found)
    if turned:
        found.close()
        page.rotate = (page.rotate + turned) % 360
        page.attrs["Rotate"] = page.rotate
        found = Page(pdf, page, page_number=number)
    return found


def _turned(page: Page) -> int:
    """By how many degrees most of the text would have to be turned clockwise."""
    angles: Counter[int] = Counter()
    for char in page.chars[:LOOKED_AT]:
        a, b = char["matrix"][:2]
        angles[round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360] += 1
    return angles.most_common(1)[0][0] if angles else 0
