"""What becomes of a rule's times where the clocks change, in words; nothing where that goes without saying."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from schedules.recurrence.clock_changes import ClockChanges, Fold, Gap
from schedules.recurrence.days import to_date
from schedules.recurrence.rule import Rule
from schedules.recurrence.seconds import DAY, FIRST_SECOND, HOUR, to_datetime
from schedules.recurrence.zones import timeline

from .times import TimesOfDay

_GAPS = {
    Gap.SKIP: "left out where the clocks skip a time",
    Gap.SHIFT: "as much later where the clocks skip a time",
    Gap.AFTER: "right after the change where the clocks skip a time",
}
_FOLDS = {
    Fold.FIRST: "the first time where the clocks repeat a time",
    Fold.LAST: "the last time where the clocks repeat a time",
    Fold.BOTH: "both times where the clocks repeat a time",
}
_SINCE = 2025
"""Of a rule without a start, no clock changes are told that are long past."""
_YEARS = 63
"""So far ahead they are looked for: where they follow Ramadan, they come at all times of the year by then."""


@dataclass(frozen=True, slots=True)
class _Change:
    """Wall times of one month, ``[low, high)`` in seconds of a day, that a clock change at an instant touches."""

    instant: int
    alike: tuple[bool, int, int, int]
    """What follows, which changes of many years have in common."""
    is_gap: bool
    month: int
    low: int
    high: int


def clock_words(times: TimesOfDay, months: tuple[int, ...], changes: ClockChanges, rule: Rule) -> str:
    """Behind a comma: what is chosen for the times, in some months or, if there are none, all.

    Without words a rate goes on with what the clock shows, and a clock time that exists twice is the first. Of a
    clock time that does not exist it is always told.
    """
    found = list(_met(times, months, rule))
    gap = changes.gap if any(change.is_gap for change in found) else None
    fold = changes.fold if any(not change.is_gap for change in found) else None
    words = [_GAPS[gap]] if gap and not (times.is_rate and gap is Gap.SKIP) else []
    if fold and fold is not (Fold.BOTH if times.is_rate else Fold.FIRST):
        words.append(_FOLDS[fold])
    return f", {' and '.join(words)}" if words else ""


def elapsed_words(step: int, rule: Rule) -> str:
    """Behind `every 20 minutes` where the clocks change by other than that, and it does not follow them."""
    if HOUR % step:
        return ""  # it can only be counted from the start
    line = timeline(rule.zone.key)
    at, end = rule.starts, min(rule.ends, rule.starts + _YEARS * 366 * DAY)
    while at <= end:
        segment = line.segment(at)
        if segment.end <= end and (segment.after - segment.offset) % step:
            return " of elapsed time"
        at = segment.end
    return ""


def _met(times: TimesOfDay, months: tuple[int, ...], rule: Rule) -> Iterator[_Change]:
    first = _SINCE if rule.starts == FIRST_SECOND else to_datetime(rule.starts - 2 * DAY).year
    seen = set[tuple[bool, int, int, int]]()
    for year in range(first, min(first + _YEARS, to_datetime(rule.ends).year + 1)):
        for change in _changes(rule.zone.key, year):
            if change.alike in seen or (months and change.month not in months):
                continue
            if not rule.starts - 2 * DAY <= change.instant <= rule.ends + 2 * DAY:
                continue
            seen.add(change.alike)
            if times.falls_in(change.low, change.high):
                yield change


@lru_cache(maxsize=8192)
def _changes(zone: str, year: int) -> tuple[_Change, ...]:
    """The clock changes of a year and the first days of the next, as what they do to each day."""
    line, found = timeline(zone), list[_Change]()
    at, end = (
        int(datetime(year, 1, 1, tzinfo=UTC).timestamp()),
        int(datetime(year + 1, 1, 3, tzinfo=UTC).timestamp()),
    )
    while at < end:
        segment = line.segment(at)
        low, high = sorted((segment.start + segment.before, segment.start + segment.offset))
        while low < high:
            day, second = divmod(low, DAY)
            until = min(high - day * DAY, DAY)
            alike = (segment.before < segment.offset, to_date(day).month, second, until)
            found.append(_Change(segment.start, alike, *alike))
            low = day * DAY + until
        at = segment.end
    return tuple(found)
