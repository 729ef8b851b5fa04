"""An rrule to the instants it means: wall times on a zone's clock, their end, what is added and taken away."""

from collections.abc import Iterable, Iterator
from itertools import islice

from .days import to_date
from .instants import CALENDAR, EVERY_REAL_HOUR, Amended, Ending, Instants, Listed, OnTheWall
from .rrule_days import with_days_of_start
from .rrule_lines import Moment, invalid
from .rrule_parts import Frequency, Parts
from .rrule_text import RecurrenceText
from .rrule_walls import UNITS, rrule_walls
from .seconds import CYCLE, DAY
from .zones import Timeline

COUNT_BUDGET = 10_000


def rrule_instants(text: RecurrenceText, timeline: Timeline, start: int) -> Instants:
    """The instants of a rule that starts at an instant; raises `RecurrenceError` when it has none."""
    wall = text.dtstart.wall if text.dtstart else timeline.wall(start)
    parts = with_days_of_start(text.parts, to_date(wall // DAY))
    changes = CALENDAR if parts.freq <= Frequency.DAILY else EVERY_REAL_HOUR
    rule = _ended(parts, OnTheWall(rrule_walls(parts, wall), timeline, changes), timeline, start)
    if not (text.added or text.removed):
        return rule
    added = Listed(tuple(sorted(_instants(text.added, timeline))))
    return Amended(rule, added, frozenset(_instants(text.removed, timeline)))


def _instants(moments: Iterable[tuple[Moment, Timeline | None]], timeline: Timeline) -> set[int]:
    return {moment.instant(zone or timeline) for moment, zone in moments}


def _ended(parts: Parts, rule: Instants, timeline: Timeline, start: int) -> Instants:
    """The rule up to its COUNT or UNTIL; raises when nothing of it is left."""
    first = rule.first(start)
    if first is None:
        raise invalid("all that the RRULE names falls into clock changes or beyond time", "never_matches")
    if parts.count is not None:
        return Ending(rule, _last_counted(parts, parts.count, rule, start))
    if parts.until is None:
        return rule
    until = parts.until.last_instant(timeline)
    if until < first:
        raise invalid("UNTIL is before the first occurrence", "never_matches")
    return Ending(rule, until)


def _last_counted(parts: Parts, count: int, rule: Instants, start: int) -> int:
    """The instant of the occurrence that COUNT ends with."""
    budget = COUNT_BUDGET if _is_plain(parts) else COUNT_BUDGET // 10
    if count > budget:
        raise invalid(f"COUNT: expected at most {budget}, got {count}; use UNTIL", "unsupported")
    last = next(islice(_walk(rule, start), count - 1, None), None)
    if last is None:
        raise invalid(f"COUNT: the last of {count} is more than 400 years away; use UNTIL", "unsupported")
    return last


def _is_plain(parts: Parts) -> bool:
    """Whether each step of a rule is about as cheap as can be."""
    has_phase = parts.freq in UNITS and parts.interval > 1
    return not (parts.bysetpos or (has_phase and parts.given))


def _walk(rule: Instants, start: int) -> Iterator[int]:
    """The instants of the 400 years from `start` on, so that COUNT looks no further than any search."""
    found = rule.first(start)
    while found is not None and found < start + CYCLE:
        yield found
        found = rule.first(found + 1)
