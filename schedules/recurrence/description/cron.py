"""A cron expression in words."""

from cronsim import CronSim

from schedules.recurrence.cron import read_cron

from .clause import Clause
from .days import Days, Weekday, days_in_words, months_in_words, on_monthdays, possible, weekdays_in_words
from .existing import LAST_WORKDAY
from .times import times_of_day

_ENDS = {CronSim.LAST: -1, CronSim.LAST_WEEKDAY: LAST_WORKDAY}


def cron_clause(text: str) -> Clause:
    """When a valid cron expression occurs."""
    cron = read_cron(text)
    times = times_of_day(sorted(cron.hours), sorted(cron.minutes), (0,))
    months = tuple(sorted(cron.months)) if len(cron.months) < 12 else ()
    return Clause(_days(cron, months), times, months=months)


def _days(cron: CronSim, months: tuple[int, ...]) -> str:
    monthdays = tuple(sorted(_ENDS.get(day, day) for day in cron.days))
    weekdays = _weekdays(cron)
    if cron.day_and:
        return days_in_words(possible(Days(months=months, monthdays=monthdays, weekdays=weekdays)))
    dates = possible(Days(months=months, monthdays=monthdays))
    if not dates.monthdays and any(day in range(1, 32) for day in monthdays) and _is_whole(monthdays, months):
        weekdays = ()
    if dates.monthdays and weekdays:
        return _either(months, dates.monthdays, weekdays)
    return days_in_words(possible(Days(months=months, weekdays=weekdays)))


def _is_whole(monthdays: tuple[int, ...], months: tuple[int, ...]) -> bool:
    """Whether days of the month leave none out; else they may be ones that no month has."""
    return 1 in monthdays and not possible(Days(months=months, monthdays=monthdays)).monthdays


def _either(months: tuple[int, ...], monthdays: tuple[int, ...], weekdays: tuple[Weekday, ...]) -> str:
    """Cron's own: the day of the month or the weekday, whichever comes."""
    dates = f"{on_monthdays(monthdays, months)} of the month"
    days = Days(weekdays=weekdays)
    named = f"{weekdays_in_words(weekdays)} of the month" if days.has_numbers else days_in_words(days)
    return (f"in {months_in_words(months)} " if months else "") + f"{dates} and on {named}"


def _weekdays(cron: CronSim) -> tuple[Weekday, ...]:
    found = {_weekday(item) for item in cron.weekdays}
    every_one = {(day, None) for day in range(7)}
    return () if every_one <= found else tuple(sorted(found, key=lambda item: (item[1] or 0, item[0])))


def _weekday(item: int | tuple[int, int]) -> Weekday:
    """Cron counts from Sunday, 0 and 7; the n-th weekday comes as a pair."""
    if isinstance(item, int):
        return (item - 1) % 7, None
    day, number = item
    return (day - 1) % 7, -1 if number == CronSim.LAST else number
