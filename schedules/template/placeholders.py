"""Placeholders in arguments: `{{ scheduled_for }}`, `{{ scheduled_for:%Y-%m-%d }}`. Pure.

They stand in texts at any depth, never in keys. `{{{{` stands for `{{`. Of three opening braces the first is a brace,
and the first `}}` closes, so that placeholders can stand in JSON that is itself a text. In a text that is a URL, what
they write is percent-encoded, for in a query `+` means a space.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from schedules.recurrence.seconds import floor_second
from values.validation import MAX_ERRORS, ArgumentError
from values.wording import nearest, quoted


@dataclass(frozen=True, slots=True)
class Moments:
    """What placeholders stand for: the occurrence's instant, and the rule's instants before and after it."""

    scheduled_for: datetime
    previous_scheduled_for: datetime | None = None
    next_scheduled_for: datetime | None = None


NAMES = tuple(field.name for field in fields(Moments))


@dataclass(frozen=True, slots=True)
class Directive:
    """Part of a format: what it means, how it is written, and at most how many characters that takes."""

    meaning: str
    write: Callable[[datetime], str]
    longest: int


# Python's strftime would differ between machines: in years before 1000, in %s, and in names of days and months.
DIRECTIVES = {
    "%Y": Directive("year", lambda at: f"{at.year:04}", 4),
    "%y": Directive("year without the century", lambda at: f"{at.year % 100:02}", 2),
    "%m": Directive("month, 01 to 12", lambda at: f"{at.month:02}", 2),
    "%d": Directive("day of the month, 01 to 31", lambda at: f"{at.day:02}", 2),
    "%H": Directive("hour, 00 to 23", lambda at: f"{at.hour:02}", 2),
    "%M": Directive("minute, 00 to 59", lambda at: f"{at.minute:02}", 2),
    "%S": Directive("second, 00 to 59", lambda at: f"{at.second:02}", 2),
    "%F": Directive("date, as `%Y-%m-%d`", lambda at: at.date().isoformat(), 10),
    "%T": Directive("time, as `%H:%M:%S`", lambda at: _iso(at)[11:19], 8),
    "%j": Directive("day of the year, 001 to 366", lambda at: f"{at.timetuple().tm_yday:03}", 3),
    "%G": Directive("year of the ISO week", lambda at: f"{at.isocalendar().year:04}", 4),
    "%V": Directive("ISO week, 01 to 53", lambda at: f"{at.isocalendar().week:02}", 2),
    "%u": Directive("day of the week, 1 (Monday) to 7", lambda at: str(at.isoweekday()), 1),
    "%z": Directive("offset from UTC", lambda at: _iso(at)[19:].replace(":", ""), 7),
    "%:z": Directive("offset from UTC, with a colon", lambda at: _iso(at)[19:], 9),
    "%Z": Directive("short name of the zone's time", lambda at: at.tzname() or "", 6),
    "%s": Directive("seconds since 1970 in UTC", lambda at: str(floor_second(at)), 12),
    "%%": Directive("a percent sign", lambda _: "%", 1),
}
LONGEST_INSTANT = len("2026-03-29T09:00:00+02:00:00")
LONGEST_SHORT_TEXT = 2
"""A text of so many characters is as long in JSON as `null`, which may stand in its place."""

_WIDEST = "+"  # three characters in a URL
_MARK = re.compile(
    r"""
    \{\{\{\{                                              # a literal {{
    | \{ (?= \{\{ (?!\{) )                                # a literal { before a placeholder
    | \{\{ (?P<inside> (?: [^{}] | \{(?!\{) | \}(?!\}) )*+ ) \}\}
    | \{\{                                                # never closed
    """,
    re.VERBOSE,
)
_DIRECTIVE = re.compile("%:?.?", re.DOTALL)
_SCHEME = re.compile("https?://", re.IGNORECASE)
_BLANK = re.compile(r"\s")
_KEPT_IN_URL = "!#$%&'()*,/:;=?@[]~"  # all that may stand in a URL, but for the plus
_HOW_TO_ESCAPE = "write {{{{ where {{ itself is meant"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands between the braces. `format`: None where there is no colon."""

    name: str
    format: str | None


Fill = Callable[[Placeholder], str | None]


def has_any(arguments: Any) -> bool:
    """Whether any text at any depth has `{{` in it."""
    if isinstance(arguments, str):
        return "{{" in arguments
    if isinstance(arguments, dict):
        return any(map(has_any, arguments.values()))
    return isinstance(arguments, list) and any(map(has_any, arguments))


def render(arguments: dict[str, Any], moments: Moments, zone: ZoneInfo) -> dict[str, Any]:
    """The arguments with every placeholder replaced, in the zone; the same object where there is none.

    A moment that is None becomes an empty text; where the placeholder is all of its text, null. Raises nothing: what
    `faults` would tell stays as it is written.
    """
    if not has_any(arguments):
        return arguments

    def fill(placeholder: Placeholder) -> str | None:
        moment: datetime | None = getattr(moments, placeholder.name)
        return None if moment is None else _written(_local(moment, zone), placeholder.format)

    filled: dict[str, Any] = _filled(arguments, fill)
    return filled


def largest(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments that take at least as many bytes as any rendering."""
    filled: dict[str, Any] = _filled(arguments, _longest)
    return filled


def faults(arguments: dict[str, Any]) -> list[ArgumentError]:
    """What is wrong with the placeholders, text by text; the first 50."""
    return list(islice(_faults(arguments, ()), MAX_ERRORS))


def _filled(value: Any, fill: Fill) -> Any:
    if isinstance(value, str):
        return _filled_text(value, fill) if "{{" in value else value
    if isinstance(value, dict):
        return {key: _filled(item, fill) for key, item in value.items()}
    return [_filled(item, fill) for item in value] if isinstance(value, list) else value


def _filled_text(text: str, fill: Fill) -> str | None:
    alone = _MARK.fullmatch(text)
    if alone is not None:
        return _replaced(alone, fill)
    if _is_url(text):
        fill = _in_url(fill)
    return _MARK.sub(lambda found: _replaced(found, fill) or "", text)


def _is_url(text: str) -> bool:
    return _SCHEME.match(text) is not None and not _BLANK.search(_MARK.sub("", text))


def _in_url(fill: Fill) -> Fill:
    return lambda placeholder: quote(fill(placeholder) or "", safe=_KEPT_IN_URL)


def _replaced(found: re.Match[str], fill: Fill) -> str | None:
    if found["inside"] is None:
        return "{{" if found.group() == "{{{{" else found.group()
    placeholder = _read(found["inside"])
    return fill(placeholder) if placeholder.name in NAMES else found.group()


def _read(inside: str) -> Placeholder:
    name, colon, written = inside.partition(":")
    return Placeholder(name.strip(), written.strip() if colon else None)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the zone's clock shows the year 0 or 10000
        return moment


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _written(moment: datetime, written: str | None) -> str:
    if written is None:
        return _iso(moment)
    return _directives_replaced(written, lambda directive: directive.write(moment))


def _longest(placeholder: Placeholder) -> str:
    if placeholder.format is None:
        return _WIDEST * LONGEST_INSTANT
    text = _directives_replaced(placeholder.format, lambda directive: _WIDEST * directive.longest)
    return text.ljust(LONGEST_SHORT_TEXT, _WIDEST)


def _directives_replaced(written: str, write: Callable[[Directive], str]) -> str:
    def replaced(found: re.Match[str]) -> str:
        directive = DIRECTIVES.get(found.group())
        return found.group() if directive is None else write(directive)

    return _DIRECTIVE.sub(replaced, written)


def _faults(value: Any, path: tuple[str | int, ...]) -> Iterator[ArgumentError]:
    if isinstance(value, str):
        for code, detail in _faults_of_text(value) if "{{" in value else ():
            yield ArgumentError(path, code, detail)
    elif isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _faults(item, (*path, step))


def _faults_of_text(text: str) -> Iterator[tuple[str, str]]:
    for found in _MARK.finditer(text):
        if found["inside"] is not None:
            yield from _faults_of_placeholder(_read(found["inside"]))
        elif found.group() == "{{":
            got = quoted(text[found.start() :])
            yield "unclosed_placeholder", f"must close {{{{ with }}}}, got {got}; {_HOW_TO_ESCAPE}"


def _faults_of_placeholder(placeholder: Placeholder) -> Iterator[tuple[str, str]]:
    if placeholder.name not in NAMES:
        meant = nearest(placeholder.name, NAMES)
        hint = f"did you mean {meant}?" if meant else _HOW_TO_ESCAPE
        expected = f"must have one of {', '.join(NAMES)} between {{{{ and }}}}"
        yield "unknown_placeholder", f"{expected}, got {quoted(placeholder.name)}; {hint}"
    elif placeholder.format is not None:
        yield from _faults_of_format(placeholder.format)


def _faults_of_format(written: str) -> Iterator[tuple[str, str]]:
    directives = _DIRECTIVE.findall(written)
    unknown = [directive for directive in directives if directive not in DIRECTIVES]
    if unknown:
        known, got = " ".join(DIRECTIVES), quoted(unknown[0])
        yield "unknown_directive", f"must have no directives but {known}, got {got}{_hint(unknown[0])}"
    elif not set(directives) - {"%%"}:
        yield "missing_directive", f"must have a directive such as %Y after the colon, got {quoted(written)}"


def _hint(directive: str) -> str:
    if not directive.strip("%: "):
        return "; write %% where a percent sign is meant"
    other_case = directive.swapcase()
    return f"; did you mean {other_case}?" if other_case in DIRECTIVES else ""
