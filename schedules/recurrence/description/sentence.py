"""Clauses, bounds and exceptions as one sentence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from .times import LAST_SECOND, TimesOfDay
from .words import MONTHS, ZONE, capitalised, clock, date_text, listed

MOST_LISTED = 100
ALL_DAY = TimesOfDay("", True)


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when to when, as times on the clock of the zone, and how often.

    `is_first`: the start is an occurrence, and the only one of its day.
    """

    start: datetime | None = None
    end: datetime | None = None
    count: int | None = None
    is_first: bool = False


def bounds_text(bounds: Bounds, times: TimesOfDay, *, exact: bool = False) -> str:
    """`, from 6 January 2026, until 3 March 2026 at 12:00, 10 times`. `exact` tells the time of the start always."""
    found = []
    if bounds.start is not None:
        whole = second_of(bounds.start) <= times.first and not exact and is_plain(bounds.start)
        found.append(f"{'first on' if bounds.is_first else 'from'} {moment_text(bounds.start, whole=whole)}")
    if bounds.end is not None:
        whole = second_of(bounds.end) >= times.last and is_plain(bounds.end)
        found.append(f"until {moment_text(bounds.end, whole=whole)}")
    if bounds.count is not None:
        found.append({1: "only once", 2: "twice"}.get(bounds.count, f"{bounds.count:,} times"))
    return "".join(f", {part}" for part in found)


def is_plain(moment: datetime) -> bool:
    """Whether the clock of a moment's zone does not change on its day."""
    if not date.min < moment.date() < date.max:
        return True
    days = (moment.date(), moment.date() + timedelta(days=1))
    first, last = (datetime.combine(day, time(), moment.tzinfo).utcoffset() for day in days)
    return first == last


def moment_text(moment: datetime, *, whole: bool) -> str:
    """A date, with its time unless that goes without saying."""
    if whole:
        return date_text(moment)
    is_second = moment.fold and moment.utcoffset() != moment.replace(fold=0).utcoffset()
    second = " (the second of two)" if is_second else ""
    return f"{date_text(moment)} at {clock(second_of(moment))}{ZONE}{second}"


def moments_text(moments: Iterable[tuple[datetime, bool]], times: TimesOfDay = ALL_DAY) -> str:
    """Moments, or whole days where True stands beside; of very many, the first.

    The only time of a rule goes without saying.
    """
    keys = {
        (moment.replace(tzinfo=None), moment.fold, is_day): (moment, is_day) for moment, is_day in moments
    }
    found = [keys[key] for key in sorted(keys)]
    shown = (
        (moment, is_day or (times.is_single and second_of(moment) == times.first and is_plain(moment)))
        for moment, is_day in found[:MOST_LISTED]
    )
    more = len(found) - MOST_LISTED
    return listed([*_items(shown), *([f"{more:,} more"] if more > 0 else [])])


def _items(moments: Iterable[tuple[datetime, bool]]) -> Iterator[str]:
    """Whole days of one month are told together: `24 and 25 December 2026`."""
    for (whole, year, month), group in groupby(moments, lambda item: (item[1], item[0].year, item[0].month)):
        same = [moment for moment, _ in group]
        if whole:
            days = list(dict.fromkeys(f"{moment.day}" for moment in same))
            yield f"{listed(days)} {MONTHS[month - 1]} {year}"
        else:
            yield from (moment_text(moment, whole=False) for moment in same)


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


def second_of(moment: datetime) -> int:
    """How many seconds of its day have passed."""
    return min(moment.hour * 3_600 + moment.minute * 60 + moment.second, LAST_SECOND)
