"""What a piece of code costs, counted in calls of functions, which do not depend on the machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from schedules.recurrence.budget import SEARCH_STEPS

A_SEARCH = 40 * SEARCH_STEPS
"""The most calls that one search makes: none of its steps makes more than some dozens."""
A_PARSE = 5 * A_SEARCH
"""Parsing searches a few times: does each rule match, where does COUNT end, is there a first instant?"""


@contextmanager
def bounded(most: int = A_PARSE) -> Iterator[None]:
    """Fails when what it holds makes more calls than that."""
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and "recurrence" in frame.f_code.co_filename

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
    assert calls <= most, f"{calls} calls"
