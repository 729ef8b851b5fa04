"""Endless sets of wall times, each able to tell its first member from a wall time on.

The sets know nothing of zones. A search ends after 400 years, the cycle of the calendar.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from .days import DaySet
from .phases import Phase
from .seconds import CYCLE_DAYS, DAY
from .times import Times, picked


class WallTimes(Protocol):
    """A set of wall times."""

    def first(self, wall: int) -> int | None:
        """The first member at or after a wall time, or None when there is none for 400 years."""


@dataclass(frozen=True, slots=True)
class TimesOnDays:
    """The same times on every day of a set: cron, and RRULE from DAILY to YEARLY."""

    days: DaySet
    times: Times

    def first(self, wall: int) -> int | None:
        """See `WallTimes`."""
        start, second = divmod(wall, DAY)
        day = self.days.first(start)
        if day == start:
            time = self.times.first(second)
            if time is not None:
                return day * DAY + time
            day = self.days.first(start + 1)
        return None if day is None else day * DAY + self.times[0]


@dataclass(frozen=True, slots=True)
class PhasedTimes:
    """Times on days that also fall in a phase: RRULE from SECONDLY to HOURLY with an INTERVAL."""

    base: TimesOnDays
    phase: Phase

    def first(self, wall: int) -> int | None:
        """See `WallTimes`. Moves forward until both the calendar and the phase agree."""
        end = wall + CYCLE_DAYS * DAY
        found = self.base.first(self.phase.align(wall))
        while found is not None and found < end:
            aligned = self.phase.align(found)
            if aligned == found:
                return found
            found = self.base.first(aligned)
        return None


@dataclass(frozen=True, slots=True)
class PickedTimes:
    """RRULE's BYSETPOS from DAILY to YEARLY: some positions of each period's sorted set.

    ``period`` gives the epoch days ``[start, end)`` of the period around a day. A period counts from
    its own beginning, however late in it the rule began (RFC 5545 3.3.10, BYSETPOS).
    """

    base: TimesOnDays
    positions: frozenset[int]
    period: Callable[[int], tuple[int, int]]

    def first(self, wall: int) -> int | None:
        """See `WallTimes`."""
        day: int | None = wall // DAY
        limit = wall // DAY + CYCLE_DAYS
        while day is not None and day < limit:
            start, end = self.period(day)
            found = next((member for member in self._picked(start, end) if member >= wall), None)
            if found is not None:
                return found
            day = self.base.days.first(end)
        return None

    def _picked(self, start: int, end: int) -> Iterator[int]:
        days, times = list(self.base.days.between(start, end)), self.base.times
        for index in picked(self.positions, len(days) * len(times)):
            day, time = divmod(index, len(times))
            yield days[day] * DAY + times[time]
