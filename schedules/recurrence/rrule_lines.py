"""iCalendar text (RFC 5545 3.1) to property lines, and their dates. Nothing is judged of the rule."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from .clock_changes import CALENDAR, ClockChanges, Fold, Gap
from .errors import RecurrenceError, quoted
from .seconds import DAY, FIRST_SECOND, LAST_SECOND, from_naive
from .zone_names import is_utc
from .zones import Timeline, timeline

NAMES = ("DTSTART", "RRULE", "RDATE", "EXRULE", "EXDATE")
_DATE_TIME = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_NAME = f"(?:{'|'.join(NAMES)})[;:]"
_FOLD = re.compile(rf"\r?\n[ \t](?![ \t]*{_NAME})", re.IGNORECASE)
_JOINT = re.compile(rf"(?<![ \t])[ \t]+(?={_NAME})", re.IGNORECASE)
_PART = re.compile(r"\s*[A-Za-z]+\s*=")
_PARAMETER = re.compile(r'(?:"[^"]*"|[^";])+')


@dataclass(frozen=True, slots=True)
class Line:
    """A property: ``NAME;PARAMETER=VALUE:value``, names and value in upper case. Without what is to be ignored."""

    name: str
    parameters: Mapping[str, str]
    value: str
    ignored: tuple[str, ...] = ()  # parameters that mean nothing here

    @property
    def zone_name(self) -> str | None:
        """The time zone that its TZID names."""
        return self.parameters.get("TZID")


@dataclass(frozen=True, slots=True)
class Moment:
    """A DATE-TIME or DATE as written: a wall time, whether it ended in Z, and whether it had a time."""

    wall: int
    is_utc: bool
    has_time: bool

    def instant(self, zone: Timeline) -> int:
        """The instant it means as RFC 5545 3.3.5 reads it, a date being its midnight."""
        return self.wall if self.is_utc else zone.resolve(self.wall)

    def instants(self, zone: Timeline, changes: ClockChanges = CALENDAR) -> tuple[int, ...]:
        """The instants it means as `changes` has it: none, one or two."""
        if self.is_utc:
            return (self.wall,)
        return zone.instants(self.wall, changes)

    def last_instant(self, zone: Timeline, changes: ClockChanges = CALENDAR) -> int:
        """Its last instant, or a date's last second."""
        if not self.has_time:
            return self.day(zone)[1] - 1
        return max(self.instants(zone, changes), default=self.instant(zone))

    def day(self, zone: Timeline) -> tuple[int, int]:
        """The instants ``[start, end)`` of its day."""
        return begin_of_day(zone, self.wall), begin_of_day(zone, self.wall + DAY)


def begin_of_day(zone: Timeline, midnight: int) -> int:
    """The first instant of a day; where there is no midnight, the first moment after the gap."""
    return zone.instants(midnight, ClockChanges(Gap.AFTER, Fold.FIRST))[0]


def invalid(detail: str, code: str = "invalid_rrule") -> RecurrenceError:
    """A refusal of something in the rrule."""
    return RecurrenceError("rrule", code, detail)


def read_lines(text: str) -> list[Line]:
    """The property lines of a text, unfolded. A line without a name is an RRULE's value.

    Lines that lost their breaks on the way are taken apart again: no value holds a space or a backslash.
    """
    text = text.replace(r"\r\n", "\n").replace(r"\n", "\n")
    lines = [line.strip() for line in _JOINT.sub("\n", _FOLD.sub("", text)).splitlines()]
    return [_read_line(line) for line in lines if line]


def _read_line(text: str) -> Line:
    # No value holds a colon, but the name of a zone may, quoted or not.
    head, colon, value = text.rpartition(":")
    if not colon or _PART.match(text):
        return Line("RRULE", {}, text.upper())
    if head.count('"') % 2:
        raise invalid(f"a quotation mark is not closed in {quoted(head)}")
    name, *parameters = _PARAMETER.findall(head) or [""]
    name, given = name.strip().upper(), dict(_read_parameters(parameters))
    known = _PARAMETERS.get(name, ())
    ignored = tuple(each for each in given if each not in known and not each.startswith("X-"))
    return Line(name, {each: given[each] for each in known if each in given}, value.strip().upper(), ignored)


_PARAMETERS = dict.fromkeys(("DTSTART", "RDATE", "EXDATE"), ("TZID", "VALUE"))
"""RFC 5545 3.2: what a reader does not know of the others must be ignored."""


def _read_parameters(parameters: list[str]) -> Iterator[tuple[str, str]]:
    names = set[str]()
    for parameter in filter(str.strip, parameters):
        name, equals, value = (piece.strip() for piece in parameter.partition("="))
        if not equals:
            raise invalid(f"expected a parameter like TZID=Europe/Berlin, got {quoted(parameter)}")
        if name.upper() in names:
            raise invalid(f"the parameter {quoted(name.upper())} is given twice")
        names.add(name.upper())
        yield name.upper(), value.strip('"')


def read_moment(part: str, text: str) -> Moment:
    """A DATE-TIME like 20250131T090000 or 20250131T090000Z, or a DATE like 20250131."""
    match = _DATE_TIME.fullmatch(text)
    if not match:
        raise invalid(f"{part}: expected a time like 20250131T090000Z, got {quoted(text)}")
    date, time, suffix = match.groups()
    try:
        wall = from_naive(_naive(date, time or "000000"))
    except ValueError:
        raise invalid(f"{part}: there is no such date or time as {quoted(text)}") from None
    if not FIRST_SECOND + DAY <= wall <= LAST_SECOND - DAY:
        raise invalid(f"{part}: {quoted(text)} is too far away")
    return Moment(wall, bool(suffix), time is not None)


def _naive(date: str, time: str) -> datetime:
    """Like strptime, which takes five times as long."""
    year, month, day = int(date[:4]), int(date[4:6]), int(date[6:])
    return datetime(year, month, day, int(time[:2]), int(time[2:4]), int(time[4:]))  # noqa: DTZ001 - a wall time


def read_date_times(line: Line) -> list[Moment]:
    """The DATE-TIMEs or DATEs of DTSTART, RDATE or EXDATE, checked against the line's parameters."""
    value = line.parameters.get("VALUE", "").upper()
    if value not in ("", "DATE", "DATE-TIME"):
        detail = f"{line.name}: VALUE={quoted(value)} is not supported, expected DATE-TIME or DATE"
        raise invalid(detail, "unsupported")
    moments = [read_moment(line.name, text.strip()) for text in line.value.split(",")]
    for moment in moments:
        _check_moment(line, moment, value)
    return moments


def _check_moment(line: Line, moment: Moment, value: str) -> None:
    if value and moment.has_time == (value == "DATE"):
        expected = "a date like 20250131" if value == "DATE" else "a date and a time like 20250131T090000"
        raise invalid(f"{line.name}: VALUE={value} says {expected}, got {quoted(line.value)}")
    zone = line.zone_name and line_zone(line)
    if zone and not moment.has_time:
        raise invalid(f"{line.name}: a date cannot have a TZID as well", "conflict")
    if zone and moment.is_utc and not is_utc(zone.zone.key):
        detail = (
            f"a time that ends in Z is in UTC, but TZID says {zone.zone.key}; leave out the Z or the TZID"
        )
        raise invalid(f"{line.name}: {detail}", "conflict")


def line_zone(line: Line) -> Timeline | None:
    """The zone that a line's TZID names; raises `RecurrenceError` if there is none such."""
    return timeline(line.zone_name, "rrule") if line.zone_name is not None else None
