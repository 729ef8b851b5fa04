"""The text of an rrule, parsed and validated: RRULE lines and what stands beside them (RFC 5545 3.8.5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from .errors import quoted
from .rrule_checks import check
from .rrule_lines import NAMES, Line, Moment, invalid, line_zone, read_date_times, read_lines
from .rrule_parts import Parts, read_parts
from .zone_names import about_zone
from .zones import Timeline

MOST_RULES = 200
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")

Placed = tuple[Moment, Timeline | None]
"""A moment, and the zone of its own that its line names."""


@dataclass(frozen=True, slots=True)
class RecurrenceText:
    """A validated rrule: at least one RRULE or RDATE, and what stands beside it."""

    rules: tuple[Parts, ...]
    excluded: tuple[Parts, ...]
    dtstart: Moment | None
    zone_name: str | None  # the one that DTSTART names: its TZID, or UTC for a Z
    added: tuple[Placed, ...]
    removed: tuple[Placed, ...]
    ignored: tuple[str, ...] = ()  # the parts that mean nothing beside a DTSTART without a time
    warnings: tuple[str, ...] = ()  # about parameters


@lru_cache(maxsize=16)  # the rule and its description ask for the same, one after the other
def read_rrule(text: str) -> RecurrenceText:
    """Parse and validate an rrule's text; raises `RecurrenceError`."""
    lines = read_lines(text)
    for line in lines:
        if line.name not in NAMES:
            raise invalid(f"expected lines of {', '.join(NAMES)} and no others, got {quoted(line.name)}")
    if sum(line.name in ("RRULE", "EXRULE") for line in lines) > MOST_RULES:
        raise invalid(f"expected at most {MOST_RULES} RRULE and EXRULE lines", "too_long")
    rules, excluded = (tuple(_rules(lines, name)) for name in ("RRULE", "EXRULE"))
    dtstart, zone_name = _read_start([line for line in lines if line.name == "DTSTART"])
    added, removed = (tuple(_moments(lines, name)) for name in ("RDATE", "EXDATE"))
    if not (rules or added):
        raise invalid("expected at least one RRULE line, FREQ=... or RDATE line, got none", "required")
    warnings = tuple(dict.fromkeys(warning for line in lines for warning in _about(line)))
    if dtstart is None or dtstart.has_time:
        return RecurrenceText(rules, excluded, dtstart, zone_name, added, removed, warnings=warnings)
    ignored = tuple(name for name in _TIMES if any(name in parts.given for parts in rules + excluded))
    rules, excluded = (tuple(map(_of_whole_days, found)) for found in (rules, excluded))
    return RecurrenceText(rules, excluded, dtstart, zone_name, added, removed, ignored, warnings)


def _about(line: Line) -> Iterator[str]:
    for parameter in line.ignored:
        yield f"the parameter {quoted(parameter)} of {line.name} is ignored"
    if line.zone_name is not None:
        yield from about_zone(line.zone_name)


def _of_whole_days(parts: Parts) -> Parts:
    """RFC 5545 3.3.10: beside a DTSTART that is a DATE, the parts that name times must be ignored."""
    return replace(parts, byhour=(), byminute=(), bysecond=())


def _rules(lines: list[Line], name: str) -> Iterator[Parts]:
    for line in lines:
        if line.name == name:
            parts = read_parts(line.value)
            check(parts)
            yield parts


def _read_start(lines: list[Line]) -> tuple[Moment | None, str | None]:
    """DTSTART and the name of its zone, if it says one."""
    if not lines:
        return None, None
    if len(lines) > 1:
        raise invalid(f"expected one DTSTART line, got {len(lines)}", "unsupported")
    moments = read_date_times(lines[0])
    if len(moments) > 1:
        raise invalid(f"DTSTART: expected one time, got {quoted(lines[0].value)}")
    line_zone(lines[0])
    return moments[0], "UTC" if moments[0].is_utc else lines[0].zone_name


def _moments(lines: list[Line], name: str) -> Iterator[Placed]:
    for line in lines:
        if line.name == name:
            zone = line_zone(line)
            yield from ((moment, zone) for moment in read_date_times(line))
