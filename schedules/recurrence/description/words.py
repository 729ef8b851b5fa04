"""Numbers, days and clocks in English."""

from collections.abc import Iterable, Sequence
from datetime import datetime

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONE = "\0"
"""Stands behind each clock time; the sentence names its zone at the first."""

IF_ANY = " (where there is one)"
"""Stands behind what not every month or year has."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def listed(items: Iterable[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = items
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def counted(number: int, unit: str) -> str:
    """`1 hour`, `2 hours`."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def every(number: int, unit: str) -> str:
    """`every month`, `every second month`, `every 12th month`."""
    return f"every {unit}" if number == 1 else f"every {ordinal(number)} {unit}"


def every_few(number: int, unit: str) -> str:
    """`every hour`, `every 2 hours`: for units that are counted, not named."""
    return f"every {unit}" if number == 1 else f"every {counted(number, unit)}"


def every_days(number: int) -> str:
    """`every day`, `every second day`, `every 30 days`."""
    return every(number, "day") if number <= len(_ORDINALS) else every_few(number, "day")


def numeral(number: int) -> str:
    """`1st`, `12th`, `23rd`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def ordinal(number: int) -> str:
    """`first`, `12th`; from the end `last`, `second to last`."""
    if number == -1:
        return "last"
    size = abs(number)
    word = _ORDINALS[size - 1] if size <= len(_ORDINALS) else numeral(size)
    return word if number > 0 else f"{word} to last"


def from_the_front(numbers: Iterable[int]) -> list[int]:
    """Sorted, with those that count from the end at the end: 1, 2, -2, -1."""
    return sorted(numbers, key=lambda number: (number < 1, number))


def step_of(numbers: Sequence[int], least: int = 2) -> int | None:
    """The distance of each number to the next if it is the same throughout, in at least so many."""
    if len(numbers) < max(least, 2):
        return None
    step = numbers[1] - numbers[0]
    return step if tuple(numbers) == tuple(range(numbers[0], numbers[-1] + 1, step)) else None


def date_text(wall: datetime) -> str:
    """`24 December 2026`."""
    return f"{wall.day} {MONTHS[wall.month - 1]} {wall.year}"


def clock(second: int) -> str:
    """A second of the day: `09:00`, or `09:00:30`."""
    hours, rest = divmod(second, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


def capitalised(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
