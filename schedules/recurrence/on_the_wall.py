"""Wall times seen on a zone's clock: here they become instants."""

from collections.abc import Iterator
from dataclasses import dataclass

from .budget import Budget
from .clock_changes import ClockChanges, Fold, Gap
from .instants import earlier
from .notes import moved, repeated
from .seconds import FIRST_SECOND, LAST_SECOND
from .walls import WallTimes
from .zones import REACH, OffsetSegment, Timeline

_NEXT_SEGMENT = 5  # steps: its clock changes may have to be looked up first


@dataclass(frozen=True, slots=True)
class OnTheWall:
    """The instants of wall times.

    Between two clock changes wall times and instants run in parallel, so the timeline is walked
    segment by segment: each has the wall times that are its own, and those of the gap before it.
    """

    walls: WallTimes
    timeline: Timeline
    changes: ClockChanges

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `Instants`."""
        at, end = max(start, FIRST_SECOND), min(end, LAST_SECOND + 1)
        while at < end:
            budget.spend()
            segment = self.timeline.segment(at)
            until = min(end, segment.end)
            found = earlier(self._own(segment, at, until, budget), self._moved(segment, at, until, budget))
            if found is not None:
                return found
            at = self._beyond(segment, end, budget)
        return None

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `Instants`."""
        return sum(
            self._count_in(segment, at, until, budget)
            for segment, at, until in self._segments(start, end, budget)
        )

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """See `Combinable`."""
        found = 0
        for segment, at, until in self._segments(start, end, budget):
            found |= self._bits_in(segment, at, until, budget) << at - start
        return found

    def note(self, instant: int) -> str | None:
        """See `Instants`."""
        segment, budget = self.timeline.segment(instant), Budget()
        wall = instant + segment.offset
        is_own = self._own(segment, instant, instant + 1, budget) is not None
        if self._moved(segment, instant, instant + 1, budget) is not None:
            missing = self.walls.first(*self._missing(segment, instant), budget)
            return None if missing is None else moved(missing, wall, meets_another=is_own)
        return repeated(segment, wall) if is_own else None

    def _segments(self, start: int, end: int, budget: Budget) -> Iterator[tuple[OffsetSegment, int, int]]:
        """Each segment that reaches into ``[start, end)``, and from where until where it does."""
        at, end = max(start, FIRST_SECOND), min(end, LAST_SECOND + 1)
        while at < end:
            budget.spend()
            segment = self.timeline.segment(at)
            yield segment, at, min(end, segment.end)
            at = segment.end

    def _own(self, segment: OffsetSegment, at: int, end: int, budget: Budget) -> int | None:
        low, high = self._own_walls(segment, at, end)
        wall = self.walls.first(low, high, budget) if low < high else None
        return None if wall is None else wall - segment.offset

    def _own_walls(self, segment: OffsetSegment, at: int, end: int) -> tuple[int, int]:
        """The wall times of ``[at, end)``, less the pass of a fold that is not wanted."""
        low, high = at + segment.offset, end + segment.offset
        if self.changes.fold is Fold.FIRST:
            low = max(low, segment.start + segment.before)
        elif self.changes.fold is Fold.LAST:
            high = min(high, segment.end + segment.after)
        return low, high

    def _moved(self, segment: OffsetSegment, at: int, end: int, budget: Budget) -> int | None:
        """The first instant in ``[at, end)`` that a wall time in the gap before a segment becomes."""
        low, high = segment.start + segment.before, segment.start + segment.offset
        if self.changes.gap is Gap.SKIP or low >= high:
            return None
        if self.changes.gap is Gap.AFTER:
            is_asked = at <= segment.start < end
            return segment.start if is_asked and self.walls.first(low, high, budget) is not None else None
        wall = self.walls.first(max(low, at + segment.before), min(high, end + segment.before), budget)
        return None if wall is None else wall - segment.before

    def _missing(self, segment: OffsetSegment, instant: int) -> tuple[int, int]:
        """The wall times in a gap that become an instant."""
        if self.changes.gap is Gap.AFTER:
            return segment.start + segment.before, segment.start + segment.offset
        return instant + segment.before, instant + segment.before + 1

    def _count_in(self, segment: OffsetSegment, at: int, end: int, budget: Budget) -> int:
        """Where moved ones may meet others they are joined, beyond that it is arithmetic."""
        gap = max(0, segment.offset - segment.before)
        reach = {Gap.SKIP: 0, Gap.AFTER: min(gap, 1), Gap.SHIFT: gap}[self.changes.gap]
        until = min(end, max(at, segment.start + reach))
        joined = self._bits_in(segment, at, until, budget).bit_count() if at < until else 0
        low, high = self._own_walls(segment, until, end)
        return joined + (self.walls.count(low, high, budget) if low < high else 0)

    def _bits_in(self, segment: OffsetSegment, at: int, end: int, budget: Budget) -> int:
        """The members that ``[at, end)`` of a segment holds, as bits: its own, and those moved out of a gap."""
        low, high = self._own_walls(segment, at, end)
        own = self.walls.bits(low, high, budget) << low - segment.offset - at if low < high else 0
        first = self._moved(segment, at, end, budget)
        if first is None or self.changes.gap is Gap.AFTER:
            return own if first is None else own | 1 << first - at
        low, high = first + segment.before, min(segment.start + segment.offset, end + segment.before)
        return own | self.walls.bits(low, high, budget) << first - at

    def _beyond(self, segment: OffsetSegment, end: int, budget: Budget) -> int:
        """Where to go on when a segment has nothing: its end, or near the next wall time if that is far."""
        budget.spend(_NEXT_SEGMENT)
        wall = self.walls.first(segment.end + segment.offset - REACH, end + REACH, budget)
        return end if wall is None else max(segment.end, wall - REACH)
