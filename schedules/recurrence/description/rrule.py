"""An RRULE line in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from schedules.recurrence.clock_changes import CALENDAR, EVERY_REAL_HOUR, ClockChanges
from schedules.recurrence.rrule_days import with_days_of_start
from schedules.recurrence.rrule_parts import Frequency, Parts

from .clause import Clause
from .days import (
    Days,
    a_weekday_of,
    conditions,
    dates_of,
    dates_of_one_month,
    days_in_words,
    days_of_year,
    each_weekday,
    months_in_words,
    numbered,
    on_monthdays,
    one_of_monthdays,
    ordinals,
    possible,
)
from .settled import UNITS, counts_from_start, settled, times
from .times import TimesOfDay
from .words import WEEKDAYS, every, every_days, from_the_front, listed, ordinal


def clock_changes_of(parts: Parts) -> ClockChanges:
    """What becomes of its times where the clocks change, unless the user chooses."""
    return CALENDAR if parts.freq <= Frequency.DAILY else EVERY_REAL_HOUR


def rrule_clause(parts: Parts, start: datetime) -> Clause:
    """When the rule of an RRULE occurs that starts at a time on the clock of its zone."""
    whole = settled(with_days_of_start(parts, start.date()), start)
    days = possible(_wanted(whole))
    when = times(whole, start)
    if whole.bysetpos and _picks_days(whole, days, when):
        return Clause(_picked_days(whole, days), when, months=days.months)
    beside = _restriction(whole) + _week_start(whole, start)
    return Clause(_days(whole, days), when, counts_from_start(whole), days.months, beside)


def _days(parts: Parts, days: Days) -> str:
    match parts.freq:
        case Frequency.YEARLY:
            return _yearly(parts, days)
        case Frequency.MONTHLY if parts.interval > 1:
            return _every_few_months(parts, days)
        case Frequency.WEEKLY if parts.interval > 1:
            return _every_few_weeks(parts, days)
        case Frequency.DAILY if parts.interval > 1:
            return _every_few_days(parts, days)
    return days_in_words(days)


def _wanted(parts: Parts) -> Days:
    return Days(
        months=parts.bymonth,
        monthdays=parts.bymonthday,
        yeardays=parts.byyearday,
        weekdays=parts.byday,
        weeks=parts.byweekno,
    )


def _yearly(parts: Parts, days: Days) -> str:
    period = every(parts.interval, "year")
    if days.is_dates:
        return _dates_of_year(days, period)
    if days.yeardays and not (days.weekdays or days.monthdays or days.months or days.weeks):
        return days_of_year(days.yeardays, period)
    if days.has_numbers:
        return _numbered_in_year(parts, days, period)
    if parts.interval == 1:
        return days_in_words(days)
    if days.weeks:
        return f"{days_in_words(days)} in {every(parts.interval, 'calendar year')}"
    return days_in_words(days, year=period) if days.yeardays else f"{days_in_words(days)} of {period}"


def _dates_of_year(days: Days, period: str) -> str:
    if len(days.months) == 1:
        return dates_of_one_month(days, period)
    months = months_in_words(days.months) or "every month"
    return dates_of(period, f"{on_monthdays(days.monthdays, days.months)} of {months}")


def _numbered_in_year(parts: Parts, days: Days, period: str) -> str:
    rest = conditions(days)
    if parts.counts_weekdays_in_year:
        months = f" in {months_in_words(days.months)}" if days.months else ""
        return numbered(days.weekdays, period, 53 if not rest else 54) + rest + months
    return f"{period} {numbered(days.weekdays, months_in_words(days.months) or 'every month')}{rest}"


def _every_few_months(parts: Parts, days: Days) -> str:
    period = every(parts.interval, "month")
    only = _only(days)
    anywhere = replace(days, months=())
    if days.is_dates or days.has_numbers:
        return days_in_words(anywhere, period) + only
    if days.monthdays:
        return each_weekday(days.plain_weekdays) + conditions(days, month=period) + only
    return f"{days_in_words(anywhere)} of {period}{only}"


def _only(days: Days) -> str:
    return f" (only in {months_in_words(days.months)})" if days.months else ""


def _every_few_weeks(parts: Parts, days: Days) -> str:
    weekdays = days.plain_weekdays
    if len(weekdays) == 1:
        return every(parts.interval, WEEKDAYS[weekdays[0]]) + _only(days)
    names = each_weekday(weekdays).removeprefix("every ")
    period = every(parts.interval, "week")
    if len(weekdays) == len(WEEKDAYS):
        return f"every day of {period}{_only(days)}"
    named = {"weekday": "from Monday to Friday"}.get(names, f"on {names}").replace("on day from", "from")
    return f"{period} {named}{_only(days)}"


def _every_few_days(parts: Parts, days: Days) -> str:
    weekdays = days.plain_weekdays if len(set(days.plain_weekdays)) < len(WEEKDAYS) else ()
    when = f" on a {a_weekday_of(weekdays)}" if weekdays else ""
    dates = f" {one_of_monthdays(days.monthdays)} of the month" if days.monthdays else ""
    when += f" that falls{dates}" if when and dates else dates
    when += f" in {months_in_words(days.months)}" if days.months else ""
    return every_days(parts.interval) + (f" (only{when})" if when else "")


def _picks_days(parts: Parts, days: Days, when: TimesOfDay) -> bool:
    """Whether BYSETPOS picks some days of a month from weekdays alone, as in `the last weekday of every month`."""
    is_month = parts.freq is Frequency.MONTHLY or (parts.freq is Frequency.YEARLY and len(parts.bymonth) == 1)
    return is_month and days.is_weekdays and not days.has_numbers and when.is_single


def _picked_days(parts: Parts, days: Days) -> str:
    period = every(parts.interval, UNITS[parts.freq])
    weekdays = sorted(set(days.plain_weekdays))
    most = 4 * len(weekdays) + 1
    [*others, position] = from_the_front(parts.bysetpos)
    alone = not others and abs(position) >= most and period == "every month" and not days.months
    numbers = ordinal(position) if alone else ordinals([*others, position], most)
    what = f"the {numbers} {_one_of(weekdays)}"
    months = months_in_words(days.months)
    if parts.freq is Frequency.YEARLY:
        return f"{period} on {what} of {months}"
    if not months or parts.interval > 1:
        return f"on {what} of {period}{' that has one' if alone else ''}{_only(days)}"
    return f"on {what} of {months}"


def _one_of(weekdays: Sequence[int]) -> str:
    """One of these in their order, to stand behind `the third`: `Friday`, `weekday`, `of all Saturdays and Sundays`."""
    if len(weekdays) in (1, 7) or list(weekdays) == [0, 1, 2, 3, 4]:
        return a_weekday_of(weekdays)
    return f"of all {listed(WEEKDAYS[day] + 's' for day in weekdays)}"


def _restriction(parts: Parts) -> str:
    if not parts.bysetpos or _has_one_time(parts):
        return ""
    positions = listed(ordinal(position) for position in from_the_front(parts.bysetpos))
    return f", but only the {positions} time in each {UNITS[parts.freq]}"


def _has_one_time(parts: Parts) -> bool:
    """Whether a period has one time at most, and BYSETPOS takes it."""
    named = (parts.byhour, parts.byminute, parts.bysecond)[parts.freq - Frequency.DAILY :]
    is_one = parts.freq >= Frequency.DAILY and all(len(numbers) <= 1 for numbers in named)
    return is_one and not {1, -1}.isdisjoint(parts.bysetpos)


def _week_start(parts: Parts, start: datetime) -> str:
    """WKST, where it changes which days are meant."""
    days = {day for day, _ in parts.byday}
    counts_weeks = parts.interval > 1 and days != {start.weekday()}
    matters = parts.freq is Frequency.WEEKLY and (counts_weeks or bool(parts.bysetpos))
    matters = matters or bool(parts.byweekno)
    return f", weeks starting on {WEEKDAYS[parts.wkst]}" if parts.wkst and matters else ""
