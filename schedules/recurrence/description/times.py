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

    @property
    def is_single(self) -> bool:
        """Whether there is one time a day."""
        return self.first == self.last


def times_of_day(hours: Sequence[int], minutes: Sequence[int], seconds: Sequence[int]) -> TimesOfDay:
    """The times that each of the hours, minutes and seconds make together. All are sorted."""
    first = hours[0] * 3_600 + minutes[0] * 60 + seconds[0]
    last = hours[-1] * 3_600 + minutes[-1] * 60 + seconds[-1]
    number = len(hours) * len(minutes) * len(seconds)
    if len(seconds) > 1 and number > MOST_LISTED:
        return TimesOfDay(_composed(hours, minutes, seconds), True, first, last)
    times = [hour * 3_600 + minute * 60 + second for hour, minute, second in product(hours, minutes, seconds)]
    rate = _even(times)
    if rate:
        return TimesOfDay(rate, True, first, last)
    if number <= MOST_LISTED or (len(minutes) == len(seconds) == 1):
        return TimesOfDay(f"at {listed(map(clock, times))}{ZONE}", False, first, last)
    return TimesOfDay(_composed(hours, minutes, seconds), True, first, last)


def restricted(rate: str, parts: tuple[Sequence[int], Sequence[int], Sequence[int]]) -> TimesOfDay:
    """A rate that counts from the start of its rule, in some hours, minutes and seconds alone; empty is all."""
    hours, minutes, seconds = parts
    if minutes and not seconds and rate.endswith("hours"):
        rate += f" at {_numbers(minutes)} minutes past the hour"
        minutes = ()
    if seconds:
        rate += f" at {_numbers(seconds)} seconds past the minute"
    if minutes:
        rate += f" during {_minutes(minutes)} of the hour"
    return TimesOfDay(f"{rate}{_in_hours(hours or ALL_HOURS)}", True)


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
    step = step_of(numbers, FEW + 1)
    if step is None:
        return f"at {_numbers(numbers)} {unit}{'' if tuple(numbers) == (1,) else 's'} past {past}"
    if numbers[0] == 0 and step * len(numbers) == 60:
        return every_few(step, unit)
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
