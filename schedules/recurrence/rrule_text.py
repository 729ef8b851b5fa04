"""The text of an rrule, parsed and validated: one RRULE line and what stands beside it (RFC 5545 3.8.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import quoted
from .rrule_checks import check
from .rrule_lines import Line, Moment, invalid, line_zone, read_date_times, read_lines
from .rrule_parts import Parts, read_parts
from .zones import Timeline

_UNSUPPORTED = {"EXRULE": "; list the times in EXDATE"}
_NAMES = ("DTSTART", "RRULE", "RDATE", "EXDATE")


@dataclass(frozen=True, slots=True)
class RecurrenceText:
    """A validated rrule: one RRULE, and what stands beside it."""

    parts: Parts
    dtstart: Moment | None
    zone_name: str | None  # the one that DTSTART names: its TZID, or UTC for a Z
    added: tuple[tuple[Moment, Timeline | None], ...]
    removed: tuple[tuple[Moment, Timeline | None], ...]


def read_rrule(text: str) -> RecurrenceText:
    """Parse and validate an rrule's text; raises `RecurrenceError`."""
    lines = read_lines(text)
    for line in lines:
        _check_name(line)
    rule = _the_only(lines, "RRULE")
    if rule is None:
        raise invalid("expected one RRULE line or FREQ=..., got none", "required")
    if rule.parameters:
        raise invalid(f"RRULE takes no parameter, got {quoted(min(rule.parameters))}")
    parts = read_parts(rule.value)
    check(parts)
    dtstart, zone_name = _read_start(_the_only(lines, "DTSTART"))
    added, removed = (tuple(_date_times(lines, name)) for name in ("RDATE", "EXDATE"))
    return RecurrenceText(parts, dtstart, zone_name, added, removed)


def _check_name(line: Line) -> None:
    if line.name in _UNSUPPORTED:
        raise invalid(f"{line.name} is not supported{_UNSUPPORTED[line.name]}", "unsupported")
    if line.name not in _NAMES:
        raise invalid(f"expected lines of {', '.join(_NAMES)}, got {quoted(line.name)}")


def _the_only(lines: list[Line], name: str) -> Line | None:
    found = [line for line in lines if line.name == name]
    if len(found) > 1:
        raise invalid(f"expected one {name} line, got {len(found)}", "unsupported")
    return found[0] if found else None


def _read_start(line: Line | None) -> tuple[Moment | None, str | None]:
    """DTSTART and the name of its zone, if it says one."""
    if line is None:
        return None, None
    moments = read_date_times(line)
    if len(moments) > 1:
        raise invalid(f"DTSTART: expected one time, got {quoted(line.value)}")
    line_zone(line)
    return moments[0], "UTC" if moments[0].is_utc else line.zone_name


def _date_times(lines: list[Line], name: str) -> Iterator[tuple[Moment, Timeline | None]]:
    for line in lines:
        if line.name == name:
            zone = line_zone(line)
            yield from ((moment, zone) for moment in read_date_times(line))
