"""Which days of the calendar a rule names.

A rule's day filters see only facts that depend on the month, the length of the year and the weekday
it starts on, so there are at most 14 x 12 shapes of a month, each worked out once per rule.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .phases import DayPhase, Phase
from .seconds import CYCLE_MONTHS, EPOCH_ORDINAL, FIRST_DAY, LAST_DAY


class Day(NamedTuple):
    """What a filter may know of a day. Weekdays count from Monday, 0."""

    date: date
    day: int
    weekday: int
    yearday: int
    month_length: int
    year_length: int


_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)

DayFilter = Callable[[Day], bool]
ALL_MONTHS = frozenset(range(1, 13))
Shape = tuple[int, int, bool]


def month_index(day: int) -> int:
    """The month of an epoch day, counted from January of the year 0."""
    moment = to_date(day)
    return moment.year * 12 + moment.month - 1


def to_date(day: int) -> date:
    """An epoch day as a date."""
    return date.fromordinal(day + EPOCH_ORDINAL)


def month_start(index: int) -> int:
    """The first epoch day of a month, also of one that datetime cannot hold."""
    year, month = divmod(index, 12)
    past = year - 1
    days = past * 365 + past // 4 - past // 100 + past // 400
    return days + _DAYS_BEFORE[month] + (month > 1 and _is_leap(year)) + 1 - EPOCH_ORDINAL


def weekday(day: int) -> int:
    """The weekday of an epoch day, Monday being 0."""
    return (day + 3) % 7


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_LAST_MONTH = month_index(LAST_DAY)


@dataclass(frozen=True, slots=True)
class DaySet:
    """The epoch days in some months that pass every filter, in the periods that INTERVAL leaves.

    ``months`` are numbers, 1 to 12. INTERVAL is a phase of month indexes (MONTHLY, YEARLY) or of days.
    """

    months: frozenset[int]
    filters: tuple[DayFilter, ...]
    month_phase: Phase | None = None
    day_phase: DayPhase | None = None
    _shapes: dict[Shape, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def first(self, day: int) -> int | None:
        """The first member on or after a day, or None when there is none for 400 years."""
        if day > LAST_DAY:
            return None
        index = month_index(max(day, FIRST_DAY))
        end = min(index + CYCLE_MONTHS, _LAST_MONTH)
        while index <= end:
            for member in self._members(index, day):
                return member
            index = self._month_after(index)
        return None

    def between(self, start: int, end: int) -> Iterator[int]:
        """The members in ``[start, end)``."""
        for index in range(month_index(start), month_index(end - 1) + 1):
            yield from (day for day in self._members(index, start) if day < end)

    def _month_after(self, index: int) -> int:
        """The next month that a phase may leave."""
        index += 1
        if self.month_phase:
            return self.month_phase.align(index)
        if self.day_phase:
            return max(index, month_index(min(self.day_phase.align(month_start(index)), LAST_DAY)))
        return index

    def _members(self, index: int, day: int) -> Iterator[int]:
        """The members of a month from a day on."""
        if index % 12 + 1 not in self.months or (self.month_phase and not self.month_phase.holds(index)):
            return
        start = month_start(index)
        offsets = self._offsets(index, start)
        for offset in offsets[bisect_left(offsets, day - start) :]:
            if self.day_phase is None or self.day_phase.holds(start + offset):
                yield start + offset

    def _offsets(self, index: int, start: int) -> tuple[int, ...]:
        shape = index % 12, weekday(start), _is_leap(index // 12)
        offsets = self._shapes.get(shape)
        if offsets is None:
            offsets = self._shapes[shape] = tuple(self._matching(index, start))
        return offsets

    def _matching(self, index: int, start: int) -> Iterable[int]:
        if not self.filters:
            return range(month_start(index + 1) - start)
        return (n for n, day in enumerate(_days_of(index, start)) if all(test(day) for test in self.filters))


def _days_of(index: int, start: int) -> Iterator[Day]:
    january = month_start(index // 12 * 12)
    month_length = month_start(index + 1) - start
    year_length = 365 + _is_leap(index // 12)
    for day in range(start, start + month_length):
        yield Day(to_date(day), day - start + 1, weekday(day), day - january + 1, month_length, year_length)
