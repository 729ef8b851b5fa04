"""What the engine takes for granted about tzdata, checked on the installed release."""

import struct
from importlib import resources
from itertools import pairwise

from schedules.recurrence.zone_names import zone_names
from schedules.recurrence.zones import REACH, timeline

DAY = 86_400


def changes(name: str) -> list[tuple[int, int, int]]:
    """Instant, offset before and offset after of a zone's clock changes, read from its file (RFC 9636)."""
    data = (resources.files("tzdata") / "zoneinfo" / name).read_bytes()
    isutc, isstd, leap, times, types, chars = struct.unpack(">6l", data[20:44])
    at = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isutc + 44
    isutc, isstd, leap, times, types, chars = struct.unpack(">6l", data[at - 24 : at])
    instants = struct.unpack(f">{times}q", data[at : at + 8 * times])
    kinds = data[at + 8 * times : at + 9 * times]
    offsets = [struct.unpack(">l", data[at + 9 * times + 6 * n :][:4])[0] for n in range(types)]
    after = [offsets[kind] for kind in kinds]
    return [
        (instant, one, other)
        for instant, one, other in zip(instants, [offsets[0], *after], after, strict=False)
        if one != other
    ]


def test_clock_changes_are_far_apart_and_at_most_a_day() -> None:
    for name in zone_names():
        found = changes(name)
        assert all(abs(other - one) <= DAY for _, one, other in found), name
        assert all(later[0] - earlier[0] > 3 * REACH for earlier, later in pairwise(found)), name


def test_every_clock_change_since_1970_is_seen() -> None:
    for name in {tuple(changes(name)): name for name in zone_names()}.values():
        zone = timeline(name)
        for instant, before, after in changes(name):
            if instant < 0:
                continue
            segment = zone.segment(instant)
            assert (segment.start, segment.before, segment.offset) == (instant, before, after), name
            assert zone.segment(instant - 1).end == instant, name
