"""What the user of a rule may not have meant, as sentences."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from cronsim import CronSim

from .rrule_days import with_days_of_start
from .rrule_parts import Frequency, Parts
from .rrule_text import RecurrenceText
from .seconds import to_naive

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEW = 3
"""Of more days of the month, nobody expects every one in every month."""


def about_rrule(text: RecurrenceText, start: date) -> Iterator[str]:
    """About an rrule that begins on a date."""
    yield from text.warnings
    for name in text.ignored:
        yield f"{name} is ignored, as RFC 5545 has it: DTSTART is a date without a time"
    for parts in text.rules:
        yield from _about_month(parts, start)
        yield from _about_missing_days(parts, with_days_of_start(parts, start))


def _about_month(parts: Parts, start: date) -> Iterator[str]:
    filled = with_days_of_start(parts, start)
    if parts.bymonthday and filled.bymonth != parts.bymonth:
        yield (
            f"BYMONTHDAY with FREQ=YEARLY and without BYMONTH is read in the month of the start alone, "
            f"{MONTHS[start.month - 1]}; others read it in every month: add BYMONTH, or use FREQ=MONTHLY"
        )


def _about_missing_days(parts: Parts, filled: Parts) -> Iterator[str]:
    """Days that not every period has, where nothing but them says which days are meant."""
    given = [name for name in ("BYMONTHDAY", "BYYEARDAY", "BYDAY", "BYWEEKNO") if name in parts.given]
    if parts.bysetpos or len(given) > 1:
        return
    if not (parts.byday or parts.byweekno):
        yield from missing_monthdays(filled.bymonthday, filled.bymonth, "BYMONTHDAY=-1 is the last day")
    year = parts.freq is Frequency.YEARLY and not parts.bymonth
    yield from _missing_weekdays(parts.byday, "year" if year else "month", 53 if year else 5)
    if {366, -366} & set(parts.byyearday):
        yield _left_out("year", "366th day", "BYYEARDAY=-1 is the last day")
    if {53, -53} & set(parts.byweekno):
        yield _left_out("year", "week 53", "BYWEEKNO=-1 is the last week")


def missing_monthdays(monthdays: Sequence[int], months: Sequence[int], hint: str) -> Iterator[str]:
    """Of days of the month, those that not all of some months (none: all) have; ``hint`` helps."""
    if not monthdays or len(monthdays) > _FEW:
        return
    lengths = {_LENGTHS[month - 1] for month in months or range(1, 13)}
    longest = max(29 if length == 28 else length for length in lengths)
    day = max(map(abs, monthdays))
    if day > longest:
        yield f"none of its months has a {_numeral(day)}: that day never comes"
        day = max((abs(day) for day in monthdays if abs(day) <= longest), default=0)
    if lengths == {28} and day == 29:
        yield "29 February is in leap years alone: other years are left out"
    elif day > min(lengths):
        yield _left_out("month", _numeral(day), hint)


def _numeral(day: int) -> str:
    return f"{day}{'st' if day == 31 else 'th'}"


def _missing_weekdays(days: Iterable[tuple[int, int | None]], unit: str, most: int) -> Iterator[str]:
    for day, number in days:
        if number is not None and abs(number) == most:
            name = "fifth" if most == 5 else "53rd"
            yield _left_out(unit, f"{name} {WEEKDAYS[day]}", f"-1{WEEKDAYS[day][:2].upper()} is the last")


def _left_out(unit: str, what: str, hint: str) -> str:
    return f"not every {unit} has a {what}: a {unit} without it is left out; {hint}"


def about_cron(cron: CronSim) -> Iterator[str]:
    """About a cron expression."""
    months = sorted(cron.months)
    every_weekday = set(range(7)) <= cron.weekdays
    if not cron.day_and and _is_every_day(cron):
        yield (
            "day of the month and day of the week are both restricted, and either is enough: together they are "
            "every day; for days that are both, use an rrule with BYMONTHDAY and BYDAY"
        )
    elif cron.day_and and every_weekday:
        yield from missing_monthdays(sorted(day for day in cron.days if day > 0), months, "L is the last day")
    for item in cron.weekdays:
        if isinstance(item, tuple) and item[1] == 5 and len(cron.weekdays) == 1:
            name = WEEKDAYS[(item[0] - 1) % 7]
            yield _left_out("month", f"fifth {name}", f"{item[0]}L is the last")


def _is_every_day(cron: CronSim) -> bool:
    every_weekday = {day % 7 for day in cron.weekdays if isinstance(day, int)} == set(range(7))
    return every_weekday or set(range(1, 32)) <= set(cron.days)


def about_exceptions(walls: Sequence[int], rules: int) -> Iterator[str]:
    """About the wall times of EXDATEs, and a number of EXRULEs, that take nothing away."""
    if walls:
        shown = ", ".join(str(to_naive(wall)) for wall in sorted(walls)[:_FEW])
        more = f" and {len(walls) - _FEW:,} more" if len(walls) > _FEW else ""
        yield (
            f"EXDATE takes nothing away, as there is no occurrence at that time: {shown}{more}; name the time of an "
            "occurrence, or a whole day with VALUE=DATE"
        )
    if rules:
        yield (
            "EXRULE takes nothing away: it meets no occurrence, as far as we look; the time of day that it does not "
            "name is that of the start"
        )
