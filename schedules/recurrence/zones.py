"""IANA time zones, and where their clocks change.

The data is the ``tzdata`` package's, never the machine's, so that every node computes the same instants.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from .errors import RecurrenceError, quoted
from .seconds import DAY, to_naive

# Clock changes of one zone are more than six days apart (a test checks it over all of tzdata) and never
# larger than a day, so from two days back to four ahead there is at most one, and it is seen whole.
REACH = 2 * DAY


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of instants ``[start, end)`` with one UTC offset.

    ``before`` is the offset just before ``start``. It differs from ``offset`` when the clock changed
    there: forward (a gap) when ``before < offset``, back (a fold) when ``before > offset``.
    """

    start: int
    end: int
    offset: int
    before: int


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
        return wall - _seconds_of_offset(to_naive(wall).replace(tzinfo=self.zone, fold=0))

    def segment(self, instant: int) -> Segment:
        """A segment around an instant; it may also begin or end where it just looks no further."""
        found = _segment(self, instant // REACH * REACH)
        return found if instant < found.end else _segment(self, instant)


@lru_cache(maxsize=16_384)
def _segment(timeline: Timeline, instant: int) -> Segment:
    """The segment around an instant, `REACH` back and twice as far ahead at most."""
    offset = timeline.offset(instant)
    start, end = instant - REACH, instant + 2 * REACH
    before = timeline.offset(start)
    if before != offset:
        start = _change(timeline, start, instant, before)
    if timeline.offset(end) != offset:
        end = _change(timeline, instant, end, offset)
    return Segment(start, end, offset, before)


def _change(timeline: Timeline, low: int, high: int, offset: int) -> int:
    """The first instant in ``(low, high]`` whose offset is no longer `offset`."""
    moments = range(low, high + 1)
    return moments[bisect_left(moments, True, key=lambda moment: timeline.offset(moment) != offset)]


def _seconds_of_offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    if offset is None:
        raise TypeError(f"{moment!r} has no offset")
    return offset.days * DAY + offset.seconds


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all IANA zones and links."""
    listing = (resources.files("tzdata") / "zones").read_text(encoding="ascii")
    return frozenset(listing.split()) - {"Factory"}


@lru_cache(maxsize=1024)
def timeline(name: str, field: str = "timezone") -> Timeline:
    """The timeline of the zone called `name`; raises `RecurrenceError` naming `field` if there is none."""
    if name not in zone_names():
        raise RecurrenceError(field, "unknown_timezone", _unknown(name))
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as data:
        return Timeline(ZoneInfo.from_file(data, key=name))


def _unknown(name: str) -> str:
    meant = next((known for known in zone_names() if known.lower() == name.lower()), None)
    hint = f"did you mean {meant}?" if meant else "expected one like Europe/Berlin or UTC"
    return f"{quoted(name)} is not an IANA time zone; {hint}"
