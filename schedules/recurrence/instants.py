"""Endless or ending sets of instants, each able to tell its first member from an instant on.

Here wall times become instants. Every search ends after 400 years, or where datetime ends.
"""

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .seconds import CYCLE, DAY, FIRST_SECOND, HOUR, LAST_SECOND
from .walls import WallTimes
from .zones import REACH, Segment, Timeline


class Instants(Protocol):
    """A set of instants."""

    def first(self, instant: int) -> int | None:
        """The first member at or after an instant, or None when there is none for 400 years."""


class Gap(Enum):
    """What becomes of wall times that do not exist."""

    SKIP = "skip"  # they are left out
    SHIFT = "shift"  # they take the offset before the gap: 02:30 becomes 03:30
    AFTER = "after"  # they become the first moment after the gap: 03:00


class Fold(Enum):
    """What becomes of wall times that exist twice."""

    FIRST = "first"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class ClockChanges:
    """How a rule meets the two clock changes of a year."""

    gap: Gap
    fold: Fold


CALENDAR = ClockChanges(Gap.SHIFT, Fold.FIRST)  # RFC 5545 3.3.5: DAILY and coarser
EVERY_REAL_HOUR = ClockChanges(Gap.SKIP, Fold.BOTH)  # HOURLY and finer; cron with a star
FIXED_CRON = ClockChanges(Gap.AFTER, Fold.FIRST)  # Debian's cron, minute and hour without a star


@dataclass(frozen=True, slots=True)
class OnTheWall:
    """Wall times seen on a zone's clock.

    Between two clock changes wall times and instants run in parallel, so the timeline is walked
    segment by segment: each yields the wall times that are its own, and those of the gap before it.
    """

    walls: WallTimes
    timeline: Timeline
    changes: ClockChanges

    def first(self, instant: int) -> int | None:
        """See `Instants`."""
        start = max(instant, FIRST_SECOND)
        end = min(start + CYCLE, LAST_SECOND)
        at: int | None = start
        while at is not None and at <= end:
            segment = self.timeline.segment(at)
            found = _earlier(self._own(segment, at), self._from_gap(segment, at))
            if found is not None:
                return found
            at = self._beyond(segment)
        return None

    def _own(self, segment: Segment, at: int) -> int | None:
        only_once = self.changes.fold is Fold.FIRST and segment.before > segment.offset
        start = segment.start + segment.before if only_once else segment.start + segment.offset
        wall = self.walls.first(max(start, at + segment.offset))
        return wall - segment.offset if wall is not None and wall < segment.end + segment.offset else None

    def _from_gap(self, segment: Segment, at: int) -> int | None:
        start, end = segment.start + segment.before, segment.start + segment.offset
        match self.changes.gap:
            case Gap.SHIFT if start < end:
                wall = self.walls.first(max(start, at + segment.before))
                return wall - segment.before if wall is not None and wall < end else None
            case Gap.AFTER if start < end and at == segment.start:
                wall = self.walls.first(start)
                return segment.start if wall is not None and wall < end else None
        return None

    def _beyond(self, segment: Segment) -> int | None:
        """Where to go on when a segment has nothing: its end, or near the next wall time if that is far.

        Offsets and clock changes are at most a day, so two days either way cannot miss one.
        """
        wall = self.walls.first(segment.end + segment.offset - REACH)
        return None if wall is None else max(segment.end, wall - REACH)


@dataclass(frozen=True, slots=True)
class EveryDaysAndHours:
    """``to_instant(wall(start) + k * days) + k * hours`` for k = 0, 1, 2, ...

    Days are calendar days, hours elapsed time. Either may be 0, not both. The k-th instant never
    comes before the one before it: a day apart on the wall is at least as much as any gap.
    """

    timeline: Timeline
    start: int
    days: int
    hours: int

    def first(self, instant: int) -> int | None:
        """See `Instants`."""
        if instant <= self.start:
            return self.start
        if self.days == 0:
            return self.start - (self.start - instant) // (self.hours * HOUR) * self.hours * HOUR
        step = self.days * DAY + self.hours * HOUR
        number = max(1, (instant - REACH - self.start) // step)
        while (found := self._number(number)) is not None and found < instant:
            number += 1
        return found

    def _number(self, number: int) -> int | None:
        wall = self.timeline.wall(self.start) + number * self.days * DAY
        return self.timeline.resolve(wall) + number * self.hours * HOUR if wall <= LAST_SECOND else None


@dataclass(frozen=True, slots=True)
class Listed:
    """A few instants, sorted."""

    instants: tuple[int, ...]

    def first(self, instant: int) -> int | None:
        """See `Instants`."""
        at = bisect_left(self.instants, instant)
        return self.instants[at] if at < len(self.instants) else None


@dataclass(frozen=True, slots=True)
class Ending:
    """Instants up to a last one, inclusive."""

    source: Instants
    last: int

    def first(self, instant: int) -> int | None:
        """See `Instants`."""
        found = self.source.first(instant) if instant <= self.last else None
        return found if found is not None and found <= self.last else None


@dataclass(frozen=True, slots=True)
class Amended:
    """Instants with some added and some taken away; what is taken away is never added."""

    source: Instants
    added: Listed
    removed: frozenset[int]

    def first(self, instant: int) -> int | None:
        """See `Instants`."""
        while True:
            found = _earlier(self.source.first(instant), self.added.first(instant))
            if found is None or found not in self.removed:
                return found
            instant = found + 1


def _earlier(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
