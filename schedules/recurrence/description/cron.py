"""A cron expression in words."""

from cronsim import CronSim

from schedules.recurrence.cron import read_cron

from .clause import Clause
from .days import LAST_WORKDAY, Days, Weekday, days_in_words, months_in_words
from .times import times_of_day

ALL_MONTHDAYS = tuple(range(1, 32))
_ENDS = {CronSim.LAST: -1, CronSim.LAST_WEEKDAY: LAST_WORKDAY}


def cron_clause(text: str) -> Clause:
    """When a valid cron expression occurs."""
    cron = read_cron(text)
    times = times_of_day(sorted(cron.hours), sorted(cron.minutes), (0,))
    return Clause(_days(cron), times)


def _days(cron: CronSim) -> str:
    months = tuple(sorted(cron.months)) if len(cron.months) < 12 else ()
    monthdays = tuple(sorted(_ENDS.get(day, day) for day in cron.days))
    monthdays = () if set(ALL_MONTHDAYS) <= set(monthdays) else monthdays
    weekdays = _weekdays(cron)
    if not (monthdays and weekdays) or cron.day_and:
        return days_in_words(Days(months=months, monthdays=monthdays, weekdays=weekdays))
    return _either(months, monthdays, weekdays)


def _either(months: tuple[int, ...], monthdays: tuple[int, ...], weekdays: tuple[Weekday, ...]) -> str:
    """Cron's own: the day of the month or the weekday, whichever comes."""
    dates = days_in_words(Days(monthdays=monthdays)).replace("of every month", "of the month")
    named = days_in_words(Days(weekdays=weekdays)).replace("of every month", "of the month")
    on = "" if named.startswith("on ") else "on "
    return f"{dates} and {on}{named}" + (f" in {months_in_words(months)}" if months else "")


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
