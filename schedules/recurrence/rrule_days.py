"""The days that an RRULE names: its filters, and the phase that FREQ and INTERVAL give them.

What a rule leaves out comes from DTSTART (RFC 5545 3.3.10, "Information, not contained in the rule").
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

from .days import ALL_MONTHS, DayFilter, DaySet, Month, month_index, month_start, to_date, week_start, weekday
from .phases import DayPhase, Phase
from .rrule_parts import Frequency, Parts


def with_days_of_start(parts: Parts, start: date) -> Parts:
    """The parts with the day of DTSTART where they name none."""
    names_days = parts.bymonthday or parts.byyearday or parts.byday
    match parts.freq:
        case Frequency.YEARLY if parts.byweekno:
            return parts if names_days else replace(parts, byday=((start.weekday(), None),))
        case Frequency.YEARLY if not (parts.byyearday or parts.byday):
            return replace(
                parts, bymonth=parts.bymonth or (start.month,), bymonthday=parts.bymonthday or (start.day,)
            )
        case Frequency.YEARLY if not parts.bymonth:
            months = (start.month,) if parts.bymonthday and not parts.byyearday else ()
            return replace(parts, bymonth=months, counts_weekdays_in_year=True)
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


def _filters(parts: Parts) -> Iterator[DayFilter]:
    if parts.bymonthday:
        yield lambda month: _counted(parts.bymonthday, 0, month.length, month)
    if parts.byyearday:
        yield lambda month: _counted(parts.byyearday, month.january - month.start, month.year_length, month)
    if parts.byweekno:
        yield lambda month: _in_weeks(parts, month)
    if parts.byday:
        yield lambda month: {offset for day in parts.byday for offset in _weekdays(parts, day, month)}


def _counted(numbers: Iterable[int], start: int, length: int, month: Month) -> set[int]:
    """The numbered days of a run of `length` days that begins at offset `start` of a month; -1 is its last."""
    offsets = {start + (number - 1 if number > 0 else length + number) for number in numbers}
    inside = range(max(start, 0), min(start + length, month.length))
    return {offset for offset in offsets if offset in inside}


def _weekdays(parts: Parts, day: tuple[int, int | None], month: Month) -> Iterable[int]:
    """The days of a month that one item of BYDAY names, counted in the year or in the month."""
    wanted, number = day
    if number is None:
        return range((wanted - weekday(month.start)) % 7, month.length, 7)
    in_year = parts.counts_weekdays_in_year
    start, length = (month.january, month.year_length) if in_year else (month.start, month.length)
    alike = range((wanted - weekday(start)) % 7, length, 7)
    index = number - 1 if number > 0 else len(alike) + number
    offset = start - month.start + alike[index] if 0 <= index < len(alike) else -1
    return (offset,) if 0 <= offset < month.length else ()


def _in_weeks(parts: Parts, month: Month) -> set[int]:
    """The days of a month in weeks with a number: around New Year those may be of the year before or after."""
    year = to_date(month.january).year
    starts = [_first_week(month_start(number * 12), parts.wkst) for number in range(year - 1, year + 3)]
    found = set[int]()
    for start, end in pairwise(starts):
        for number in parts.byweekno:
            week = start + (number - 1) * 7 if number > 0 else end + number * 7
            if start <= week < end:
                found.update(range(week - month.start, week - month.start + 7))
    return found.intersection(range(month.length))


def _first_week(january: int, wkst: int) -> int:
    """The day on which week 1 begins: the first that has four days in the year, so it holds 4 January."""
    return week_start(january + 3, wkst)
