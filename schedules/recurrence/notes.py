"""What daylight saving did to an instant, in words."""

from .seconds import to_naive
from .zones import OffsetSegment


def moved(missing: int, wall: int, *, meets_another: bool = False) -> str:
    """Of a wall time that does not exist, and what became of it."""
    target = _clock(wall) if _day(wall) == _day(missing) else f"{_clock(wall)} on {_day(wall)}"
    became = f"it falls together with {target}" if meets_another else f"moved to {target}"
    return f"{_clock(missing)} does not exist on {_day(missing)}: {became}"


def repeated(segment: OffsetSegment, wall: int) -> str | None:
    """Of a wall time of a segment that exists twice."""
    if wall < segment.start + segment.before:
        return f"the second of two {_clock(wall)} on {_day(wall)}"
    if wall >= segment.end + segment.after:
        return f"the first of two {_clock(wall)} on {_day(wall)}"
    return None


def _clock(wall: int) -> str:
    moment = to_naive(wall)
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _day(wall: int) -> str:
    return str(to_naive(wall).date())
