"""From a rule as a user wrote it to a sentence."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.recurrence.clock_changes import CALENDAR
from schedules.recurrence.cron import cron_clock_changes
from schedules.recurrence.errors import RecurrenceError
from schedules.recurrence.parsing import parse
from schedules.recurrence.remembering import remembered
from schedules.recurrence.rrule_parts import Parts
from schedules.recurrence.rrule_text import read_rrule
from schedules.recurrence.rule import Rule
from schedules.recurrence.seconds import ceil_second, floor_second, to_datetime
from schedules.recurrence.spec import EVERY, RuleSpec
from schedules.recurrence.zones import timeline

from .clause import Clause
from .clock_changes import clock_words, elapsed_words
from .cron import cron_clause
from .interval import interval_in_words
from .lines import Lines
from .sentence import ALL_DAY, Bounds, bounds_text, joined, moment_text, moments_text, second_of, with_zone
from .times import TimesOfDay, times_of_day
from .words import every_days


@remembered
def describe(spec: RuleSpec) -> str:
    """A rule that `parse` accepts, as a sentence without its full stop. Raises RecurrenceError for another.

    It says neither less nor more than the instants: read back by other code, it names the same (a test).
    """
    return _TELLERS[spec.kind](spec, parse(spec))


def _tell_once(_spec: RuleSpec, rule: Rule) -> str:
    moment = (rule.first or to_datetime(rule.starts)).astimezone(rule.zone)
    return with_zone(f"once, on {moment_text(moment, whole=False)}", "", rule.zone.key, is_whole=False)


def _tell_every(spec: RuleSpec, rule: Rule) -> str:
    start = to_datetime(rule.starts).astimezone(rule.zone)
    changes = CALENDAR.chosen(spec.dst_gap, spec.dst_fold)
    line = timeline(rule.zone.key)
    is_first = bool(spec.every_x_days) and line.instants(line.wall(rule.starts), changes) != (rule.starts,)
    bounds = Bounds(start, _end(spec, rule.zone), is_first=is_first)
    times = times_of_day((start.hour,), (start.minute,), (start.second,))
    words = clock_words(times, (), changes, rule)
    if not spec.elapsed_seconds:
        clause = Clause(every_days(spec.every_x_days or 1), times, clock_changes=words)
        return _sentence(clause.text, bounds_text(bounds, times), rule.zone)
    main = interval_in_words(spec) + (
        words if spec.every_x_days else elapsed_words(spec.elapsed_seconds, rule)
    )
    return _sentence(main, bounds_text(bounds, ALL_DAY, exact=True), rule.zone)


def _tell_cron(spec: RuleSpec, rule: Rule) -> str:
    text = spec.cron or ""
    clause = cron_clause(text)
    changes = cron_clock_changes(text).chosen(spec.dst_gap, spec.dst_fold)
    words = clock_words(clause.times, clause.months, changes, rule)
    start = None
    if spec.starts_at is not None:
        start = _start_to_tell(to_datetime(ceil_second(spec.starts_at)).astimezone(rule.zone), clause, rule)
    rest = bounds_text(Bounds(start, _end(spec, rule.zone)), clause.times)
    return _sentence(replace(clause, clock_changes=words).text, rest, rule.zone)


def _start_to_tell(start: datetime, clause: Clause, rule: Rule) -> datetime:
    """Where a rule has clock times of its own, that of its start says nothing, so its first instant is told."""
    times = clause.times
    if clause.counts_from_start or second_of(start) <= times.first:
        return start
    with suppress(RecurrenceError):  # so sparse that the search is given up
        first = rule.first and rule.first.astimezone(rule.zone)
        if first and times.falls_in(second_of(first), second_of(first) + 1):  # no clock change moved it
            return first
    return start


def _sentence(main: str, rest: str, zone: ZoneInfo) -> str:
    is_whole = "every day" not in main and " on " not in main and " in " not in main
    return with_zone(main + rest, main, zone.key, is_whole=is_whole)


def _end(spec: RuleSpec, zone: ZoneInfo) -> datetime | None:
    return None if spec.ends_at is None else to_datetime(floor_second(spec.ends_at)).astimezone(zone)


def _tell_rrule(spec: RuleSpec, rule: Rule) -> str:
    lines = Lines(spec, read_rrule(spec.rrule or ""), rule)
    rules = lines.text.rules
    if not rules:
        return _sentence(f"on {moments_text(lines.added)}", lines.exceptions(ALL_DAY, None), rule.zone)
    if len(rules) == 1:
        return _tell_one_rrule(lines, rules[0], _end(spec, rule.zone))
    clauses = [lines.clause(parts) for parts in rules]
    pairs = zip(clauses, rules, strict=True)
    main = joined([clause.text + bounds_text(lines.end_of(parts), clause.times) for clause, parts in pairs])
    times = _all_of([clause.times for clause in clauses])
    bounds = bounds_text(Bounds(lines.start, _end(spec, rule.zone)), times, exact=lines.counts_from_start)
    return _sentence(main, bounds + lines.amendments(times, None), rule.zone)


def _all_of(times: Sequence[TimesOfDay]) -> TimesOfDay:
    """From the first to the last of all."""
    return TimesOfDay("", True, min(each.first for each in times), max(each.last for each in times))


def _tell_one_rrule(lines: Lines, parts: Parts, end: datetime | None) -> str:
    clause, own = lines.clause(parts), lines.end_of(parts)
    ends = [found for found in (own.end, end) if found is not None]
    start = lines.start if lines.is_amended else _start_to_tell(lines.start, clause, lines.rule)
    earlier = min(ends, default=None, key=datetime.timestamp)
    rest = bounds_text(Bounds(start, earlier, own.count), clause.times, exact=lines.counts_from_start)
    return _sentence(clause.text, rest + lines.amendments(clause.times, clause), lines.rule.zone)


_TELLERS = {
    "run_at": _tell_once,
    **dict.fromkeys(EVERY, _tell_every),
    "cron": _tell_cron,
    "rrule": _tell_rrule,
}
