"""Endless sets of wall times, each able to tell its first member from a wall time on, to count, and to tell all.

The sets know nothing of zones.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .bits import moved, ones, spaced
from .budget import Budget
from .days import DaySet
from .phases import Phase
from .remembering import keep
from .seconds import DAY, HOUR
from .times import Times, picked


class WallTimes(Protocol):
    """A set of wall times."""

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """The first member in ``[start, end)``; raises `OutOfBudget`."""

    def count(self, start: int, end: int, budget: Budget) -> int:
        """How many members ``[start, end)`` holds; raises `OutOfBudget`."""

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """The members that ``[start, end)`` holds, some days at most, as bits, `start` being the lowest."""


@dataclass(frozen=True, slots=True)
class EvenlySpaced:
    """Every `step` seconds, before `origin` and after it: an RRULE up to WEEKLY without BY parts."""

    origin: int
    step: int

    def first(self, start: int, end: int, budget: Budget) -> int | None:  # noqa: ARG002 - it costs nothing
        """See `WallTimes`."""
        found = start + (self.origin - start) % self.step
        return found if found < end else None

    def count(self, start: int, end: int, budget: Budget) -> int:  # noqa: ARG002 - it costs nothing
        """See `WallTimes`."""
        return max(0, (self.origin - start) // self.step - (self.origin - end) // self.step)

    def bits(self, start: int, end: int, budget: Budget) -> int:  # noqa: ARG002 - it costs nothing
        """See `WallTimes`."""
        return spaced((self.origin - start) % self.step, self.step, end - start)


@dataclass(frozen=True, slots=True)
class TimesOnDays:
    """The same times on every day of a set: cron, and RRULE from DAILY to YEARLY."""

    days: DaySet
    times: Times

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `WallTimes`."""
        today, second = divmod(start, DAY)
        beyond = -(-end // DAY)
        day = self.days.first(today, beyond, budget)
        if day == today:
            time = self.times.first(second)
            if time is not None:
                return _before(day * DAY + time, end)
            day = self.days.first(today + 1, beyond, budget)
        return None if day is None else _before(day * DAY + self.times[0], end)

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `WallTimes`."""
        if start >= end:
            return 0
        first, last = start // DAY, end // DAY
        whole = self.days.count(first, last, budget) * len(self.times)
        return whole + self._on(last, end, budget) - self._on(first, start, budget)

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """See `WallTimes`."""
        found = 0
        for day in self.days.between(start // DAY, -(-end // DAY), budget):
            found |= moved(self.times.bits, day * DAY - start)
        return found & ones(end - start)

    def _on(self, day: int, end: int, budget: Budget) -> int:
        """How many members a day holds before a wall time of that day."""
        return self.times.count_before(end % DAY) if self.days.holds(day, budget) else 0


@dataclass(frozen=True, slots=True)
class PhasedTimes:
    """Times on days that also fall in a phase: RRULE from SECONDLY to HOURLY with INTERVAL and BY parts."""

    base: TimesOnDays
    phase: Phase
    _counts: dict[int, int] = field(default_factory=dict, compare=False, repr=False)
    _residues: dict[int, Sequence[int]] = field(default_factory=dict, compare=False, repr=False)

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `WallTimes`. Moves forward until both the calendar and the phase agree."""
        found = self.base.first(self.phase.align(start), end, budget)
        while found is not None:
            budget.spend()
            aligned = self.phase.align(found)
            if aligned == found:
                return found
            found = self.base.first(aligned, end, budget)
        return None

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `WallTimes`. Days that begin equally far into the phase hold equally many."""
        if start >= end:
            return 0
        first, last = start // DAY, end // DAY
        days = self.base.days.between(first, last, budget) if first < last else ()
        whole = sum(self._on_whole(day, budget) for day in days)
        return whole + self._on(last, end, budget) - self._on(first, start, budget)

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """See `WallTimes`."""
        return self.base.bits(start, end, budget) & self.phase.bits(start, end)

    def _on_whole(self, day: int, budget: Budget) -> int:
        residue = self.phase.residue(day * DAY)
        count = self._counts.get(residue)
        if count is None:
            budget.spend(_ALL_HOURS)
            count = keep(self._counts, residue, self._in_hours(residue, 24), _COUNTS_REMEMBERED)
        return count

    def _on(self, day: int, end: int, budget: Budget) -> int:
        """How many members a day holds before a wall time of that day."""
        if not self.base.days.holds(day, budget):
            return 0
        hour = end % DAY // HOUR
        residue, unit, step = self.phase.residue(day * DAY), self.phase.unit, self.phase.step
        past = self._in_hours(residue, hour)
        if hour not in self.base.times.hours:
            return past
        missing = -(residue + hour * (HOUR // unit)) % step
        begun = (offset for offset in self.base.times.offsets if offset < end % HOUR)
        return past + sum(1 for offset in begun if offset // unit % step == missing)

    def _in_hours(self, residue: int, end: int) -> int:
        """How many members the hours before `end` hold on a day that begins so far into the phase."""
        unit, step, times = self.phase.unit, self.phase.step, self.base.times
        counts = self._residues.get(unit)
        if counts is None:
            counts = keep(self._residues, unit, times.offset_residues(unit, step), 1)
        missing = (-(residue + hour * (HOUR // unit)) % step for hour in times.hours if hour < end)
        return sum(counts[residue] for residue in missing if residue < len(counts))


_ALL_HOURS = 2  # steps
_COUNTS_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class PickedTimes:
    """RRULE's BYSETPOS from DAILY to YEARLY: some positions of each period's sorted set.

    ``period`` gives the epoch days ``[start, end)`` of the period around a day. A period counts from
    its own beginning, however late in it the rule began (RFC 5545 3.3.10, BYSETPOS).
    """

    base: TimesOnDays
    positions: frozenset[int]
    period: Callable[[int], tuple[int, int]]
    _latest: dict[int, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `WallTimes`."""
        return next(self._between(start, end, budget), None)

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `WallTimes`."""
        return sum(1 for _ in self._between(start, end, budget))

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """See `WallTimes`."""
        return sum(1 << member - start for member in self._between(start, end, budget))

    def _between(self, start: int, end: int, budget: Budget) -> Iterator[int]:
        day: int | None = start // DAY
        while day is not None and day * DAY < end:
            first, beyond = self.period(day)
            budget.spend()
            yield from (member for member in self._picked(first, beyond, budget) if start <= member < end)
            day = self.base.days.first(beyond, -(-end // DAY), budget)

    def _picked(self, start: int, end: int, budget: Budget) -> tuple[int, ...]:
        """What is picked of a period; the last few are remembered, as searches come back to where they were."""
        found = self._latest.get(start)
        if found is None:
            found = keep(self._latest, start, tuple(self._pick(start, end, budget)), _REMEMBERED)
        return found

    def _pick(self, start: int, end: int, budget: Budget) -> Iterator[int]:
        times = self.base.times
        nearest = min(abs(position) for position in self.positions)
        if nearest > self.base.days.count(start, end, budget) * len(times):
            return
        days = list(self.base.days.between(start, end, budget))
        for index in picked(self.positions, len(days) * len(times)):
            day, time = divmod(index, len(times))
            yield days[day] * DAY + times[time]


_REMEMBERED = 4


def _before(found: int, end: int) -> int | None:
    return found if found < end else None
