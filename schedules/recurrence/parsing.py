"""From what a user wrote to a rule: parse, validate, use."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise

from .budget import PARSE_STEPS, Budget, OutOfBudget
from .clock_changes import CALENDAR, Gap
from .cron import cron_fields, cron_instants, read_cron
from .cron_hints import about_dialect
from .errors import RecurrenceError
from .every import EveryDaysAndSeconds
from .exceptions import idle_exceptions
from .instants import Instants, Listed
from .remembering import remembered
from .rrule import Ground, rrule_instants
from .rrule_lines import Moment
from .rrule_text import RecurrenceText, read_rrule
from .rule import Rule
from .seconds import CYCLE, FIRST_SECOND, LAST_SECOND, ceil_second, floor_second, to_datetime, to_naive
from .sets import Combined
from .spec import EVERY, RuleSpec, checked
from .warnings import about_cron, about_rrule
from .zone_names import about_zone, is_utc
from .zones import Timeline, timeline

_GAPS_CHECKED = 100


def parse(spec: RuleSpec, *, min_interval_seconds: int = 1) -> Rule:
    """The rule that a spec describes; raises `RecurrenceError`, and nothing else, for one that it refuses.

    A rule that has no occurrence at all is refused, and so is one whose first hundred occurrences hold
    two that are less than `min_interval_seconds` apart. Recent answers are remembered.
    """
    return _parse(checked(spec), min_interval_seconds)


@remembered
def parse_stored(spec: RuleSpec) -> Rule:
    """As `parse`, for what a row has kept. Its types are those of the columns, so it is checked once, not each time."""
    return parse(spec)


@remembered
def _parse(spec: RuleSpec, min_interval_seconds: int) -> Rule:
    try:
        rule = _READERS[spec.kind](spec, _bounds(spec))
        _check_it_occurs(spec, rule)
    except OutOfBudget:
        raise _never_found(spec) from None
    if min_interval_seconds > 1:
        _check_interval(spec, rule, min_interval_seconds)
    about = () if spec.timezone is None else tuple(about_zone(spec.timezone))
    return replace(rule, warnings=tuple(dict.fromkeys(about + rule.warnings))) if about else rule


def _never_found(spec: RuleSpec) -> RecurrenceError:
    if "EXRULE" in (spec.rrule or "").upper():
        detail = "EXRULE takes away every occurrence as far as we look"
        return RecurrenceError(spec.kind, "never_matches", detail)
    detail = "too sparse: the search for the first occurrence was given up"
    return RecurrenceError(spec.kind, "too_sparse", detail)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The instants of ``starts_at`` and ``ends_at``, whole seconds inside what was given."""

    starts: int | None
    ends: int


def _bounds(spec: RuleSpec) -> _Bounds:
    starts = None if spec.starts_at is None else ceil_second(spec.starts_at)
    ends = LAST_SECOND if spec.ends_at is None else min(floor_second(spec.ends_at), LAST_SECOND)
    if spec.starts_at and starts is not None and not FIRST_SECOND <= starts <= LAST_SECOND:
        raise RecurrenceError("starts_at", "out_of_range", f"is too far away, got {_text(spec.starts_at)}")
    if starts is not None and starts > ends:
        detail = f"must not be before starts_at, {_written(starts)}, got {_written(ends)}"
        raise RecurrenceError("ends_at", "conflict", detail)
    return _Bounds(starts, ends)


def _zone(name: str | None) -> Timeline:
    return timeline("UTC" if name is None else name)


def _required_start(bounds: _Bounds, kind: str) -> int:
    if bounds.starts is None:
        raise RecurrenceError("starts_at", "required", f"starts_at is required by {kind}: it gives the phase")
    return bounds.starts


def _rule(source: Instants, zone: Timeline, bounds: _Bounds) -> Rule:
    starts = FIRST_SECOND if bounds.starts is None else bounds.starts
    return Rule(source, zone.zone, starts, bounds.ends)


def _read_every(spec: RuleSpec, bounds: _Bounds) -> Rule:
    zone = _zone(spec.timezone)
    start = _required_start(bounds, spec.kind)
    changes = CALENDAR.chosen(spec.dst_gap, spec.dst_fold)
    source = EveryDaysAndSeconds(zone, start, spec.every_x_days or 0, spec.elapsed_seconds, changes)
    return _rule(source, zone, bounds)


def _read_cron(spec: RuleSpec, bounds: _Bounds) -> Rule:
    zone = _zone(spec.timezone)
    rule = _rule(cron_instants(spec.cron or "", zone, spec.dst_gap, spec.dst_fold), zone, bounds)
    text = spec.cron or ""
    return replace(rule, warnings=(*about_dialect(cron_fields(text)), *about_cron(read_cron(text))))


