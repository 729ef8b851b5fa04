"""Which days of the calendar a rule names.

A rule's day filters see only facts that depend on the month, the weekday it starts on and the lengths of
three years, so there are few shapes of a month, each worked out once per rule.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .budget import Budget
from .phases import DayPhase, Phase
from .remembering import keep
from .seconds import EPOCH_ORDINAL, FIRST_DAY, LAST_DAY


class Month(NamedTuple):
    """What a filter may know of a month. `start` is the epoch day of its first, `january` of its year's."""

    start: int
    length: int
    january: int
    year_length: int


DayFilter = Callable[[Month], set[int]]
"""The days of a month that pass, as offsets from its first, 0."""
ALL_MONTHS = frozenset(range(1, 13))
Shape = tuple[int, int, int]

_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


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
    return days + _DAYS_BEFORE[month] + (month > 1 and is_leap(year)) + 1 - EPOCH_ORDINAL


def weekday(day: int) -> int:
    """The weekday of an epoch day, Monday being 0."""
    return (day + 3) % 7


def week_start(day: int, wkst: int) -> int:
    """The epoch day on which the week of a day begins."""
    return day - (weekday(day) - wkst) % 7


def is_leap(year: int) -> bool:
    """Whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


# Which of a year, the one before and the one after are leap years: all that weeks around New Year depend on.
_KINDS = tuple(is_leap(year - 1) * 4 + is_leap(year) * 2 + is_leap(year + 1) for year in range(400))

_ALL_SHAPES = 12 * 7 * 8


@dataclass(frozen=True, slots=True)
class DaySet:
    """The epoch days in some months that pass every filter, in the periods that INTERVAL leaves.

    ``months`` are numbers, 1 to 12. INTERVAL is a phase of month indexes (MONTHLY, YEARLY) or of days.
    """

    months: frozenset[int]
    filters: tuple[DayFilter, ...]
    month_phase: Phase | None = None
    day_phase: DayPhase | None = None
    _shapes: dict[Shape, Sequence[int]] = field(default_factory=dict, compare=False, repr=False)

    def first(self, day: int, end: int, budget: Budget) -> int | None:
        """The first member in ``[day, end)``; costs a step for each month that is looked into."""
        day, end = max(day, FIRST_DAY), min(end, LAST_DAY + 1)
        if day >= end:
            return None
        index, last = month_index(day), month_index(end - 1)
        while index <= last:
            budget.spend()
            for member in self._members(index, day):
                return member if member < end else None
            index = self._month_after(index, last)
        return None

    def holds(self, day: int, budget: Budget) -> bool:
        """Whether a day is a member."""
        return self.first(day, day + 1, budget) is not None

    def between(self, start: int, end: int, budget: Budget) -> Iterator[int]:
        """The members in ``[start, end)``."""
        for index in range(month_index(start), month_index(end - 1) + 1):
            budget.spend()
            yield from (day for day in self._members(index, start) if day < end)

    def count(self, start: int, end: int, budget: Budget) -> int:
        """How many members ``[start, end)`` holds."""
        if start >= end:
            return 0
        months = range(month_index(start), month_index(end - 1) + 1)
        return sum(self._count_in(index, start, end, budget) for index in months)

    def _count_in(self, index: int, start: int, end: int, budget: Budget) -> int:
        budget.spend()
        if self.day_phase is not None:
            return sum(1 for day in self._members(index, start) if day < end)
        if not self._has_month(index):
            return 0
        first = month_start(index)
        offsets = self._offsets(index, first)
        return bisect_left(offsets, end - first) - bisect_left(offsets, start - first)

    def _month_after(self, index: int, last: int) -> int:
        """The next month that the parts naming months and the phases may leave, or one beyond the last."""
        index += 1
        if self.day_phase:
            index = max(index, month_index(min(self.day_phase.align(month_start(index)), LAST_DAY)))
        while index <= last and not self._has_month(index):
            index = self.month_phase.align(index + 1) if self.month_phase else index + 1
        return index

    def _has_month(self, index: int) -> bool:
        return index % 12 + 1 in self.months and (self.month_phase is None or self.month_phase.holds(index))

    def _members(self, index: int, day: int) -> Iterator[int]:
        """The members of a month from a day on."""
        if not self._has_month(index):
            return
        start = month_start(index)
        offsets = self._offsets(index, start)
        for offset in offsets[bisect_left(offsets, day - start) :]:
            if self.day_phase is None or self.day_phase.holds(start + offset):
                yield start + offset

    def _offsets(self, index: int, start: int) -> Sequence[int]:
        shape = index % 12, weekday(start), _KINDS[index // 12 % 400]
        offsets = self._shapes.get(shape)
        if offsets is None:
            offsets = keep(self._shapes, shape, tuple(self._matching(index, start)), _ALL_SHAPES)
        return offsets

    def _matching(self, index: int, start: int) -> Iterable[int]:
        january = index - index % 12
        first = month_start(january)
        month = Month(start, month_start(index + 1) - start, first, month_start(january + 12) - first)
        if not self.filters:
            return range(month.length)
        found, *others = (matching(month) for matching in self.filters)
        return sorted(found.intersection(*others))
