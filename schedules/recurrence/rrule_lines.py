"""iCalendar text (RFC 5545 3.1) to property lines, and their dates. Nothing is judged of the rule."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .errors import RecurrenceError, quoted
from .seconds import DAY, FIRST_SECOND, LAST_SECOND, from_naive
from .zones import Timeline, timeline

_DATE_TIME = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_FOLD = re.compile(r"\r?\n[ \t]")


@dataclass(frozen=True, slots=True)
class Line:
    """A property: ``NAME;PARAMETER=VALUE:value``, names and value in upper case."""

    name: str
    parameters: dict[str, str]
    value: str

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
        """The instant it means when a zone reads it."""
        return self.wall if self.is_utc else zone.resolve(self.wall)

    def last_instant(self, zone: Timeline) -> int:
        """Its instant, or a date's last second."""
        return self.instant(zone) if self.has_time else zone.resolve(self.wall + DAY) - 1


def invalid(detail: str, code: str = "invalid_rrule") -> RecurrenceError:
    """A refusal of something in the rrule."""
    return RecurrenceError("rrule", code, detail)


def read_lines(text: str) -> list[Line]:
    """The property lines of a text, unfolded. A line without a name is an RRULE's value."""
    lines = [line.strip() for line in _FOLD.sub("", text).splitlines()]
    return [_read_line(line) for line in lines if line]


def _read_line(text: str) -> Line:
    head, colon, value = text.partition(":")
    if not colon:
        return Line("RRULE", {}, text.upper())
    name, *parameters = head.split(";")
    return Line(name.strip().upper(), dict(_read_parameters(parameters)), value.strip().upper())


def _read_parameters(parameters: list[str]) -> Iterator[tuple[str, str]]:
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise invalid(f"expected a parameter like TZID=Europe/Berlin, got {quoted(parameter)}")
        yield name.strip().upper(), value.strip().strip('"')


def read_moment(part: str, text: str) -> Moment:
    """A DATE-TIME like 20250131T090000 or 20250131T090000Z, or a DATE like 20250131."""
    match = _DATE_TIME.fullmatch(text)
    if not match:
        raise invalid(f"{part}: expected a time like 20250131T090000Z, got {quoted(text)}")
    date, time, suffix = match.groups()
    try:
        wall = from_naive(datetime.strptime(date + (time or "000000"), "%Y%m%d%H%M%S"))  # noqa: DTZ007 - a wall time
    except ValueError:
        raise invalid(f"{part}: there is no such date or time as {quoted(text)}") from None
    if not FIRST_SECOND + DAY <= wall <= LAST_SECOND - DAY:
        raise invalid(f"{part}: {quoted(text)} is too far away")
    return Moment(wall, bool(suffix), time is not None)


def read_date_times(line: Line) -> list[Moment]:
    """The DATE-TIMEs of DTSTART, RDATE or EXDATE, every one checked against the line's parameters."""
    unknown = line.parameters.keys() - {"TZID", "VALUE"}
    if unknown:
        raise invalid(f"{line.name}: parameter {quoted(min(unknown))} is not supported", "unsupported")
    if line.parameters.get("VALUE", "DATE-TIME").upper() != "DATE-TIME":
        value = quoted(line.parameters["VALUE"])
        raise invalid(f"{line.name}: VALUE={value} is not supported, expected DATE-TIME", "unsupported")
    moments = [read_moment(line.name, text) for text in line.value.split(",")]
    for moment in moments:
        _check_date_time(line, moment)
    return moments


def _check_date_time(line: Line, moment: Moment) -> None:
    if not moment.has_time:
        detail = f"{line.name}: expected a date and a time like 20250131T090000, got {quoted(line.value)}"
        raise invalid(detail, "unsupported")
    if moment.is_utc and line.zone_name:
        raise invalid(f"{line.name}: a time ending in Z cannot have a TZID as well", "conflict")


def line_zone(line: Line) -> Timeline | None:
    """The zone that a line's TZID names; raises `RecurrenceError` if there is none such."""
    return timeline(line.zone_name, "rrule") if line.zone_name is not None else None
