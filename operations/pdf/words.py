"""Characters of a page become words, lines and texts."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from operations.pdf.right_to_left import reading_order

Char = Mapping[str, Any]
"""Of pdfplumber: `text`, `size`, and its box in points from the top left: `x0`, `x1`, `top`, `bottom`."""

BLANK = 0.15
"""A gap of so much of the size of the characters stands for a blank."""
TWICE = 0.1
"""The same character so near to the last is the last one again, to look bold."""
SAME_LINE = 0.4


class Word(NamedTuple):
    """A word and its box."""

    x0: float
    x1: float
    top: float
    bottom: float
    text: str


def lines_of(chars: Iterable[Char]) -> list[list[Char]]:
    """The characters line by line, each from left to right."""
    lines: list[list[Char]] = []
    first = 0.0
    for char in sorted(chars, key=_middle):
        middle = _middle(char)
        if not lines or middle - first > max(2.0, SAME_LINE * (char["bottom"] - char["top"])):
            lines.append([])
            first = middle
        lines[-1].append(char)
    for line in lines:
        line.sort(key=itemgetter("x0"))
    return lines


def words_of_line(line: Sequence[Char]) -> list[Word]:
    """The words of a line, from left to right."""
    words: list[list[Char]] = []
    last: Char | None = None
    for char in line:
        text, size = char["text"], char["size"]
        if last is not None and text == last["text"] and char["x0"] - last["x0"] < TWICE * size:
            continue
        if text.isspace():
            last = None
            continue
        if last is None or char["x0"] - last["x1"] > BLANK * size:
            words.append([])
        words[-1].append(char)
        last = char
    return [_word(chars) for chars in words]


def text_of(lines: Iterable[Sequence[Char]]) -> str:
    """The text of a cell: its lines as they are read, with a blank between two."""
    texts = (reading_order(" ".join(word.text for word in words_of_line(line))) for line in lines)
    return " ".join(text for text in texts if text)


def middle_of(line: Sequence[Char]) -> float:
    """Where a line is, from the top of the page."""
    return _middle(line[0])


def _middle(char: Char) -> float:
    middle: float = (char["top"] + char["bottom"]) / 2
    return middle


def _word(chars: Sequence[Char]) -> Word:
    return Word(
        chars[0]["x0"],
        max(char["x1"] for char in chars),
        min(char["top"] for char in chars),
        max(char["bottom"] for char in chars),
        "".join(char["text"] for char in chars),
    )
