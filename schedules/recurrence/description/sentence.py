"""Clauses, bounds and exceptions as one sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .times import LAST_SECOND, TimesOfDay
from .words import ZONE, capitalised, clock, date_text, listed

MOST_LISTED = 6
ALL_DAY = TimesOfDay("", True)


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when to when, as wall times, and how often."""

    start: datetime | None = None
    end: datetime | None = None
    count: int | None = None


def bounds_text(bounds: Bounds, times: TimesOfDay, *, exact: bool = False) -> str:
    """`, from 6 January 2026, until 3 March 2026 at 12:00, 10 times`. `exact` tells the time of the start always."""
    found = []
    if bounds.start is not None:
        whole = second_of(bounds.start) <= times.first and not exact
        found.append(f"from {moment_text(bounds.start, whole=whole)}")
    if bounds.end is not None:
        found.append(f"until {moment_text(bounds.end, whole=second_of(bounds.end) >= times.last)}")
    if bounds.count is not None:
        found.append({1: "only once", 2: "twice"}.get(bounds.count, f"{bounds.count:,} times"))
    return "".join(f", {part}" for part in found)


def moment_text(wall: datetime, *, whole: bool) -> str:
    """A date, with its time unless that goes without saying."""
    return date_text(wall) if whole else f"{date_text(wall)} at {clock(second_of(wall))}{ZONE}"


def moments_text(moments: Iterable[tuple[datetime, bool]], times: TimesOfDay = ALL_DAY) -> str:
    """Wall times, or whole days where True stands beside; of many, the first few.

    The only time of a rule goes without saying.
    """
    found = sorted(set(moments))
    shown = [
        moment_text(wall, whole=is_day or (times.is_single and second_of(wall) == times.first))
        for wall, is_day in found[:MOST_LISTED]
    ]
    more = len(found) - len(shown)
    return listed([*shown, f"{more:,} more"] if more else shown)


def with_zone(sentence: str, main: str, zone: str, *, is_whole: bool) -> str:
    """The sentence with the name of its zone behind the first clock time, or else behind the main part.

    `is_whole`: the same moments in every zone, so that UTC need not be said.
    """
    if ZONE in sentence:
        return capitalised(sentence.replace(ZONE, f" {zone}", 1).replace(ZONE, ""))
    named = main if is_whole and zone == "UTC" else f"{main} ({zone})"
    return capitalised(sentence.replace(main, named, 1))


def joined(clauses: Sequence[str]) -> str:
    """Several rules, each of which adds its occurrences."""
    return ", and ".join(clauses) if all("," not in clause for clause in clauses) else "; and ".join(clauses)


def second_of(wall: datetime) -> int:
    """How many seconds of its day have passed."""
    return min(wall.hour * 3_600 + wall.minute * 60 + wall.second, LAST_SECOND)
