"""Numbers, lists and dates in the English of descriptions, read by code that the descriptions do not share."""

import re
from datetime import datetime

MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]
IF_ANY = " (where there is one)"
CLOCK = r"\d\d:\d\d(?::\d\d)?"
MONTH = f"(?:{'|'.join(MONTHS)})"
MONTH_LIST = rf"{MONTH}(?:(?:, | and ){MONTH})*"
WEEKDAY = f"(?:{'|'.join(WEEKDAYS)})"
NTH = r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"


class Unclear(Exception):
    """A sentence that can be read in no way, or that names what is not always there as if it was."""


def items(text: str) -> list[str]:
    """`a, b and c` as its items."""
    return re.split(r", | and | or ", text)


def numbers(text: str) -> list[int]:
    return [int(item.replace(",", "")) for item in re.split(r", | and ", text)]


def ordinal(text: str) -> int:
    """`second`, `12th`; `last` is -1, `second to last` -2."""
    if text == "last":
        return -1
    if text.endswith(" to last"):
        return -ordinal(text.removesuffix(" to last"))
    if text in ORDINALS:
        return ORDINALS.index(text)
    match = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", text)
    if not match:
        raise Unclear(f"no ordinal: {text!r}")
    return int(match[1])


def months(text: str) -> list[int]:
    return [MONTHS.index(name) + 1 for name in items(text)]


def second_of_day(text: str) -> int:
    parts = [int(part) for part in text.split(":")]
    return parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)


DATE = rf"\d+ {MONTH} \d+"


def date(text: str) -> datetime:
    day, month, year = text.split(" ")
    return datetime(int(year), MONTHS.index(month) + 1, int(day))  # noqa: DTZ001 - what the clock shows