def _read_rrule(spec: RuleSpec, bounds: _Bounds) -> Rule:
    text = read_rrule(spec.rrule or "")
    zone = _rrule_zone(text, spec.timezone)
    if text.dtstart is not None:
        bounds = _bounds_with_dtstart(_start(text.dtstart, zone, spec), bounds)
    start = _required_start(bounds, "an rrule without DTSTART")
    wall = text.dtstart.wall if text.dtstart else zone.wall(start)
    warnings = list[str]()
    budget = Budget(PARSE_STEPS)
    ground = Ground(zone, start, wall, spec.dst_gap, spec.dst_fold, bounds.ends, warnings.append, budget)
    rule = _rule(rrule_instants(text, ground), zone, bounds)
    found = rule.source
    named = found.first_named if isinstance(found, Combined) else found.first
    if text.dtstart is not None and named(start, start + 1, Budget()) is None:
        warnings.append(f"DTSTART, {to_naive(wall)}, does not match the rule, so it is not an occurrence")
    warnings += about_rrule(text, to_naive(wall).date())
    idle = idle_exceptions(text, found, ground) if isinstance(found, Combined) else frozenset[object]()
    return replace(rule, warnings=tuple(dict.fromkeys(warnings)), idle=idle)


def _start(dtstart: Moment, zone: Timeline, spec: RuleSpec) -> int:
    """The instant of DTSTART; in a gap where the rule's own would be, or where RFC 5545 3.3.5 has it."""
    changes = CALENDAR.chosen(spec.dst_gap, spec.dst_fold)
    reading = CALENDAR if changes.gap is Gap.SKIP else changes
    return min(dtstart.instants(zone, reading))


def _rrule_zone(text: RecurrenceText, given: str | None) -> Timeline:
    """The zone given, else DTSTART's own, else UTC; raises when DTSTART says another than was given."""
    named = text.zone_name
    if given is None:
        return _zone(named)
    zone = timeline(given)
    if named is not None:
        other = _zone(named).zone.key
        if other != zone.zone.key and not (is_utc(other) and is_utc(zone.zone.key)):
            detail = f"DTSTART is in {other} but timezone is {given}; leave one of them out"
            raise RecurrenceError("timezone", "conflict", detail)
    return zone


def _bounds_with_dtstart(dtstart: int, bounds: _Bounds) -> _Bounds:
    if bounds.starts is not None:
        detail = "the rrule has a DTSTART already; leave out that line or starts_at"
        raise RecurrenceError("starts_at", "conflict", detail)
    if dtstart > bounds.ends:
        detail = f"ends_at must not be before DTSTART, which is {_written(dtstart)}"
        raise RecurrenceError("ends_at", "conflict", detail)
    return _Bounds(dtstart, bounds.ends)


def _read_once(spec: RuleSpec, bounds: _Bounds) -> Rule:
    instant = FIRST_SECOND if spec.run_at is None else ceil_second(spec.run_at)
    starts = instant if bounds.starts is None else max(bounds.starts, instant)
    return _rule(Listed((instant,)), _zone(spec.timezone), _Bounds(starts, bounds.ends))


_READERS = {
    **dict.fromkeys(EVERY, _read_every),
    "cron": _read_cron,
    "rrule": _read_rrule,
    "run_at": _read_once,
}


def _check_it_occurs(spec: RuleSpec, rule: Rule) -> None:
    if rule.source.first(rule.starts, min(rule.ends + 1, rule.starts + CYCLE), Budget()) is not None:
        return
    first = rule.source.first(rule.starts, min(rule.starts + CYCLE, LAST_SECOND + 1), Budget())
    if first is None:
        raise RecurrenceError(spec.kind, "never_matches", _why_never(spec, rule))
    detail = f"the first occurrence, {_written(first)}, is after ends_at"
    raise RecurrenceError("ends_at", "never_matches", detail)


def _why_never(spec: RuleSpec, rule: Rule) -> str:
    if spec.run_at is None:
        return f"{spec.kind} has no occurrence at or after its start, or none within 400 years"
    if ceil_second(spec.run_at) < rule.starts:
        return f"must not be before starts_at, {_written(rule.starts)}, got {_text(spec.run_at)}"
    return f"is too far away, got {_text(spec.run_at)}"


def _check_interval(spec: RuleSpec, rule: Rule, seconds: int) -> None:
    for one, next_one in pairwise(islice(rule.all(), _GAPS_CHECKED + 1)):
        apart = (next_one - one).total_seconds()
        if apart < seconds:
            both = f"{_text(one)} and {_text(next_one)} are {apart:.0f}"
            detail = f"occurrences must be at least {seconds} seconds apart, {both}"
            raise RecurrenceError(spec.kind, "too_frequent", detail)


def _written(instant: int) -> str:
    return _text(to_datetime(instant))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
