"""The value of an RRULE line (RFC 5545 3.3.10) as values, each within its own range."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from .errors import quoted
from .rrule_lines import NAMES, Moment, invalid, read_moment
from .seconds import CYCLE, CYCLE_DAYS, CYCLE_MONTHS, HOUR, MINUTE

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class Frequency(IntEnum):
    """From coarse to fine."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


_UNITS_IN_CYCLE = {
    Frequency.YEARLY: CYCLE_MONTHS // 12,
    Frequency.MONTHLY: CYCLE_MONTHS,
    Frequency.WEEKLY: CYCLE_DAYS // 7,
    Frequency.DAILY: CYCLE_DAYS,
    Frequency.HOURLY: CYCLE // HOUR,
    Frequency.MINUTELY: CYCLE // MINUTE,
    Frequency.SECONDLY: CYCLE,
}

Reader = Callable[[str, str], Any]  # each part has its own type, checked where `Parts` declares it
Weekday = tuple[int, int | None]  # (0 for Monday, the n-th of its month or year or None for all)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of an RRULE as written. An empty tuple is a part that was not given."""

    freq: Frequency
    interval: int = 1
    count: int | None = None
    until: Moment | None = None
    wkst: int = 0
    bymonth: tuple[int, ...] = ()
    bymonthday: tuple[int, ...] = ()
    byweekno: tuple[int, ...] = ()
    byyearday: tuple[int, ...] = ()
    byday: tuple[Weekday, ...] = ()
    byhour: tuple[int, ...] = ()
    byminute: tuple[int, ...] = ()
    bysecond: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    counts_weekdays_in_year: bool = False  # not written: what a numbered BYDAY means

    @property
    def repeats(self) -> bool:
        """Whether it names the same in every cycle of the calendar, each of its units alike."""
        return _UNITS_IN_CYCLE[self.freq] % self.interval == 0

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the BY parts that were given."""
        return tuple(name.upper() for name in _BY_PARTS if getattr(self, name))


def read_parts(text: str) -> Parts:
    """The parts of an RRULE's value; raises `RecurrenceError` for unknown, doubled or wrong ones."""
    written = dict[str, str]()
    for part in text.rstrip("; ").split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise invalid(f"expected parts like FREQ=DAILY, separated by semicolons, got {quoted(part)}")
        if name in written:
            raise invalid(f"{name} is given twice")
        written[name] = value
    if "FREQ" not in written:
        raise invalid(f"FREQ is required, expected one of {', '.join(Frequency.__members__)}")
    return Parts(**{name.lower(): _reader(name)(name, value) for name, value in written.items()})


def _reader(name: str) -> Reader:
    if name in NAMES or name == "TZID":
        how = "DTSTART;TZID=Europe/Berlin:20250131T090000" if name == "TZID" else f"{name}:..."
        raise invalid(f"{name} is no part of an RRULE: it belongs in a line of its own, {how}")
    if name in _UNSUPPORTED:
        raise invalid(f"{name} is not supported{_UNSUPPORTED[name]}", "unsupported")
    if name not in _READERS:
        raise invalid(f"{quoted(name)} is not a part of an RRULE, expected one of {', '.join(_READERS)}")
    return _READERS[name]


_UNSUPPORTED = {
    "SKIP": " (RFC 7529): days that do not exist are left out, use BYMONTHDAY=-1 for the last day of a month",
    "RSCALE": " (RFC 7529): the calendar is the Gregorian one",
    "BYEASTER": ": it is no part of RFC 5545",
}


def _number(part: str, text: str, low: int, high: int) -> int:
    if not _NUMBER.fullmatch(text):
        raise invalid(f"{part}: expected a whole number, got {quoted(text)}")
    if not low <= int(text) <= high:
        raise invalid(f"{part}: expected {low} to {high}, got {quoted(text)}")
    return int(text)


def _numbers(low: int, high: int) -> Reader:
    """A reader of a list of numbers; with a negative `low` they count from the end and 0 is none of them."""

    def read(part: str, text: str) -> tuple[int, ...]:
        numbers = {_number(part, item.strip(), low, high) for item in text.split(",")}
        if low < 0 and 0 in numbers:
            raise invalid(f"{part}: 0 is neither a first nor a last, expected 1 to {high} or -1 to {low}")
        return tuple(sorted(numbers))

    return read


def _one_number(low: int, high: int) -> Reader:
    return lambda part, text: _number(part, text, low, high)


def _frequency(part: str, text: str) -> Frequency:
    if text not in Frequency.__members__:
        raise invalid(f"{part}: expected one of {', '.join(Frequency.__members__)}, got {quoted(text)}")
    return Frequency[text]


def _week_start(part: str, text: str) -> int:
    if text not in WEEKDAYS:
        raise invalid(f"{part}: expected one of {', '.join(WEEKDAYS)}, got {quoted(text)}")
    return WEEKDAYS.index(text)


def _weekdays(part: str, text: str) -> tuple[Weekday, ...]:
    return tuple(dict.fromkeys(_read_weekdays(part, text)))


def _read_weekdays(part: str, text: str) -> Iterator[Weekday]:
    for item in text.split(","):
        match = _WEEKDAY.fullmatch(item.strip())
        if not match:
            raise invalid(f"{part}: expected weekdays like MO, 1FR or -1SU, got {quoted(item)}")
        number = int(match[1]) if match[1] else None
        if number is not None and not 1 <= abs(number) <= 53:
            raise invalid(f"{part}: expected a number of 1 to 53 or -1 to -53 in {quoted(item)}")
        yield WEEKDAYS.index(match[2]), number


def _seconds(part: str, text: str) -> tuple[int, ...]:
    if "60" in text.split(","):
        raise invalid(
            f"{part}: 60 is a leap second, which no clock here shows; expected 0 to 59", "unsupported"
        )
    numbers: tuple[int, ...] = _numbers(0, 59)(part, text)
    return numbers


_READERS: dict[str, Reader] = {
    "FREQ": _frequency,
    "INTERVAL": _one_number(1, 999_999_999),
    "COUNT": _one_number(1, 999_999_999),
    "UNTIL": read_moment,
    "WKST": _week_start,
    "BYMONTH": _numbers(1, 12),
    "BYMONTHDAY": _numbers(-31, 31),
    "BYWEEKNO": _numbers(-53, 53),
    "BYYEARDAY": _numbers(-366, 366),
    "BYDAY": _weekdays,
    "BYHOUR": _numbers(0, 23),
    "BYMINUTE": _numbers(0, 59),
    "BYSECOND": _seconds,
    "BYSETPOS": _numbers(-366, 366),
}
_BY_PARTS = tuple(name.lower() for name in _READERS if name.startswith("BY"))
