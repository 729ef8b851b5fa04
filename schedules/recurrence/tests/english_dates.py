"""What single words of a description say of a date: `every Monday`, `the 1st and last day`, `week 20`."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from .english_words import IF_ANY, NTH, WEEKDAY, WEEKDAYS, Unclear, items, months, ordinal
from .oracle import WEEKDAYS as CODES
from .oracle import same_weekdays, week_numbers

Days = Callable[[date], bool]
LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


class Start:
    """What counting begins with: a date, and the day that weeks begin with."""

    def __init__(self, day: date | None, wkst: str) -> None:
        self.day, self.wkst = day, wkst

    def every(self, number: int, distance: Callable[[date, date], int]) -> Days:
        """Every so many units of what `distance` counts, the start's among them."""
        if number == 1:
            return lambda _: True
        if self.day is None:
            raise Unclear("counted from no start")
        start = self.day
        return lambda day: distance(start, day) % number == 0

    def years(self, number: int) -> Days:
        return self.every(number, lambda one, other: other.year - one.year)

    def months(self, number: int) -> Days:
        return self.every(number, lambda one, other: (other.year - one.year) * 12 + other.month - one.month)

    def weeks(self, number: int) -> Days:
        def begin(day: date) -> date:
            return day - timedelta(days=(day.weekday() - WEEKDAYS.index(self.wkst)) % 7)

        return self.every(number, lambda one, other: (begin(other) - begin(one)).days // 7)

    def days(self, number: int) -> Days:
        return self.every(number, lambda one, other: (other - one).days)


def both(*parts: Days) -> Days:
    return lambda day: all(part(day) for part in parts)


def weekdays(text: str) -> Days:
    """`every day`, `every weekday`, `every day from Monday to Wednesday`, `every Monday and Friday`."""
    if text == "every day":
        return lambda _: True
    if text == "every weekday":
        return lambda day: day.weekday() < 5
    run = re.fullmatch(rf"every day from ({WEEKDAY}) to ({WEEKDAY})", text)
    if run:
        low, high = WEEKDAYS.index(run[1]), WEEKDAYS.index(run[2])
        return lambda day: low <= day.weekday() <= high
    try:
        named = {WEEKDAYS.index(name) for name in items(text.removeprefix("every "))}
    except ValueError:
        raise Unclear(text) from None
    return lambda day: day.weekday() in named


def numbered(text: str, unit: str, *, certain: bool) -> Days:
    """`every Monday, the first and last Friday`, counted in the month or the year."""
    parts = re.split(r"(?:, | and |^)(?=every |the )", text)
    found: list[Days] = []
    for part in filter(None, parts):
        if part.startswith("every "):
            found.append(weekdays(part))
            continue
        match = re.fullmatch(rf"the (.*) ({WEEKDAY})", part)
        if not match:
            raise Unclear(text)
        wanted = [place(item, 4 if unit == "month" else 52, certain=certain) for item in items(match[1])]
        found.append(_places(wanted, WEEKDAYS.index(match[2]), unit))
    return lambda day: any(part(day) for part in found)


def place(text: str, always: int, *, certain: bool) -> int:
    number = ordinal(text.removesuffix(IF_ANY))
    if abs(number) > always and not certain and not text.endswith(IF_ANY):
        raise Unclear(f"{text} is not always there")
    return number


def _places(wanted: list[int], weekday: int, unit: str) -> Days:
    def holds(day: date) -> bool:
        if day.weekday() != weekday:
            return False
        alike = same_weekdays(day.year, day.month if unit == "month" else None, weekday)
        at = alike.index(day)
        return at + 1 in wanted or at - len(alike) in wanted

    return holds


def dates(text: str, in_months: list[int], *, certain: bool) -> Days:
    """`1st, 15th and last day`, of some months: what not all of those have has to be marked."""
    wanted, last_weekday = set[int](), False
    for item in items(text):
        plain = item.removesuffix(IF_ANY).removeprefix("the ")
        if plain == "last weekday":
            last_weekday = True
            continue
        number = ordinal(plain.removesuffix(" day"))
        shortest, longest = (f(length_of(m) for m in in_months) for f in (min, max))
        if abs(number) > (29 if longest == 28 else longest):
            raise Unclear(f"{item} is never there")
        if abs(number) > shortest and not certain and not item.endswith(IF_ANY):
            raise Unclear(f"{item} is not always there")
        wanted.add(number)

    def holds(day: date) -> bool:
        length = calendar.monthrange(day.year, day.month)[1]
        is_last = last_weekday and day == _last_weekday(day)
        return day.day in wanted or day.day - length - 1 in wanted or is_last

    return holds


def length_of(month: int) -> int:
    return LENGTHS[month - 1]


def _last_weekday(day: date) -> date:
    day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day


RUN = rf"every (?:({NTH}) )?day from the ({NTH}) to the ({NTH}|end)( \(where there is one\))?"


def run_of_days(match: re.Match[str], in_months: list[int]) -> Days:
    step, low = ordinal(match[1] or "first"), ordinal(match[2])
    high = 31 if match[3] == "end" else ordinal(match[3])
    if match[3] != "end" and high > min(map(length_of, in_months)) and not match[4]:
        raise Unclear("the run ends where there is not always a day")
    return lambda day: day.day in range(low, high + 1, step)


def one_of(text: str) -> Days:
    """`on the 1st or last day`, `between the 1st and the 7th`: nothing is said to be there."""
    run = re.fullmatch(rf"between the ({NTH}) and the ({NTH})", text)
    if run:
        return lambda day: ordinal(run[1]) <= day.day <= ordinal(run[2])
    return dates(text.removeprefix("on the "), list(range(1, 13)), certain=True)


def yeardays(text: str) -> Days:
    wanted = {ordinal(item.removesuffix(" day")) for item in items(text)}

    def holds(day: date) -> bool:
        place, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
        return place in wanted or place - length - 1 in wanted

    return holds


def weeks(text: str, start: Start) -> Days:
    wanted = set[int]()
    for item in items(text.removeprefix("weeks ").removeprefix("week ")):
        plain = item.removesuffix(IF_ANY)
        number = int(plain) if plain.isdigit() else ordinal(plain.removeprefix("the ").removesuffix(" week"))
        if abs(number) == 53 and plain == item:
            raise Unclear("not every year has a week 53")
        wanted.add(number)
    code = CODES[WEEKDAYS.index(start.wkst)]
    return lambda day: any(number in wanted for number in week_numbers(day, code))


def in_months(text: str) -> Days:
    named = months(text)
    return lambda day: day.month in named


def pooled(wanted: list[int], names: list[str]) -> Days:
    weekdays = {WEEKDAYS.index(name) for name in names}

    def holds(day: date) -> bool:
        length = calendar.monthrange(day.year, day.month)[1]
        pool = [n for n in range(1, length + 1) if day.replace(day=n).weekday() in weekdays]
        if day.day not in pool:
            return False
        at = pool.index(day.day)
        return at + 1 in wanted or at - len(pool) in wanted

    return holds
