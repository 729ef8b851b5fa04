"""At which times a description names, as seconds of the day or as what is counted from a start."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .english_words import CLOCK, NTH, Unclear, items, numbers, ordinal, second_of_day

UNIT = {"hour": 3600, "minute": 60, "second": 1}
CLOCKS = rf"{CLOCK}(?:(?:, | and ){CLOCK})*"
NUMBERS = r"\d+(?:(?:, | and )\d+)*"
RATE = r"every (?:(?P<n>\d[\d,]*) )?(?P<unit>hour|minute|second)s?"


@dataclass
class Times:
    """Either the same seconds of each day, or every so many units of what is counted from a start."""

    seconds: list[int]
    is_rate: bool = False
    step: int = 0  # in seconds; 0 for the same seconds of each day
    unit: int = 1
    elapses: bool = False
    within: list[int] | None = None  # seconds of each unit; None is where the start lies in its own
    allowed: Callable[[int], bool] = lambda _: True  # of the seconds of a day
    is_loose: bool = False  # "every 15 minutes", which says nothing of where the first is

    def counted(self, start: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
        """Wall times in ``[low, high]`` that are counted on the clock."""
        second = start.hour * 3600 + start.minute * 60 + start.second
        begin = start - timedelta(seconds=second % self.unit)
        within = [second % self.unit] if self.within is None else self.within
        number = (low - begin) // timedelta(seconds=self.step) - 1
        at = begin + number * timedelta(seconds=self.step)
        while at <= high:
            for offset in within:
                wall = at + timedelta(seconds=offset)
                if low <= wall <= high and self.allowed(wall.hour * 3600 + wall.minute * 60 + wall.second):
                    yield wall
            at += timedelta(seconds=self.step)


def read_times(text: str) -> tuple[Times, str]:
    """The times of a clause, and what is left of it: the days."""
    clocks = re.fullmatch(rf"(.*) at ({CLOCKS})", text)
    if clocks and not clocks[1].endswith("beginning"):
        return Times([second_of_day(clock) for clock in items(clocks[2])]), clocks[1]
    for pattern, read in _RATES:
        match = re.match(pattern, text)
        if match:
            return read(match, text[match.end() :])
    raise Unclear(f"times: {text!r}")


def _on_the_hour(_: re.Match[str], rest: str) -> tuple[Times, str]:
    return Times(list(range(0, 86_400, 3600)), is_rate=True), _days(rest)


def _past(match: re.Match[str], rest: str) -> tuple[Times, str]:
    """`at 5 and 20 minutes past every hour`, `at 30 minutes and 15 seconds past every hour`."""
    minutes = numbers(match["minutes"]) if match["minutes"] else None
    seconds = numbers(match["seconds"]) if match["seconds"] else [0]
    if match["of"] == "minute" and minutes is not None:
        raise Unclear("minutes past the minute")
    in_hour = {
        minute * 60 + second
        for minute in (minutes if minutes is not None else range(60) if match["of"] == "minute" else [0])
        for second in seconds
    }
    return _restricted(in_hour, rest)


def _from_to(match: re.Match[str], rest: str) -> tuple[Times, str]:
    """`every 7 minutes from 0 to 56 minutes past the hour`."""
    size = UNIT[match["unit"]]
    step = int(match["n"] or 1)
    members = {number * size for number in range(int(match["low"]), int(match["high"]) + 1, step)}
    if size == 1:
        members = {minute * 60 + second for minute in range(60) for second in members}
    return _restricted(members, rest)


def _restricted(in_hour: set[int], rest: str) -> tuple[Times, str]:
    ranges, allowed, rest = _ranges(rest)
    hours = [hour for hour in range(24) if any(low // 3600 <= hour <= high // 3600 for low, high in ranges)]
    members = [hour * 3600 + second for hour in hours for second in sorted(in_hour)]
    inside = [s for s in members if len(hours) == 24 or any(low <= s <= high for low, high in ranges)]
    return Times([second for second in inside if allowed is None or allowed(second)], is_rate=True), _days(
        rest
    )


def _ranges(text: str) -> tuple[list[tuple[int, int]], Callable[[int], bool] | None, str]:
    """The ranges of a day, both ends inclusive, that hours leave; a test of other restrictions, if there are any."""
    ranges: list[tuple[int, int]] = []
    allowed, _, text = _restrictions(text, ranges=ranges)
    return ranges or [(0, 86_399)], allowed, text


def _rate(match: re.Match[str], rest: str) -> tuple[Times, str]:
    """`every 15 minutes between 09:00 and 17:45`, `every 90 minutes by the clock`, `every 36 hours`."""
    unit = UNIT[match["unit"]]
    step = int((match["n"] or "1").replace(",", "")) * unit
    if match["clock"]:
        allowed, within, rest = _restrictions(rest, unit)
        return Times([], True, step, unit, within=within, allowed=allowed or (lambda _: True)), _days(rest)
    if rest.startswith(" of elapsed time"):
        return Times([], True, step, 1, elapses=True), _days(rest.removeprefix(" of elapsed time"))
    between = re.match(rf" between ({CLOCK}) and ({CLOCK})", rest)
    if between:
        return _even(second_of_day(between[1]), step, rest)
    is_aligned = 3600 % step == 0 and unit < 3600
    restricted = rest.startswith((" during ", " in every ", " in the hours "))
    if is_aligned:
        times, rest = _even(0, step, rest)
        times.is_loose, times.unit = step > 1 and not restricted, step
        return times, rest
    if restricted:
        raise Unclear(f"counted from what? {match[0]!r}")
    return Times([], True, step, 1, elapses=True), _days(rest)


def _even(origin: int, step: int, rest: str) -> tuple[Times, str]:
    ranges, allowed, rest = _ranges(rest)
    found = (s for low, high in ranges for s in range(low + (origin - low) % step, high + 1, step))
    return Times([s for s in found if allowed is None or allowed(s)], is_rate=True), _days(rest)


def _last(clock: str) -> int:
    """The end of a range: a time without seconds is its whole minute."""
    return second_of_day(clock) + (59 if clock.count(":") == 1 else 0)


def _restrictions(
    text: str, unit: int = 0, ranges: list[tuple[int, int]] | None = None
) -> tuple[Callable[[int], bool] | None, list[int] | None, str]:
    """In which hours, minutes and seconds a rate is; and where in each counted unit. Hours go to `ranges`, if given."""
    tests: list[Callable[[int], bool]] = []
    minutes, text = _take(rf" at ({NUMBERS}) minutes? past the hour", text)
    seconds, text = _take(rf" at ({NUMBERS}) seconds? past the minute", text)
    within = None
    if minutes is not None:
        within = [minute * 60 + second for minute in minutes for second in (seconds or [0])]
    elif seconds is not None and unit > 1:
        within = seconds
    elif seconds is not None:
        tests.append(lambda second: second % 60 in seconds)
    text = _during(text, tests)
    found, text = _hours(text)
    if ranges is not None:
        ranges += found
    elif found:
        tests.append(lambda second: any(low <= second <= high for low, high in found))
    return (lambda second: all(test(second) for test in tests)) if tests else None, within, text


def _take(pattern: str, text: str) -> tuple[list[int] | None, str]:
    match = re.match(pattern, text)
    return (numbers(match[1]), text[match.end() :]) if match else (None, text)


def _during(text: str, tests: list[Callable[[int], bool]]) -> str:
    stepped = rf"every (?:({NTH}) )?minute from minute (\d+) to (\d+)"
    match = re.match(rf" during (?:minutes? ({NUMBERS})|{stepped}) of the hour", text)
    run = re.match(r" during minutes (\d+) to (\d+) of the hour", text)
    if run:
        low, high = int(run[1]), int(run[2])
        tests.append(lambda second: low <= second // 60 % 60 <= high)
        return text[run.end() :]
    if not match:
        return text
    if match[1]:
        chosen = numbers(match[1])
    else:
        chosen = list(range(int(match[3]), int(match[4]) + 1, ordinal(match[2] or "first")))
    tests.append(lambda second: second // 60 % 60 in chosen)
    return text[match.end() :]


def _hours(text: str) -> tuple[list[tuple[int, int]], str]:
    """Ranges of the day, both ends inclusive; none for all of it."""
    stepped = re.match(rf" in every ({NTH}) hour between ({CLOCK}) and ({CLOCK})", text)
    listed = re.match(rf" in the hours beginning at ({CLOCKS})", text)
    ranges = re.match(rf" between {CLOCK} and {CLOCK}(?:(?:, | and )between {CLOCK} and {CLOCK})*", text)
    found: list[tuple[int, int]] = []
    if stepped:
        hours = range(int(stepped[2][:2]), int(stepped[3][:2]) + 1, ordinal(stepped[1]))
        found = [(hour * 3600, hour * 3600 + 3599) for hour in hours]
    elif listed:
        found = [(second_of_day(clock), second_of_day(clock) + 3599) for clock in items(listed[1])]
    elif ranges:
        ends = re.findall(rf"between ({CLOCK}) and ({CLOCK})", ranges[0])
        found = [(second_of_day(low), _last(high)) for low, high in ends]
    match = stepped or listed or ranges
    return found, text[match.end() :] if match else text


def _days(text: str) -> str:
    """The days behind a rate."""
    if text.startswith(", "):
        return text[2:]
    if text.startswith(" on every "):
        return text[4:]
    return text.removeprefix(" ")


_MINUTES, _SECONDS = rf"(?P<minutes>{NUMBERS}) minutes?", rf"(?P<seconds>{NUMBERS}) seconds?"
_RATES = [
    (r"every hour on the hour", _on_the_hour),
    (rf"at (?:{_MINUTES})?(?: and )?(?:{_SECONDS})? past (?:every |the )(?P<of>hour|minute)", _past),
    (rf"{RATE} from (?P<low>\d+) to (?P<high>\d+) \w+ past (?:every|the) \w+", _from_to),
    (rf"{RATE}(?P<clock> by the clock)?", _rate),
]
