"""From what a user wrote to a rule: parse, validate, use."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from .cron import cron_instants
from .errors import RecurrenceError
from .instants import EveryDaysAndHours, Instants, Listed
from .rrule import rrule_instants
from .rrule_text import RecurrenceText, read_rrule
from .rule import Rule
from .seconds import FIRST_SECOND, LAST_SECOND, ceil_second, floor_second, to_datetime
from .spec import RuleSpec, checked
from .zones import Timeline, timeline

_GAPS_CHECKED = 100


def parse(spec: RuleSpec, *, min_interval_seconds: int = 1) -> Rule:
    """The rule that a spec describes; raises `RecurrenceError`, and nothing else, for one that it refuses.

    A rule that has no occurrence at all is refused, and so is one whose first hundred occurrences hold
    two that are less than `min_interval_seconds` apart. Recent answers are remembered.
    """
    return _parse(checked(spec), min_interval_seconds)


@lru_cache(maxsize=4096)
def _parse(spec: RuleSpec, min_interval_seconds: int) -> Rule:
    bounds = _bounds(spec)
    rule = _READERS[spec.kind](spec, bounds)
    _check_it_occurs(spec, rule)
    if min_interval_seconds > 1:
        _check_interval(spec, rule, min_interval_seconds)
    return rule


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The instants of ``starts_at`` and ``ends_at``, whole seconds inside what was given."""

    starts: int | None
    ends: int


def _bounds(spec: RuleSpec) -> _Bounds:
    starts = None if spec.starts_at is None else ceil_second(spec.starts_at)
    ends = LAST_SECOND if spec.ends_at is None else min(floor_second(spec.ends_at), LAST_SECOND)
    if starts is not None and not FIRST_SECOND <= starts <= LAST_SECOND:
        raise RecurrenceError("starts_at", "out_of_range", f"starts_at is too far away: {spec.starts_at}")
    if starts is not None and starts > ends:
        detail = f"ends_at must not be before starts_at, got {spec.ends_at} and {spec.starts_at}"
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
    source = EveryDaysAndHours(zone, start, spec.every_x_days or 0, spec.every_x_hours or 0)
    return _rule(source, zone, bounds)


def _read_cron(spec: RuleSpec, bounds: _Bounds) -> Rule:
    zone = _zone(spec.timezone)
    return _rule(cron_instants(spec.cron or "", zone), zone, bounds)


def _read_rrule(spec: RuleSpec, bounds: _Bounds) -> Rule:
    text = read_rrule(spec.rrule or "")
    zone = _rrule_zone(text, spec.timezone)
    if text.dtstart is not None:
        bounds = _bounds_with_dtstart(text.dtstart.instant(zone), bounds)
    start = _required_start(bounds, "an rrule without DTSTART")
    return _rule(rrule_instants(text, zone, start), zone, bounds)


def _rrule_zone(text: RecurrenceText, given: str | None) -> Timeline:
    """The zone given, else DTSTART's own, else UTC; raises when DTSTART says another than was given."""
    named = text.zone_name
    if given is None:
        return _zone(named)
    if named is not None and named != given and not {named, given} <= _UTC_NAMES:
        detail = f"DTSTART is in {named} but timezone is {given}; leave one of them out"
        raise RecurrenceError("timezone", "conflict", detail)
    return timeline(given)


_UTC_NAMES = {"UTC", "UCT", "Etc/UTC", "Etc/UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu"}


def _bounds_with_dtstart(dtstart: int, bounds: _Bounds) -> _Bounds:
    if bounds.starts is not None:
        detail = "the rrule has a DTSTART already; leave out that line or starts_at"
        raise RecurrenceError("starts_at", "conflict", detail)
    if dtstart > bounds.ends:
        detail = f"ends_at must not be before DTSTART, which is {_written(dtstart)}"
        raise RecurrenceError("ends_at", "conflict", detail)
    return _Bounds(dtstart, bounds.ends)


def _read_once(spec: RuleSpec, bounds: _Bounds) -> Rule:
    zone = _zone(spec.timezone)
    instants = () if spec.run_at is None else (ceil_second(spec.run_at),)
    return _rule(Listed(instants), zone, bounds)


_READERS = {
    "every_x_days": _read_every,
    "every_x_hours": _read_every,
    "cron": _read_cron,
    "rrule": _read_rrule,
    "run_at": _read_once,
}


def _check_it_occurs(spec: RuleSpec, rule: Rule) -> None:
    if rule.first is not None:
        return
    first = rule.source.first(rule.starts)
    if first is None or first > LAST_SECOND:
        detail = f"{spec.kind} has no occurrence at or after its start, or none within 400 years"
        raise RecurrenceError(spec.kind, "never_matches", detail)
    detail = f"the first occurrence, {_written(first)}, is after ends_at"
    raise RecurrenceError("ends_at", "never_matches", detail)


def _check_interval(spec: RuleSpec, rule: Rule, seconds: int) -> None:
    for one, next_one in pairwise(islice(rule.all(), _GAPS_CHECKED + 1)):
        apart = (next_one - one).total_seconds()
        if apart < seconds:
            detail = (
                f"occurrences must be at least {seconds} seconds apart, {one} and {next_one} are {apart:.0f}"
            )
            raise RecurrenceError(spec.kind, "too_frequent", detail)


def _written(instant: int) -> str:
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%SZ")
