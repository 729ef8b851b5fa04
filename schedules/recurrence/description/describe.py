"""From a rule as a user wrote it to a sentence."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.recurrence.errors import RecurrenceError
from schedules.recurrence.parsing import parse
from schedules.recurrence.remembering import remembered
from schedules.recurrence.rrule_lines import Line, Moment, line_zone, read_date_times, read_lines
from schedules.recurrence.rrule_parts import Parts, read_parts
from schedules.recurrence.rule import Rule
from schedules.recurrence.seconds import FIRST_SECOND, to_datetime, to_naive
from schedules.recurrence.spec import EVERY, RuleSpec
from schedules.recurrence.zones import timeline

from .clause import Clause
from .cron import cron_clause
from .interval import interval_in_words
from .rrule import rrule_clause
from .sentence import ALL_DAY, Bounds, bounds_text, joined, moment_text, moments_text, second_of, with_zone
from .times import TimesOfDay
from .words import ZONE, clock, every_days


@remembered
def describe(spec: RuleSpec) -> str:
    """A rule that `parse` accepts, as a sentence without its full stop. Raises RecurrenceError for another."""
    rule = parse(spec)
    return _TELLERS[spec.kind](spec, rule) + _clock_changes(spec)


def _clock_changes(spec: RuleSpec) -> str:
    """What the user chose for times that a clock change skips or repeats."""
    found = [words for words in (_GAPS.get(spec.dst_gap), _FOLDS.get(spec.dst_fold)) if words]
    return f", {' and '.join(found)}" if found else ""


_GAPS = {
    "skip": "left out where the clocks skip a time",
    "shift": "as much later where the clocks skip a time",
    "after": "right after the change where the clocks skip a time",
}
_FOLDS = {
    "first": "the first time where the clocks repeat a time",
    "last": "the last time where the clocks repeat a time",
    "both": "both times where the clocks repeat a time",
}


def _tell_once(_spec: RuleSpec, rule: Rule) -> str:
    wall = (rule.first or to_datetime(rule.starts)).astimezone(rule.zone)
    return with_zone(f"once, on {moment_text(wall, whole=False)}", "", rule.zone.key, is_whole=False)


def _tell_every(spec: RuleSpec, rule: Rule) -> str:
    start = to_datetime(rule.starts).astimezone(rule.zone)
    bounds = Bounds(start, _end(spec, rule.zone))
    second = start.hour * 3_600 + start.minute * 60 + start.second
    if not spec.elapsed_seconds:
        days = every_days(spec.every_x_days or 1)
        times = TimesOfDay(f"at {clock(second)}{ZONE}", False, second, second)
        return _sentence(Clause(days, times).text, bounds_text(bounds, times), rule.zone)
    return _sentence(interval_in_words(spec), bounds_text(bounds, ALL_DAY, exact=True), rule.zone)


def _tell_cron(spec: RuleSpec, rule: Rule) -> str:
    clause = cron_clause(spec.cron or "")
    start = None if spec.starts_at is None else spec.starts_at.astimezone(rule.zone).replace(tzinfo=None)
    bounds = Bounds(start and _told_start(start, clause, rule), _end(spec, rule.zone))
    return _sentence(clause.text, bounds_text(bounds, clause.times), rule.zone)


def _told_start(start: datetime, clause: Clause, rule: Rule) -> datetime:
    """Where a rule has clock times of its own, that of its start says nothing, so its first instant is told."""
    times = clause.times
    if times.is_rate or clause.counts_from_start or second_of(start) <= times.first:
        return start
    with suppress(RecurrenceError):  # so sparse that the search is given up
        first = rule.first and rule.first.astimezone(rule.zone).replace(tzinfo=None)
        if first and times.first <= second_of(first) <= times.last:  # no clock change moved it
            return first
    return start


def _sentence(main: str, rest: str, zone: ZoneInfo) -> str:
    is_whole = "every day" not in main and " on " not in main and " in " not in main
    return with_zone(main + rest, main, zone.key, is_whole=is_whole)


def _end(spec: RuleSpec, zone: ZoneInfo) -> datetime | None:
    return None if spec.ends_at is None else spec.ends_at.astimezone(zone)


def _tell_rrule(spec: RuleSpec, rule: Rule) -> str:
    text = _Text(read_lines(spec.rrule or ""), rule)
    rules = [(rrule_clause(parts, text.start), parts) for parts in text.parts("RRULE")]
    if not rules:
        return _sentence(f"on {moments_text(text.added)}", text.exceptions(ALL_DAY), rule.zone)
    if len(rules) == 1:
        return _tell_one_rrule(text, *rules[0], _end(spec, rule.zone))
    main = joined([clause.text + bounds_text(text.end_of(parts), clause.times) for clause, parts in rules])
    times = _all_of([clause.times for clause, _ in rules])
    exact = any(clause.counts_from_start for clause, _ in rules)
    bounds = bounds_text(Bounds(text.start, _end(spec, rule.zone)), times, exact=exact)
    return _sentence(main, bounds + text.amendments(times), rule.zone)


def _all_of(times: Sequence[TimesOfDay]) -> TimesOfDay:
    first, last = min(each.first for each in times), max(each.last for each in times)
    same = len({each.text for each in times}) == 1
    return times[0] if same else TimesOfDay("", True, first, last)


def _tell_one_rrule(text: "_Text", clause: Clause, parts: Parts, end: datetime | None) -> str:
    own = text.end_of(parts)
    ends = [found.replace(tzinfo=None) for found in (own.end, end) if found is not None]
    start = text.start if text.is_amended else _told_start(text.start, clause, text.rule)
    bounds = Bounds(start, min(ends, default=None), own.count)
    rest = bounds_text(bounds, clause.times, exact=clause.counts_from_start)
    return _sentence(clause.text, rest + text.amendments(clause.times), text.rule.zone)


@dataclass(frozen=True, slots=True)
class _Text:
    """An rrule's lines, read on the clock of its rule's zone."""

    lines: list[Line]
    rule: Rule

    @property
    def start(self) -> datetime:
        """DTSTART as it was written, or `starts_at`, as a wall time."""
        for line in self._named("DTSTART"):
            moment = read_date_times(line)[0]
            return to_naive(moment.wall) if not moment.is_utc else self._wall(moment, line)
        starts = max(self.rule.starts, FIRST_SECOND)
        return to_datetime(starts).astimezone(self.rule.zone).replace(tzinfo=None)

    def parts(self, name: str) -> list[Parts]:
        """The rules of all lines of a name."""
        return [read_parts(line.value) for line in self._named(name)]

    def moments(self, name: str) -> list[tuple[datetime, bool]]:
        """All moments that the lines of a name list, and whether each is a whole day."""
        lines = self._named(name)
        return [
            (self._wall(moment, line), not moment.has_time)
            for line in lines
            for moment in read_date_times(line)
        ]

    def end_of(self, parts: Parts) -> Bounds:
        """UNTIL and COUNT of one line."""
        if parts.until is None:
            return Bounds(count=parts.count)
        return Bounds(end=self._local(parts.until.last_instant(timeline(self.rule.zone.key))))

    @property
    def is_amended(self) -> bool:
        """Whether anything is taken away or added."""
        return any(line.name in ("RDATE", "EXDATE", "EXRULE") for line in self.lines)

    def amendments(self, times: TimesOfDay) -> str:
        """What is taken away, and what is added."""
        also = f", and also on {moments_text(self.added, times)}" if self.added else ""
        return self.exceptions(times) + also

    @property
    def added(self) -> list[tuple[datetime, bool]]:
        """The moments of RDATE. A date alone is added at the time of the start."""
        at = self.start.time()
        return [(datetime.combine(wall, at) if day else wall, False) for wall, day in self.moments("RDATE")]

    def exceptions(self, times: TimesOfDay) -> str:
        """What is taken away."""
        dates = self.moments("EXDATE")
        gone = [self._taken_away(parts, times) for parts in self.parts("EXRULE")]
        gone += [moments_text(dates, times)] if dates else []
        return f", except {', and '.join(gone)}" if gone else ""

    def _taken_away(self, parts: Parts, times: TimesOfDay) -> str:
        clause = rrule_clause(parts, self.start)
        same_times = clause.times == times and not times.is_rate
        text = clause.days + clause.restriction if same_times else clause.text
        return text + bounds_text(self.end_of(parts), clause.times)

    def _named(self, name: str) -> Iterator[Line]:
        return (line for line in self.lines if line.name == name)

    def _wall(self, moment: Moment, line: Line) -> datetime:
        if not moment.has_time:
            return to_naive(moment.wall)
        return self._local(moment.instant(line_zone(line) or timeline(self.rule.zone.key)))

    def _local(self, instant: int) -> datetime:
        return to_datetime(instant).astimezone(self.rule.zone).replace(tzinfo=None)


_TELLERS = {
    "run_at": _tell_once,
    **dict.fromkeys(EVERY, _tell_every),
    "cron": _tell_cron,
    "rrule": _tell_rrule,
}
