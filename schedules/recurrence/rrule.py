"""An rrule to the instants it means: wall times on a zone's clock, their ends, what is added and taken away."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter

from .budget import Budget, OutOfBudget
from .clock_changes import CALENDAR, EVERY_REAL_HOUR, ClockChanges
from .errors import RecurrenceError
from .instants import Combinable, Instants, Listed, Until
from .on_the_wall import OnTheWall
from .rrule_lines import invalid
from .rrule_parts import Frequency, Parts
from .rrule_text import Placed, RecurrenceText
from .rrule_walls import rrule_walls
from .searching import nth
from .seconds import CYCLE, DAY
from .sets import Combined, Ranges
from .zones import REACH, Timeline


@dataclass(frozen=True, slots=True)
class Ground:
    """What all lines of an rrule share: the zone, DTSTART, the user's choices for clock changes, a budget."""

    timeline: Timeline
    start: int
    wall: int
    gap: str
    fold: str
    end: int  # the last instant that `ends_at` leaves
    warn: Callable[[str], None]
    budget: Budget

    @property
    def dates(self) -> ClockChanges:
        """How single dates are read."""
        return CALENDAR.chosen(self.gap, self.fold)


def rrule_instants(text: RecurrenceText, ground: Ground) -> Instants:
    """The instants of a text; raises `RecurrenceError` when one of its RRULEs has none, and `OutOfBudget`."""
    rules = _cheapest_first(text.rules, ground)
    if len(rules) == 1 and not (text.added or text.removed or text.excluded):
        return rules[0]
    excluded = tuple(_excluded(parts, ground) for parts in text.excluded)
    added = Listed(tuple(sorted(_added(text.added, ground))))
    return Combined(rules, added, excluded, Ranges.of(set(removed_ranges(text.removed, ground))))


def _cheapest_first(texts: Iterable[Parts], ground: Ground) -> tuple[Combinable, ...]:
    """The rules of the lines: each is searched no further than where those before it found something."""
    found = list[tuple[int, Combinable]]()
    for parts in texts:
        left = ground.budget.left
        rule = _rule(parts, ground)
        found.append((left - ground.budget.left, rule))
    return tuple(rule for _, rule in sorted(found, key=itemgetter(0)))


def _rule(parts: Parts, ground: Ground) -> Combinable:
    """The instants of one RRULE or EXRULE, in its own phase, up to its own COUNT or UNTIL."""
    changes = CALENDAR if parts.freq <= Frequency.DAILY else EVERY_REAL_HOUR
    walls = rrule_walls(parts, ground.wall)
    rule = OnTheWall(walls, ground.timeline, changes.chosen(ground.gap, ground.fold))
    begin = ground.wall - REACH
    if walls.first(begin, begin + CYCLE, ground.budget) is None:
        raise invalid("the days and times of the rule never come together within 400 years", "never_matches")
    first = rule.first(ground.start, ground.start + CYCLE, ground.budget)
    if first is None:
        raise invalid(
            "everything that the rule names falls into clock changes or beyond year 9999", "never_matches"
        )
    return _ended(parts, rule, first, ground)


def _excluded(parts: Parts, ground: Ground) -> Combinable:
    """The instants of an EXRULE, which may be none."""
    try:
        return _rule(parts, ground)
    except RecurrenceError as refusal:
        if refusal.code != "never_matches":
            raise
        return Listed(())


def _ended(parts: Parts, rule: Combinable, first: int, ground: Ground) -> Combinable:
    """The rule up to its COUNT or UNTIL; raises when nothing of it is left."""
    if parts.count is not None:
        last = _last_counted(parts.count, parts, rule, ground)
        return rule if last is None else Until(rule, last)
    if parts.until is None:
        return rule
    until = parts.until.last_instant(ground.timeline, ground.dates)
    if until < first:
        raise invalid("UNTIL is before the first occurrence", "never_matches")
    return Until(rule, until)


def _last_counted(count: int, parts: Parts, rule: Instants, ground: Ground) -> int | None:
    """The instant of the occurrence that COUNT ends with; None when that is beyond the year 9999."""
    try:
        last = nth(rule, count, ground.start, repeats=parts.repeats, budget=ground.budget)
    except OutOfBudget:
        detail = f"COUNT: {count} occurrences of this rule are too many to be counted; use UNTIL"
        raise invalid(detail, "unsupported") from None
    if last is None:
        ground.warn(
            f"COUNT: the last of {count} occurrences would come after the year 9999, so there is no end"
        )
    return last


def _added(moments: Iterable[Placed], ground: Ground) -> set[int]:
    """The instants of RDATE; a date means that day at DTSTART's time of day."""
    found = set[int]()
    for moment, zone in moments:
        if moment.has_time:
            found.update(moment.instants(zone or ground.timeline, ground.dates))
        else:
            found.update(ground.timeline.instants(moment.wall + ground.wall % DAY, ground.dates))
    if any(instant < ground.start for instant in found):
        ground.warn("RDATE names a time before the start, which does not occur")
    return found


def removed_ranges(moments: Iterable[Placed], ground: Ground) -> Iterable[tuple[int, int]]:
    """The ranges of EXDATE; a date means all of that day."""
    for moment, zone in moments:
        if moment.has_time:
            instants = moment.instants(zone or ground.timeline, ground.dates)
            yield from ((instant, instant + 1) for instant in instants)
        else:
            yield moment.day(ground.timeline)
