"""RRULE with its DTSTART, RDATE and EXDATE (RFC 5545 3.8.5) to a set of instants: parse, validate, use."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from .days import to_date
from .errors import quoted
from .instants import CALENDAR, EVERY_REAL_HOUR, Amended, Ending, Instants, Listed, OnTheWall
from .rrule_checks import check
from .rrule_days import day_set, period, with_days_of_start
from .rrule_parts import Frequency, Parts, read_parts
from .rrule_text import Line, Moment, invalid, line_zone, read_date_times, read_lines
from .seconds import CYCLE, DAY, HOUR, MINUTE
from .times import ALL_HOURS, ALL_OF_SIXTY, Times, offsets_in_hour, picked
from .walls import Phase, PhasedTimes, PickedTimes, TimesOnDays, WallTimes, days_with_phase
from .zones import Timeline

COUNT_BUDGET = 10_000
_UNITS = {Frequency.HOURLY: HOUR, Frequency.MINUTELY: MINUTE, Frequency.SECONDLY: 1}
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


def rrule_instants(text: RecurrenceText, timeline: Timeline, start: int) -> Instants:
    """The instants of a rule that starts at an instant; raises `RecurrenceError` when it has none."""
    wall = text.dtstart.wall if text.dtstart else timeline.wall(start)
    parts = with_days_of_start(text.parts, to_date(wall // DAY))
    changes = CALENDAR if parts.freq <= Frequency.DAILY else EVERY_REAL_HOUR
    rule = _ended(parts, OnTheWall(_walls(parts, wall), timeline, changes), timeline, start)
    if not (text.added or text.removed):
        return rule
    added = Listed(tuple(sorted(_instants(text.added, timeline))))
    return Amended(rule, added, frozenset(_instants(text.removed, timeline)))


def _instants(moments: Iterable[tuple[Moment, Timeline | None]], timeline: Timeline) -> set[int]:
    return {moment.instant(zone or timeline) for moment, zone in moments}


def _walls(parts: Parts, start: int) -> WallTimes:
    times = _times(parts, start % DAY)
    if not times:
        raise invalid("BYSETPOS picks a position that no set of this rule has", "never_matches")
    unit = _UNITS.get(parts.freq)
    if unit is None:
        base = TimesOnDays(day_set(parts, start // DAY, None), times)
        return PickedTimes(base, frozenset(parts.bysetpos), period(parts)) if parts.bysetpos else base
    if parts.interval == 1:
        return TimesOnDays(day_set(parts, start // DAY, None), times)
    phase = Phase(unit, parts.interval, start // unit)
    return PhasedTimes(TimesOnDays(day_set(parts, start // DAY, days_with_phase(times, phase)), times), phase)


def _times(parts: Parts, start: int) -> Times:
    """The times of day: what the parts name; else all, if FREQ is that fine; else DTSTART's."""
    fine = parts.freq
    hours = parts.byhour or (ALL_HOURS if fine >= Frequency.HOURLY else (start // HOUR,))
    minutes = parts.byminute or (ALL_OF_SIXTY if fine >= Frequency.MINUTELY else (start // MINUTE % 60,))
    seconds = parts.bysecond or (ALL_OF_SIXTY if fine >= Frequency.SECONDLY else (start % MINUTE,))
    positions = frozenset(parts.bysetpos)
    if positions and fine >= Frequency.MINUTELY:
        seconds = _picked_seconds(positions, seconds, fine)
    offsets = offsets_in_hour(minutes, seconds)
    if positions and fine is Frequency.HOURLY:
        offsets = tuple(offsets[index] for index in picked(positions, len(offsets)))
    return Times(hours, offsets)


def _picked_seconds(positions: frozenset[int], seconds: tuple[int, ...], freq: Frequency) -> tuple[int, ...]:
    """What BYSETPOS leaves of each minute's seconds, or of each second's one."""
    if freq is Frequency.SECONDLY:
        return seconds if positions & {1, -1} else ()
    return tuple(seconds[index] for index in picked(positions, len(seconds)))


def _ended(parts: Parts, rule: Instants, timeline: Timeline, start: int) -> Instants:
    """The rule up to its COUNT or UNTIL; raises when nothing of it is left."""
    first = rule.first(start)
    if first is None:
        raise invalid("the days and times of the RRULE never come together within 400 years", "never_matches")
    if parts.count is not None:
        return Ending(rule, _last_counted(rule, start, parts.count))
    if parts.until is None:
        return rule
    until = parts.until.last_instant(timeline)
    if until < first:
        raise invalid("UNTIL is before the first occurrence", "never_matches")
    return Ending(rule, until)


def _last_counted(rule: Instants, start: int, count: int) -> int:
    """The instant of the occurrence that COUNT ends with."""
    if count > COUNT_BUDGET:
        raise invalid(f"COUNT: expected at most {COUNT_BUDGET}, got {count}; use UNTIL", "unsupported")
    last = next(islice(_walk(rule, start), count - 1, None), None)
    if last is None:
        raise invalid(f"COUNT: the last of {count} is more than 400 years away; use UNTIL", "unsupported")
    return last


def _walk(rule: Instants, start: int) -> Iterator[int]:
    """The instants of the 400 years from `start` on, so that COUNT looks no further than any search."""
    found = rule.first(start)
    while found is not None and found < start + CYCLE:
        yield found
        found = rule.first(found + 1)
