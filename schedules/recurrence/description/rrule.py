"""An RRULE line in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from schedules.recurrence.rrule_days import with_days_of_start
from schedules.recurrence.rrule_parts import Frequency, Parts
from schedules.recurrence.times import ALL_HOURS, ALL_OF_SIXTY

from .clause import Clause
from .days import (
    Days,
    a_weekday_of,
    conditions,
    days_in_words,
    each_weekday,
    in_one_month,
    months_in_words,
    on_monthdays,
    one_of_monthdays,
    weekdays_in_words,
    yeardays_in_words,
)
from .times import TimesOfDay, restricted, times_of_day
from .words import WEEKDAYS, every, every_days, every_few, from_the_front, listed, ordinal

UNITS = {
    Frequency.YEARLY: "year",
    Frequency.MONTHLY: "month",
    Frequency.WEEKLY: "week",
    Frequency.DAILY: "day",
    Frequency.HOURLY: "hour",
    Frequency.MINUTELY: "minute",
    Frequency.SECONDLY: "second",
}


def rrule_clause(parts: Parts, start: datetime) -> Clause:
    """When the rule of an RRULE occurs that starts at a wall time."""
    whole = with_days_of_start(parts, start.date())
    times = _times(whole, start)
    if whole.bysetpos and _picks_days(whole, times):
        return Clause(_picked_days(whole), times)
    counts_from_start = whole.freq > Frequency.DAILY and whole.interval > 1
    return Clause(_days(whole), times, counts_from_start, _restriction(whole) + _week_start(whole))


def _times(parts: Parts, start: datetime) -> TimesOfDay:
    freq = parts.freq
    if freq > Frequency.DAILY and parts.interval > 1:
        rate = every_few(parts.interval, UNITS[freq])
        return restricted(rate, (parts.byhour, parts.byminute, parts.bysecond))
    hours = parts.byhour or (ALL_HOURS if freq >= Frequency.HOURLY else (start.hour,))
    minutes = parts.byminute or (ALL_OF_SIXTY if freq >= Frequency.MINUTELY else (start.minute,))
    seconds = parts.bysecond or (ALL_OF_SIXTY if freq >= Frequency.SECONDLY else (start.second,))
    return times_of_day(hours, minutes, seconds)


def _days(parts: Parts) -> str:
    days = _wanted(parts)
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
        return f"on the {yeardays_in_words(days.yeardays)} of {period}"
    if len(days.plain_weekdays) < len(days.weekdays):
        return _numbered_in_year(days, period)
    if parts.interval == 1:
        return days_in_words(days)
    text = days_in_words(days, year=period)
    return text if period in text else f"{text} of {period}"


def _dates_of_year(days: Days, period: str) -> str:
    if len(days.months) == 1:
        return f"{period} {in_one_month(days)}"
    months = months_in_words(days.months)
    return f"{period} {on_monthdays(days.monthdays)} of {months or 'every month'}"


def _numbered_in_year(days: Days, period: str) -> str:
    weekdays = weekdays_in_words(days.weekdays)
    rest = conditions(days)
    if days.months:
        return f"{period} on {weekdays} of {months_in_words(days.months)}{rest}"
    return f"on {weekdays} of {period}{rest}"


def _every_few_months(parts: Parts, days: Days) -> str:
    period = every(parts.interval, "month")
    only = f" ({months_in_words(days.months)} only)" if days.months else ""
    anywhere = replace(days, months=())
    if days.is_dates or len(days.plain_weekdays) < len(days.weekdays):
        return days_in_words(anywhere, period) + only
    return f"{days_in_words(anywhere)} of {period}{only}"


def _every_few_weeks(parts: Parts, days: Days) -> str:
    months = f" in {months_in_words(days.months)}" if days.months else ""
    weekdays = days.plain_weekdays
    if len(weekdays) == 1:
        return every(parts.interval, WEEKDAYS[weekdays[0]]) + months
    names = each_weekday(weekdays).removeprefix("every ")
    period = every(parts.interval, "week")
    if len(weekdays) == len(WEEKDAYS):
        return f"every day of {period}{months}"
    named = {"weekday": "from Monday to Friday"}.get(names, f"on {names}").replace("on day from", "from")
    return f"{period} {named}{months}"


def _every_few_days(parts: Parts, days: Days) -> str:
    when = f" that is a {a_weekday_of(days.plain_weekdays)}" if days.weekdays else ""
    when += f" that falls {one_of_monthdays(days.monthdays)} of the month" if days.monthdays else ""
    when += f" in {months_in_words(days.months)}" if days.months else ""
    return every(parts.interval, "day") + when if when else every_days(parts.interval)


def _picks_days(parts: Parts, times: TimesOfDay) -> bool:
    """Whether BYSETPOS picks some days of a month from weekdays alone, as in `the last weekday of every month`."""
    days = _wanted(parts)
    is_month = parts.freq is Frequency.MONTHLY or (parts.freq is Frequency.YEARLY and len(parts.bymonth) == 1)
    plain = days.is_weekdays and len(days.plain_weekdays) == len(days.weekdays)
    return is_month and plain and times.is_single


def _picked_days(parts: Parts) -> str:
    period = every(parts.interval, UNITS[parts.freq])
    what = f"the {_positions(parts.bysetpos)} {a_weekday_of(_wanted(parts).plain_weekdays)}"
    months = months_in_words(parts.bymonth)
    if parts.freq is Frequency.YEARLY:
        return f"{period} on {what} of {months}"
    if not months or parts.interval > 1:
        return f"on {what} of {period}" + (f" ({months} only)" if months else "")
    return f"on {what} of {months}"


def _restriction(parts: Parts) -> str:
    if not parts.bysetpos:
        return ""
    return f", but only the {_positions(parts.bysetpos)} time in each {UNITS[parts.freq]}"


def _positions(positions: Sequence[int]) -> str:
    return listed(ordinal(position) for position in from_the_front(positions))


def _week_start(parts: Parts) -> str:
    """WKST, where it changes which days are meant."""
    matters = parts.freq is Frequency.WEEKLY and (
        (parts.interval > 1 and len(parts.byday) > 1) or parts.bysetpos
    )
    matters = matters or bool(parts.byweekno)
    return f", weeks starting on {WEEKDAYS[parts.wkst]}" if parts.wkst and matters else ""
