"""Looking into PDFs for somebody who waits: in bounded processes, and only so many at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import BinaryIO

from operations.pdf.failures import Unconvertible
from operations.pdf.options import Limits
from operations.pdf.running import counted
from rest.unavailable import Unavailable

AT_A_TIME = 2
"""In each web process; each may take the memory of LIMITS."""
LIMITS = Limits(seconds=10, memory_bytes=512 << 20, tables=50)
PDF = "application/pdf"

places = BoundedSemaphore(AT_A_TIME)


class TooManyPreviews(Unavailable):
    """503: as many others as may are looking at pages of PDFs."""

    code = "too_many_previews"

    def __init__(self) -> None:
        super().__init__("as many others as may are looking at pages of PDFs; try again soon")


@contextmanager
def looking() -> Iterator[None]:
    """A place for one look. Raises TooManyPreviews."""
    if not places.acquire(blocking=False):
        raise TooManyPreviews
    try:
        yield
    finally:
        places.release()


def pages_in(stream: BinaryIO) -> int | None:
    """How many pages a PDF has; None of one that cannot be read, or here not. Raises TooManyPreviews."""
    with looking():
        try:
            return counted(stream, LIMITS)
        except Unconvertible:
            return None
