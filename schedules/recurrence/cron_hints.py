"""What people paste as cron that it is not, and how to say it here."""

import re
from collections.abc import Iterator

from .cron_names import STARS
from .errors import RecurrenceError, quoted
from .warnings import MONTHS, WEEKDAYS

_LETTERS_IN_FIELDS = {name[:3].lower() for name in (*MONTHS, *WEEKDAYS)} | {"l", "w", "lw", "h"}
_ZONES = ("CRON_TZ", "TZ")
_CALL = re.compile(r"\s*(cron|rate)\s*\(\s*(.*?)\s*\)\s*", re.IGNORECASE | re.DOTALL)
_DOWNWARD = re.compile(r"([0-9]+)-([0-9]+)")
_NEAREST = re.compile(r"([0-9]{1,2})w")
_FROM_THE_END = re.compile(r"l-([0-9]{1,2})")
_WEEKDAYS = "BYDAY=MO,TU,WE,TH,FR"


def refuse_what_stands_around(text: str) -> None:
    """Raise `RecurrenceError` for a text that holds more than an expression: a zone, a command, another line."""
    if call := _CALL.fullmatch(text):
        _refuse_call(call[1].lower(), call[2])
    if len(lines := [line for line in text.splitlines() if line.strip()]) > 1:
        raise _invalid(f"expected one expression, got {len(lines)} lines; make a schedule of each")
    words = text.split()
    if words and "=" in words[0]:
        _refuse_assignment(*words[0].split("=", 1))
    if words and words[0].lower() == "@every":
        raise _unsupported("@every: use every_x_hours, every_x_minutes or every_x_seconds, which add up")
    command = words[1:] if words and words[0].startswith("@") else words[5:]
    if command and not _is_field(command[0]):
        detail = "leave it out, and say what is to be done with operation and arguments"
        raise _invalid(f"expected 5 fields alone, and {quoted(' '.join(command))} comes after them: {detail}")


def _refuse_call(name: str, inner: str) -> None:
    if name == "rate":
        raise _unsupported("rate(...): use every_x_days, every_x_hours or every_x_minutes")
    raise _invalid(f"leave out cron( and ): expected 5 fields, got {quoted(inner)}")


def _refuse_assignment(name: str, value: str) -> None:
    if name.upper() in _ZONES:
        raise _invalid(f"leave out {quoted(f'{name}={value}')} and name the zone in timezone instead")
    raise _invalid(f"leave out {quoted(f'{name}={value}')}: expected 5 fields alone")


def _is_field(word: str) -> bool:
    """Whether a word could be a field of cron, and is no command or comment."""
    letters = re.findall(r"[a-z]+", word.lower())
    return not re.search(r"^#|[^0-9A-Za-z*?,/#~-]", word) and _LETTERS_IN_FIELDS.issuperset(letters)


def more_fields(fields: list[str]) -> str:
    """How to say six fields of Quartz and its kin with five; empty where that is not certain."""
    if len(fields) != 6:
        return ""
    if fields[0] == "0" and "?" in (fields[3], fields[5]):
        return f"; without the seconds: {quoted(' '.join(fields[1:]))}"
    if fields[5] in STARS and "?" in (fields[2], fields[4]):
        return f"; without the year: {quoted(' '.join(fields[:5]))}"
    return "; for seconds use rrule FREQ=SECONDLY"


def refuse_spread(field: str, given: str) -> None:
    """Raise `RecurrenceError` for a field that leaves its value to chance, as in Jenkins and OpenBSD."""
    if re.search(r"\bh\b|~", given):
        example = given.replace("h/", "*/") if given.startswith("h/") else "7"
        detail = f"name a value, such as {example}, and spread the tasks with jitter_seconds"
        raise _unsupported(
            f"{field}: {quoted(given)} leaves the value to chance, which is not supported; {detail}"
        )


def refuse_days_of_quartz(given: str, others: str) -> None:
    """Raise `RecurrenceError` for days of the month such as 15w and l-3.

    Tells the rrule that means the same. ``others``: its parts for months and times of day; empty: unknown.
    """
    items = given.split(",")
    if not any(_NEAREST.fullmatch(item) or _FROM_THE_END.fullmatch(item) for item in items):
        return
    days = [list(_days_in_rrule(item)) for item in items]
    detail = f"day-of-month: {quoted(given)} is not supported"
    if others and all(days):
        lines = "\n".join(f"RRULE:FREQ=MONTHLY;{day};{others}" for found in days for day in found)
        raise _unsupported(f"{detail}; use rrule instead of cron: {lines}")
    raise _unsupported(f"{detail}; LW is the last weekday of the month, and rrule knows more kinds of days")


def _days_in_rrule(item: str) -> Iterator[str]:
    """The days of one item, each as parts of a monthly RRULE; none where RRULEs cannot say them simply."""
    if item.isdigit():
        yield f"BYMONTHDAY={int(item)}"
    elif item == "l":
        yield "BYMONTHDAY=-1"
    elif match := _FROM_THE_END.fullmatch(item):
        if int(match[1]) <= 30:
            yield f"BYMONTHDAY=-{int(match[1]) + 1}"
    elif match := _NEAREST.fullmatch(item):
        yield from _nearest_weekday(int(match[1]))


def _nearest_weekday(day: int) -> Iterator[str]:
    """The day itself, the Friday before or the Monday after, never in another month."""
    if not 1 <= day <= 27:
        return
    yield f"BYMONTHDAY={day};{_WEEKDAYS}"
    if day == 1:
        yield "BYMONTHDAY=2,3;BYDAY=MO"
    else:
        yield f"BYMONTHDAY={day - 1};BYDAY=FR"
        yield f"BYMONTHDAY={day + 1};BYDAY=MO"


def downward(given: str, values: str) -> str:
    """How to write a range that goes over the end of a field's values, as in hours 22-2."""
    lowest, _, highest = values.partition("-")
    match = _DOWNWARD.fullmatch(given)
    if not match or not int(lowest) <= int(match[2]) < int(match[1]) <= int(highest):
        return ""
    return f"; write {_range(match[1], highest)},{_range(lowest, match[2])}"


def _range(first: str, last: str) -> str:
    return first if int(first) == int(last) else f"{first}-{last}"


def about_dialect(fields: list[str]) -> Iterator[str]:
    """What may not have been meant by an expression that looks like Quartz's."""
    if "?" in fields and re.search(r"[1-7]", fields[4].partition("#")[0].partition("/")[0]):
        yield (
            "day-of-week: 0 and 7 are Sunday here, 1 is Monday; where ? comes from, in Quartz and its kin, 1 is "
            "Sunday: write names, such as MON"
        )


def _invalid(detail: str) -> RecurrenceError:
    return RecurrenceError("cron", "invalid_cron", detail)


def _unsupported(detail: str) -> RecurrenceError:
    return RecurrenceError("cron", "unsupported", detail)
