"""``every_x_days``, and ``every_x_hours``, ``every_x_minutes`` and ``every_x_seconds``."""

from collections.abc import Iterator
from dataclasses import dataclass

from .budget import Budget
from .clock_changes import ClockChanges
from .notes import moved, repeated
from .seconds import DAY, LAST_SECOND
from .zones import REACH, Timeline


@dataclass(frozen=True, slots=True)
class EveryDaysAndSeconds:
    """``to_instant(wall(start) + k * days) + k * seconds`` for k = 0, 1, 2, ...

    Days are calendar days, seconds elapsed time. Either may be 0, not both. The k-th instant never
    comes before the one before it: a day apart on the wall is at least as much as any gap.
    """

    timeline: Timeline
    start: int
    days: int
    seconds: int
    changes: ClockChanges

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `Instants`."""
        found = self._elapsed(start) if self.days == 0 else self._calendar(start, end, budget)
        return found if found is not None and found < end else None

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `Instants`."""
        if self.days == 0:
            return max(0, self._elapsed(end) - self._elapsed(start)) // self.seconds
        found = {self.start}
        for instant in self._from_number(max(1, self._number_before(start)), end):
            budget.spend()
            found.add(instant)
        return sum(1 for instant in found if start <= instant < end)

    def note(self, instant: int) -> str | None:
        """See `Instants`."""
        numbers = range(self._number_before(instant), self._number_before(instant) + 6) if self.days else ()
        for number in numbers:
            if number > 0 and instant in self._numbered(number, self._wall(number)):
                return self._note(self._wall(number), instant - number * self.seconds)
        return None

    def _note(self, wall: int, instant: int) -> str | None:
        segment = self.timeline.segment(instant)
        shown = instant + segment.offset
        return repeated(segment, shown) if shown == wall else moved(wall, shown)

    def _elapsed(self, instant: int) -> int:
        return max(self.start, instant + (self.start - instant) % self.seconds)

    def _calendar(self, instant: int, end: int, budget: Budget) -> int | None:
        if instant <= self.start:
            return self.start
        for found in self._from_number(max(1, self._number_before(instant)), end):
            budget.spend()
            if found >= instant:
                return found
        return None

    def _number_before(self, instant: int) -> int:
        """A number at or just before the first whose instant is not before `instant`."""
        return (instant - REACH - self.start) // (self.days * DAY + self.seconds)

    def _from_number(self, number: int, end: int) -> Iterator[int]:
        wall = self._wall(number)
        while wall <= min(LAST_SECOND, end + REACH - number * self.seconds):
            yield from self._numbered(number, wall)
            number, wall = number + 1, wall + self.days * DAY

    def _numbered(self, number: int, wall: int) -> list[int]:
        found = self.timeline.instants(wall, self.changes)
        return [instant + number * self.seconds for instant in found]

    def _wall(self, number: int) -> int:
        return self.timeline.wall(self.start) + number * self.days * DAY
