"""On which days, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from .words import MONTHS, WEEKDAYS, every, from_the_front, listed, numeral, ordinal, step_of

EVERY_DAY = "every day"
LAST_WORKDAY = 0
"""Among days of the month: the last one from Monday to Friday. Only cron has it."""

Weekday = tuple[int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """What a day has to be. An empty part says nothing."""

    months: tuple[int, ...] = ()
    monthdays: tuple[int, ...] = ()
    yeardays: tuple[int, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    weeks: tuple[int, ...] = ()

    @property
    def plain_weekdays(self) -> tuple[int, ...]:
        """The weekdays that are meant each time, Monday being 0."""
        return tuple(sorted(day for day, number in self.weekdays if number is None))

    @property
    def is_dates(self) -> bool:
        """Whether days of the month alone say which days it is."""
        return bool(self.monthdays) and not (self.yeardays or self.weekdays or self.weeks)

    @property
    def is_weekdays(self) -> bool:
        """Whether weekdays alone say which days it is."""
        return bool(self.weekdays) and not (self.yeardays or self.monthdays or self.weeks)


def days_in_words(days: Days, of: str = "every month", year: str = "the year") -> str:
    """Days that are filtered one by one: `every Tuesday in March`, `on the 15th of every month`."""
    if days.is_dates:
        return dates_in_words(days, of)
    if days.is_weekdays and len(days.plain_weekdays) < len(days.weekdays):
        return f"on {weekdays_in_words(days.weekdays)} of {months_in_words(days.months) or of}"
    if len(days.plain_weekdays) < len(days.weekdays):
        base = f"on {weekdays_in_words(days.weekdays)} of {of}"
    else:
        base = each_weekday(days.plain_weekdays) if days.weekdays else EVERY_DAY
    return base + conditions(days, year) + (f" in {months_in_words(days.months)}" if days.months else "")


def conditions(days: Days, year: str = "the year") -> str:
    """What a day has to be besides its weekday: ` that falls on the 13th of the month`."""
    found = [f"{one_of_monthdays(days.monthdays)} of the month"] if days.monthdays else []
    found += [f"on the {yeardays_in_words(days.yeardays, 'or')} of {year}"] if days.yeardays else []
    falls = f" that falls {listed(found)}" if found else ""
    return falls + (f" in {weeks_in_words(days.weeks)} of {year}" if days.weeks else "")


def dates_in_words(days: Days, of: str) -> str:
    """Days of the month: `on the 15th of every month`, `every year on 24 December`."""
    if len(days.months) != 1:
        return f"{on_monthdays(days.monthdays)} of {months_in_words(days.months) or of}"
    return f"every year {in_one_month(days)}"


def in_one_month(days: Days) -> str:
    """`on 24 December`, `on the last day of February`."""
    month = months_in_words(days.months)
    if min(days.monthdays) > 0 and len(days.monthdays) <= 6:
        return f"on {listed(map(str, sorted(days.monthdays)))} {month}"
    return f"{on_monthdays(days.monthdays)} of {month}"


def months_in_words(months: Sequence[int]) -> str:
    """`January and July`; nothing for none."""
    return listed(MONTHS[month - 1] for month in sorted(months)) if months else ""


def on_monthdays(monthdays: Sequence[int]) -> str:
    """`on the 1st and 15th`, `on the last day`, `every second day from the 1st to the 31st`."""
    found = sorted(monthdays)
    step = step_of(found, 5) if found[0] > 0 else None
    if step:
        return f"{every(step, 'day')} from the {numeral(found[0])} to the {numeral(found[-1])}"
    return f"on the {listed(_monthday(day) for day in from_the_front(found))}"


def one_of_monthdays(monthdays: Sequence[int]) -> str:
    """`on the 1st or 15th`, `between the 1st and the 7th`."""
    found = sorted(monthdays)
    if found[0] > 0 and step_of(found, 5) == 1:
        return f"between the {numeral(found[0])} and the {numeral(found[-1])}"
    return f"on the {listed((_monthday(day) for day in from_the_front(found)), 'or')}"


def _monthday(day: int) -> str:
    if day == LAST_WORKDAY:
        return "last weekday"
    return numeral(day) if day > 0 else f"{ordinal(day)} day"


def yeardays_in_words(yeardays: Sequence[int], conjunction: str = "and") -> str:
    """`100th day`, `1st and 100th day`, `last day`, to stand behind `the`."""
    words = [numeral(day) if day > 0 else ordinal(day) for day in from_the_front(yeardays)]
    return f"{listed(words, conjunction)} day"


def weeks_in_words(weeks: Sequence[int]) -> str:
    """`week 20`, `weeks 1 and 20`, `the last week`."""
    forward = [week for week in sorted(weeks) if week > 0]
    backward = [f"the {ordinal(week)} week" for week in sorted(weeks) if week < 0]
    numbers = [f"week{'s' if len(forward) > 1 else ''} {listed(map(str, forward))}"] if forward else []
    return listed([*numbers, *backward])


def each_weekday(weekdays: Sequence[int]) -> str:
    """`every Tuesday`, `every weekday`, `every Monday and Friday`."""
    found = sorted(set(weekdays))
    if len(found) == len(WEEKDAYS):
        return EVERY_DAY
    if found == [0, 1, 2, 3, 4]:
        return "every weekday"
    if step_of(found, 3) == 1:
        return f"every day from {WEEKDAYS[found[0]]} to {WEEKDAYS[found[-1]]}"
    return f"every {listed(WEEKDAYS[day] for day in found)}"


def weekdays_in_words(weekdays: Sequence[Weekday]) -> str:
    """`the last Friday`, `every Monday and the first Friday`."""
    plain = tuple(day for day, number in weekdays if number is None)
    numbers: dict[int, list[int]] = {}
    for day, number in sorted(weekdays, key=lambda found: ((found[1] or 0) < 0, found[1] or 0)):
        if number is not None:
            numbers.setdefault(day, []).append(number)
    words = [f"the {listed(map(ordinal, found))} {WEEKDAYS[day]}" for day, found in numbers.items()]
    return listed([each_weekday(plain), *words] if plain else words)


def a_weekday_of(weekdays: Sequence[int]) -> str:
    """One of these, without an article: `weekday`, `Saturday or Sunday`."""
    found = sorted(set(weekdays))
    if len(found) == len(WEEKDAYS):
        return "day"
    return "weekday" if found == [0, 1, 2, 3, 4] else listed((WEEKDAYS[day] for day in found), "or")
