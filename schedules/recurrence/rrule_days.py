"""The days that an RRULE names: its filters, and the phase that FREQ and INTERVAL give them.

What a rule leaves out comes from DTSTART (RFC 5545 3.3.10, "Information, not contained in the rule").
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from .days import ALL_MONTHS, Day, DayFilter, DaySet, month_index, month_start, weekday
from .phases import DayPhase, Phase
from .rrule_parts import Frequency, Parts


def with_days_of_start(parts: Parts, start: date) -> Parts:
    """The parts with the day of DTSTART where they name none."""
    names_days = parts.bymonthday or parts.byyearday or parts.byday
    match parts.freq:
        case Frequency.YEARLY if not (parts.byyearday or parts.byday):
            return replace(
                parts, bymonth=parts.bymonth or (start.month,), bymonthday=parts.bymonthday or (start.day,)
            )
        case Frequency.YEARLY if parts.bymonthday and not parts.bymonth:
            return replace(parts, bymonth=(start.month,))
        case Frequency.MONTHLY if not names_days:
            return replace(parts, bymonthday=(start.day,))
        case Frequency.WEEKLY if not names_days:
            return replace(parts, byday=((start.weekday(), None),))
    return parts


def day_set(parts: Parts, start: int, finer: DayPhase | None = None) -> DaySet:
    """The days of completed parts whose DTSTART is on epoch day `start`.

    ``finer`` is the phase of HOURLY, MINUTELY or SECONDLY, seen from a day.
    """
    months, filters = frozenset(parts.bymonth) or ALL_MONTHS, tuple(_filters(parts))
    step = parts.interval
    match parts.freq:
        case Frequency.YEARLY if step > 1:
            return DaySet(months, filters, month_phase=Phase(12, step, month_index(start) // 12 * 12))
        case Frequency.MONTHLY if step > 1:
            return DaySet(months, filters, month_phase=Phase(1, step, month_index(start)))
        case Frequency.WEEKLY if step > 1:
            return DaySet(months, filters, day_phase=Phase(7, step, week_start(start, parts.wkst)))
        case Frequency.DAILY if step > 1:
            return DaySet(months, filters, day_phase=Phase(1, step, start))
    return DaySet(months, filters, day_phase=finer)


def week_start(day: int, wkst: int) -> int:
    """The epoch day on which the week of a day begins."""
    return day - (weekday(day) - wkst) % 7


def period(parts: Parts) -> Callable[[int], tuple[int, int]]:
    """For DAILY to YEARLY: from an epoch day to the days ``[start, end)`` of the period around it."""
    match parts.freq:
        case Frequency.YEARLY:
            return _year
        case Frequency.MONTHLY:
            return _month
        case Frequency.WEEKLY:
            return lambda day: (week_start(day, parts.wkst), week_start(day, parts.wkst) + 7)
    return lambda day: (day, day + 1)


def _year(day: int) -> tuple[int, int]:
    january = month_index(day) // 12 * 12
    return month_start(january), month_start(january + 12)


def _month(day: int) -> tuple[int, int]:
    month = month_index(day)
    return month_start(month), month_start(month + 1)


def _filters(parts: Parts) -> list[DayFilter]:
    filters = []
    if parts.bymonthday:
        filters.append(_on_monthdays(frozenset(parts.bymonthday)))
    if parts.byyearday:
        filters.append(_on_yeardays(frozenset(parts.byyearday)))
    if parts.byday:
        filters.append(_on_weekdays(parts))
    return filters


def _on_monthdays(days: frozenset[int]) -> DayFilter:
    return lambda day: day.day in days or day.day - day.month_length - 1 in days


def _on_yeardays(days: frozenset[int]) -> DayFilter:
    return lambda day: day.yearday in days or day.yearday - day.year_length - 1 in days


def _on_weekdays(parts: Parts) -> DayFilter:
    """Numbered weekdays count within the month, or within the year for YEARLY without BYMONTH."""
    wanted = frozenset(parts.byday)
    of_year = parts.freq is Frequency.YEARLY and not parts.bymonth

    def test(day: Day) -> bool:
        number, length = (day.yearday, day.year_length) if of_year else (day.day, day.month_length)
        nth, nth_last = (number + 6) // 7, -((length - number) // 7 + 1)
        return not wanted.isdisjoint(((day.weekday, None), (day.weekday, nth), (day.weekday, nth_last)))

    return test
