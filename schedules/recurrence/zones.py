"""IANA time zones, and where their clocks change.

The data is the ``tzdata`` package's, never the machine's, so that every node computes the same instants.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

from .clock_changes import CALENDAR, ClockChanges, Fold, Gap
from .errors import RecurrenceError, quoted
from .seconds import DAY, FIRST_SECOND, LAST_SECOND, to_naive
from .zone_hints import zone_hint
from .zone_names import iana_name

REACH = 2 * DAY
"""Further than any offset or clock change: neither is more than a day (a test checks it over all of tzdata)."""
APART = 6 * DAY
"""Clock changes of one zone are further apart than this (the same test), so probes so far apart see them all."""
_BLOCK = 2**25  # seconds, about 13 months: what is looked through for clock changes at once, and remembered


@dataclass(frozen=True, slots=True)
class OffsetSegment:
    """A stretch of instants ``[start, end)`` with one UTC offset.

    ``before`` and ``after`` are the offsets just before ``start`` and at ``end``. They differ from ``offset``
    where the clock changes: ``before < offset`` is a gap, ``before > offset`` a fold. A stretch may also begin
    or end where it just looks no further: then no change is within a day of that.
    """

    start: int
    end: int
    offset: int
    before: int
    after: int


class Timeline:
    """The UTC offsets of one zone."""

    __slots__ = ("zone",)

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def offset(self, instant: int) -> int:
        """Seconds that the wall clock is ahead of UTC at an instant."""
        return _seconds_of_offset(datetime.fromtimestamp(instant, self.zone))

    def wall(self, instant: int) -> int:
        """What the clock on the wall shows at an instant."""
        return instant + self.offset(instant)

    def resolve(self, wall: int) -> int:
        """The instant of a wall time, as RFC 5545 3.3.5 reads it.

        The first of two; the offset before the gap when there is none.
        """
        return self._read(wall, 0)

    def instants(self, wall: int, changes: ClockChanges = CALENDAR) -> tuple[int, ...]:
        """The instants of a wall time, none, one or two, as `changes` has it."""
        segment = self.segment(wall)  # of that instant: within a day of all that the wall time may mean
        if segment.start + REACH <= wall < segment.end - REACH:
            return (wall - segment.offset,)
        first, last = self._read(wall, 0), self._read(wall, 1)
        if first > last:  # PEP 495 reads a gap with the offset before it, then with the one after it
            shifted = {Gap.SKIP: (), Gap.SHIFT: (first,), Gap.AFTER: (self.segment(first).start,)}
            return shifted[changes.gap]
        if first == last:
            return (first,)
        return {Fold.FIRST: (first,), Fold.LAST: (last,), Fold.BOTH: (first, last)}[changes.fold]

    def segment(self, instant: int) -> OffsetSegment:
        """The segment around an instant."""
        starts, segments = _segments(self, instant // _BLOCK)
        return segments[bisect_right(starts, instant) - 1]

    def _read(self, wall: int, fold: int) -> int:
        return wall - _seconds_of_offset(to_naive(wall).replace(tzinfo=self.zone, fold=fold))


@lru_cache(maxsize=16_384)
def _segments(timeline: Timeline, block: int) -> tuple[list[int], list[OffsetSegment]]:
    """The segments of a block, and where each starts."""
    low = max(block * _BLOCK - REACH, FIRST_SECOND - REACH)
    high = min((block + 1) * _BLOCK + REACH, LAST_SECOND + 2 * REACH)
    starts = [low, *_changes(timeline, low, high)]
    offsets = [timeline.offset(start) for start in starts]
    befores, afters = [offsets[0], *offsets], [*offsets[1:], offsets[-1]]
    ends = [*starts[1:], max(high - DAY, starts[-1] + 1)]
    found = zip(starts, ends, offsets, befores, afters, strict=False)
    return starts, [OffsetSegment(*values) for values in found]


def _changes(timeline: Timeline, low: int, high: int) -> list[int]:
    probes = [*range(low, high, APART), high]
    offsets = [timeline.offset(probe) for probe in probes]
    pairs = zip(pairwise(probes), pairwise(offsets), strict=True)
    return [_change(timeline, *probed, one) for probed, (one, other) in pairs if one != other]


def _change(timeline: Timeline, low: int, high: int, offset: int) -> int:
    """The first instant in ``(low, high]`` whose offset is no longer `offset`."""
    moments = range(low, high + 1)
    return moments[bisect_left(moments, True, key=lambda moment: timeline.offset(moment) != offset)]


def _seconds_of_offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    if offset is None:
        raise TypeError(f"{moment!r} has no offset")
    return offset.days * DAY + offset.seconds


def timeline(written: str, field: str = "timezone") -> Timeline:
    """The timeline of the zone that a name stands for; raises `RecurrenceError` naming `field` if there is none."""
    name = iana_name(written)
    if name is None:
        detail = f"{quoted(written)} is not an IANA time zone; {zone_hint(written)}"
        raise RecurrenceError(field, "unknown_timezone", detail)
    return _timeline(name)


@lru_cache(maxsize=1024)
def _timeline(name: str) -> Timeline:
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as data:
        return Timeline(ZoneInfo.from_file(data, key=name))
