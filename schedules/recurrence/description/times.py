"""At which times of a day, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from schedules.recurrence.times import ALL_HOURS, ALL_OF_SIXTY

from .words import ZONE, clock, counted, every, every_few, listed, step_of

LAST_SECOND = 86_399
FEW = 4
MOST_LISTED = 6


@dataclass(frozen=True, slots=True)
class TimesOfDay:
    """Clock times (`at 09:00`) or a rate (`every 15 minutes`), and the first and the last of a day in seconds."""

    text: str
    is_rate: bool
    first: int = 0
    last: int = LAST_SECOND
    hours: Sequence[int] = ALL_HOURS
    minutes: Sequence[int] = ALL_OF_SIXTY
    seconds: Sequence[int] = ALL_OF_SIXTY

    @property
    def is_single(self) -> bool:
        """Whether there is one time a day."""
        return self.first == self.last

    def falls_in(self, low: int, high: int) -> bool:
        """Whether one of the times is in ``[low, high)``, in seconds of the day."""
        hours = [hour for hour in self.hours if low < hour * 3_600 + 3_600 and hour * 3_600 < high]
        times = (hour * 3_600 + minute * 60 for hour in hours for minute in self.minutes)
        near = (time for time in times if low < time + 60 and time < high)
        return any(low <= time + second < high for time in near for second in self.seconds)


def times_of_day(hours: Sequence[int], minutes: Sequence[int], seconds: Sequence[int]) -> TimesOfDay:
    """The times that each of the hours, minutes and seconds make together. All are sorted."""
    first = hours[0] * 3_600 + minutes[0] * 60 + seconds[0]
    last = hours[-1] * 3_600 + minutes[-1] * 60 + seconds[-1]
    text, is_rate = _put_in_words(hours, minutes, seconds)
    return TimesOfDay(text, is_rate, first, last, tuple(hours), tuple(minutes), tuple(seconds))


def _put_in_words(hours: Sequence[int], minutes: Sequence[int], seconds: Sequence[int]) -> tuple[str, bool]:
    """The times in words, and whether those are a rate."""
    number = len(hours) * len(minutes) * len(seconds)
    if len(seconds) > 1 and number > MOST_LISTED:
        return _composed(hours, minutes, seconds), True
    times = [hour * 3_600 + minute * 60 + second for hour, minute, second in product(hours, minutes, seconds)]
    rate = _even(times)
    if rate:
        return rate, True
    if number <= MOST_LISTED or (len(minutes) == len(seconds) == 1):
        return f"at {listed(map(clock, times))}{ZONE}", False
    return _composed(hours, minutes, seconds), True


def even_times(first: int, step: int) -> TimesOfDay:
    """The times `step` seconds apart, of which there is a whole number in a day."""
    times = range(first, LAST_SECOND + 1, step)
    if len(times) <= FEW:
        return TimesOfDay(f"at {listed(map(clock, times))}{ZONE}", False, times[0], times[-1])
    ends = f"{clock(times[0])} and {clock(times[-1])}"
    return TimesOfDay(f"{_step(step)} between {ends}{ZONE}", True, times[0], times[-1])


def by_the_clock(
    rate: str, unit: str, parts: tuple[Sequence[int], Sequence[int], Sequence[int]]
) -> TimesOfDay:
    """A rate that counts units from the start of its rule, in some hours, minutes and seconds alone; empty is all."""
    hours, minutes, seconds = parts
    if minutes and unit == "hour":
        rate += f" at {_numbers(minutes)} minute{_s(minutes)} past the hour"
    if seconds:
        rate += f" at {_numbers(seconds)} second{_s(seconds)} past the minute"
    if minutes and unit != "hour":
        rate += f" during {_minutes(minutes)} of the hour"
    return TimesOfDay(f"{rate}{_in_hours(hours or ALL_HOURS)}", True)


def _s(numbers: Sequence[int]) -> str:
    return "" if tuple(numbers) == (1,) else "s"


def _even(times: Sequence[int]) -> str | None:
    """Times that are the same step apart, if they are many and that says it all."""
    step = step_of(times, FEW + 1)
    if step is None:
        return None
    if step * len(times) <= LAST_SECOND or step > 3_600:
        return f"{_step(step)} between {clock(times[0])} and {clock(times[-1])}{ZONE}"
    if times[0] == 0:
        return "every hour on the hour" if step == 3_600 else _step(step)
    return f"at {_past(times[0])} every hour" if step == 3_600 else None


def _step(seconds: int) -> str:
    unit, size = next((name, size) for name, size in _UNITS if seconds % size == 0)
    return every_few(seconds // size, unit)


_UNITS = (("hour", 3_600), ("minute", 60), ("second", 1))


def _past(second: int) -> str:
    minutes, seconds = divmod(second, 60)
    parts = [counted(minutes, "minute")] if minutes else []
    return f"{listed([*parts, counted(seconds, 'second')] if seconds else parts)} past"


def _composed(hours: Sequence[int], minutes: Sequence[int], seconds: Sequence[int]) -> str:
    if tuple(seconds) == (0,):
        past = "every hour" if tuple(hours) == ALL_HOURS else "the hour"
        return f"{_of_sixty(minutes, 'minute', past)}{_in_hours(hours)}"
    if tuple(minutes) == ALL_OF_SIXTY:
        return f"{_of_sixty(seconds, 'second', 'every minute')}{_in_hours(hours)}"
    during = f" during {_minutes(minutes)} of the hour"
    return f"{_of_sixty(seconds, 'second', 'the minute')}{during}{_in_hours(hours)}"


def _of_sixty(numbers: Sequence[int], unit: str, past: str) -> str:
    step = step_of(numbers)
    if step and numbers[0] == 0 and step * len(numbers) == 60:
        return every_few(step, unit)
    if step is None or len(numbers) <= FEW:
        return f"at {_numbers(numbers)} {unit}{_s(numbers)} past {past}"
    return f"{every_few(step, unit)} from {numbers[0]} to {numbers[-1]} {unit}s past {past}"


def _numbers(numbers: Sequence[int]) -> str:
    return listed(map(str, numbers))


def _minutes(minutes: Sequence[int]) -> str:
    step = step_of(minutes, FEW + 1)
    if step is None:
        return f"minute{'s' if len(minutes) > 1 else ''} {_numbers(minutes)}"
    run = f"{minutes[0]} to {minutes[-1]}"
    return f"minutes {run}" if step == 1 else f"{every(step, 'minute')} from minute {run}"


def _in_hours(hours: Sequence[int]) -> str:
    runs = list(_runs(hours))
    if tuple(hours) == ALL_HOURS:
        return ""
    if len(runs) <= FEW - 1:
        return " " + listed(f"between {clock(low)} and {clock(high)}" for low, high in runs) + ZONE
    step = step_of(hours)
    if step:
        ends = f"{clock(hours[0] * 3_600)} and {clock(hours[-1] * 3_600 + 3_540)}"
        return f" in {every(step, 'hour')} between {ends}{ZONE}"
    return f" in the hours beginning at {listed(clock(hour * 3_600) for hour in hours)}{ZONE}"


def _runs(hours: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Hours that follow one another, as the first and the last minute of each run."""
    low = hours[0]
    for hour, following in zip(hours, [*hours[1:], -1], strict=True):
        if following != hour + 1:
            yield low * 3_600, hour * 3_600 + 3_540
            low = following
