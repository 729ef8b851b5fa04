"""Finding the forms of secrets in a text."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from operations.secrets.spelling import core_of, spelled

Span = tuple[int, int]

# Base64 and the like are wrapped in lines of 60 characters or more, which JSON and Python may have escaped.
_WRAP = re.compile(r"(?=[\s\\])(?<=[A-Za-z0-9+/_=-]{20})(?:\s|\\++[rn])++(?=[A-Za-z0-9+/_-])")


class Form(NamedTuple):
    """A text to look for, and the part that stands in every spelling of it."""

    text: str
    core: str


def to_look_for(texts: Iterable[str]) -> list[Form]:
    """Each of the texts once."""
    return [Form(text, core_of(text)) for text in dict.fromkeys(texts)]


def find(forms: Iterable[Form], text: str) -> Iterator[Span]:
    """Where one of the forms stands, in whatever spelling."""
    lower = text.lower()
    for form in forms:
        if form.core in lower:  # which takes a fraction of the time
            yield from (match.span() for match in pattern_of(form.text).finditer(text))


def find_wrapped(forms: Iterable[Form], text: str) -> Iterator[Span]:
    """Where one of the forms stands, even if lines were broken in the middle of it."""
    wraps = [match.span() for match in _WRAP.finditer(text)]
    if not wraps:
        yield from find(forms, text)
        return
    joined, joints, removed = _joined(text, wraps)
    for start, end in find(forms, joined):
        yield (
            start + removed[bisect_right(joints, start)],
            end + removed[bisect_right(joints, end - 1)],
        )


def _joined(text: str, wraps: list[Span]) -> tuple[str, list[int], list[int]]:
    """The text without the wraps, where in it they were, and how many characters were taken out before each."""
    pieces, joints, removed, end = [], [], [0], 0
    for start, stop in wraps:
        pieces.append(text[end:start])
        joints.append(start - removed[-1])
        removed.append(removed[-1] + stop - start)
        end = stop
    return "".join([*pieces, text[end:]]), joints, removed


@lru_cache(maxsize=1_024)
def pattern_of(form: str) -> re.Pattern[str]:
    """Made when it is needed, for long ones take time."""
    return re.compile(spelled(form), re.IGNORECASE)
