"""RRULEs that count hours, minutes or seconds, as times of the day where those are the same every day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from schedules.recurrence.rrule_parts import Frequency, Parts
from schedules.recurrence.times import ALL_HOURS, ALL_OF_SIXTY

from .times import TimesOfDay, by_the_clock, even_times, times_of_day
from .words import every_few

UNITS = {
    Frequency.YEARLY: "year",
    Frequency.MONTHLY: "month",
    Frequency.WEEKLY: "week",
    Frequency.DAILY: "day",
    Frequency.HOURLY: "hour",
    Frequency.MINUTELY: "minute",
    Frequency.SECONDLY: "second",
}
_SECONDS = {Frequency.HOURLY: 3_600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
_DAY = 86_400


def counts_from_start(parts: Parts) -> bool:
    """Whether its times mean nothing without those of the start, once it is `settled`."""
    if parts.freq <= Frequency.DAILY or parts.interval == 1:
        return False
    return bool(_times_given(parts)) or _DAY % (parts.interval * _SECONDS[parts.freq]) != 0


def times(parts: Parts, start: datetime) -> TimesOfDay:
    """The times of day of `settled` parts."""
    freq = parts.freq
    if counts_from_start(parts):
        return _by_the_clock(parts, start)
    if freq > Frequency.DAILY and parts.interval > 1:
        step = parts.interval * _SECONDS[freq]
        return even_times((start.hour * 3_600 + start.minute * 60 + start.second) % step, step)
    hours = parts.byhour or (ALL_HOURS if freq >= Frequency.HOURLY else (start.hour,))
    minutes = parts.byminute or (ALL_OF_SIXTY if freq >= Frequency.MINUTELY else (start.minute,))
    seconds = parts.bysecond or (ALL_OF_SIXTY if freq >= Frequency.SECONDLY else (start.second,))
    return times_of_day(hours, minutes, seconds)


def _times_given(parts: Parts) -> tuple[int, ...]:
    return parts.byhour + parts.byminute + parts.bysecond


def _by_the_clock(parts: Parts, start: datetime) -> TimesOfDay:
    rate = every_few(parts.interval, UNITS[parts.freq])
    elapses = getattr(start.tzinfo, "key", "UTC") == "UTC" and not _times_given(parts)
    rate += "" if elapses else " by the clock"
    minutes, seconds = parts.byminute, parts.bysecond
    if parts.freq is Frequency.HOURLY and seconds:
        minutes = minutes or (start.minute,)
    if parts.freq is Frequency.HOURLY and minutes and start.second:
        seconds = seconds or (start.second,)
    return by_the_clock(rate, UNITS[parts.freq], (parts.byhour, minutes, seconds))


def settled(parts: Parts, start: datetime) -> Parts:
    """The same rule with ``INTERVAL=1`` where that many units of the start's lie alike in every day."""
    if parts.interval == 1 or parts.freq <= Frequency.DAILY:
        return parts
    if parts.freq is Frequency.HOURLY:
        return _settled_hours(parts, parts.interval, start)
    if parts.freq is Frequency.MINUTELY:
        return _settled_minutes(parts, parts.interval, start)
    if 60 % parts.interval == 0:
        seconds = _alike(parts.bysecond or ALL_OF_SIXTY, start.second, parts.interval)
        return replace(parts, interval=1, bysecond=seconds)
    if parts.interval % 60 == 0:
        seconds = tuple(second for second in parts.bysecond or (start.second,) if second == start.second)
        found = _settled_minutes(replace(parts, bysecond=seconds), parts.interval // 60, start)
        return found if found.interval == 1 else parts
    return parts


def _settled_minutes(parts: Parts, interval: int, start: datetime) -> Parts:
    if 60 % interval == 0:
        minutes = _alike(parts.byminute or ALL_OF_SIXTY, start.minute, interval)
        return replace(parts, interval=1, byminute=minutes)
    if interval % 60 == 0:
        minutes = tuple(minute for minute in parts.byminute or (start.minute,) if minute == start.minute)
        found = _settled_hours(replace(parts, byminute=minutes), interval // 60, start)
        return found if found.interval == 1 else parts
    return parts


def _settled_hours(parts: Parts, interval: int, start: datetime) -> Parts:
    if 24 % interval:
        return parts
    return replace(parts, interval=1, byhour=_alike(parts.byhour or ALL_HOURS, start.hour, interval))


def _alike(numbers: Sequence[int], start: int, interval: int) -> tuple[int, ...]:
    return tuple(number for number in numbers if (number - start) % interval == 0)
