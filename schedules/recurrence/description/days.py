"""On which days, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .existing import ALL_MONTHS, LAST_WORKDAY, is_in_some, is_missing, longest
from .words import IF_ANY, MONTHS, WEEKDAYS, every, from_the_front, listed, numeral, ordinal, step_of

EVERY_DAY = "every day"
EVERY_MONTH = "every month"

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
    def has_numbers(self) -> bool:
        """Whether some weekdays are numbered."""
        return len(self.plain_weekdays) < len(self.weekdays)

    @property
    def is_dates(self) -> bool:
        """Whether days of the month alone say which days it is."""
        return bool(self.monthdays) and not (self.yeardays or self.weekdays or self.weeks)

    @property
    def is_weekdays(self) -> bool:
        """Whether weekdays alone say which days it is."""
        return bool(self.weekdays) and not (self.yeardays or self.monthdays or self.weeks)


def possible(days: Days) -> Days:
    """The same days, without parts that say nothing, and without months and days that never come together."""
    months = () if set(days.months) >= ALL_MONTHS else days.months
    most = longest(months)
    monthdays = tuple(day for day in days.monthdays if abs(day) <= most)
    if len(monthdays) >= most and set(monthdays) >= set(range(1, most + 1)):
        monthdays = ()
    elif months and monthdays:
        months = tuple(month for month in months if any(is_in_some(day, (month,)) for day in monthdays))
    return replace(days, months=months, monthdays=monthdays)


def days_in_words(days: Days, of: str = EVERY_MONTH, year: str = "the year") -> str:
    """Days that are filtered one by one: `every Tuesday in March`, `on the 15th of every month`.

    Those with numbers are counted ``of`` a month; ``year`` is the one that days and weeks are counted in.
    """
    if days.is_dates:
        return dates_in_words(days, of)
    if days.is_weekdays and days.has_numbers:
        return numbered(days.weekdays, months_in_words(days.months) or of)
    if days.has_numbers:
        base = f"on {weekdays_in_words(days.weekdays)} of {of}"
    else:
        base = each_weekday(days.plain_weekdays) if days.weekdays else EVERY_DAY
    return base + conditions(days, year) + (f" in {months_in_words(days.months)}" if days.months else "")


def numbered(weekdays: Sequence[Weekday], of: str, most: int = 5) -> str:
    """`on the last Friday of every month`, `on the fifth Friday of every month that has one`."""
    [*others, (day, number)] = weekdays
    if not others and number and abs(number) == most and of in (EVERY_MONTH, "every year"):
        return f"on the {ordinal(number)} {WEEKDAYS[day]} of {of} that has one"
    return f"on {weekdays_in_words(weekdays, most)} of {of}"


def conditions(days: Days, year: str = "the year", month: str = "the month") -> str:
    """What a day has to be besides its weekday: ` that falls on the 13th of the month`."""
    found = [f"{one_of_monthdays(days.monthdays)} of {month}"] if days.monthdays else []
    found += [f"on the {yeardays_in_words(days.yeardays, 'or')} of {year}"] if days.yeardays else []
    falls = f" that falls {listed(found)}" if found else ""
    return falls + (f" in {weeks_in_words(days.weeks)} of {year}" if days.weeks else "")


def dates_in_words(days: Days, of: str) -> str:
    """Days of the month: `on the 15th of every month`, `every year on 24 December`."""
    if len(days.months) == 1:
        return dates_of_one_month(days)
    if (
        len(days.monthdays) == 1
        and of == EVERY_MONTH
        and not days.months
        and is_missing(days.monthdays[0], ())
    ):
        return f"on the {_monthday(days.monthdays[0])} of every month that has one"
    return f"{on_monthdays(days.monthdays, days.months)} of {months_in_words(days.months) or of}"


def dates_of_one_month(days: Days, period: str = "every year") -> str:
    """`every year on 24 December`, `every leap year on 29 February`."""
    month, missing = months_in_words(days.months), any(is_missing(day, days.months) for day in days.monthdays)
    if days.monthdays == (29,) and missing and period == "every year":
        return "every leap year on 29 February"
    if min(days.monthdays) > 0 and len(days.monthdays) <= 6:
        return f"{period} on {listed(map(str, sorted(days.monthdays)))} {month}{IF_ANY if missing else ''}"
    return dates_of(period, f"{on_monthdays(days.monthdays, days.months)} of {month}")


def dates_of(period: str, dates: str) -> str:
    """`every year on ...`, `the last day of ...`, `the last day of ... of every second year`."""
    if dates.startswith("on "):
        return f"{period} {dates}"
    return dates if period == "every year" else f"{dates} of {period}"


def months_in_words(months: Sequence[int]) -> str:
    """`January and July`; nothing for none."""
    return listed(MONTHS[month - 1] for month in sorted(months)) if months else ""


def on_monthdays(monthdays: Sequence[int], months: Sequence[int] = ()) -> str:
    """`on the 1st and 15th`, `on the last day`, `every second day from the 1st to the end`, of some months."""
    found = sorted(monthdays)
    step = step_of(found, 5) if found[0] > 0 else None
    if step:
        end = f"{numeral(found[-1])}{_if_any(found[-1], months)}"
        reaches = found[-1] + step > longest(months)
        return f"{every(step, 'day')} from the {numeral(found[0])} to the {'end' if reaches else end}"
    return f"on the {_monthdays([_monthday(day) + _if_any(day, months) for day in from_the_front(found)])}"


def _if_any(day: int, months: Sequence[int]) -> str:
    return IF_ANY if is_missing(day, months) else ""


def one_of_monthdays(monthdays: Sequence[int]) -> str:
    """`on the 1st or 15th`, `between the 1st and the 7th`."""
    found = sorted(monthdays)
    if found[0] > 0 and step_of(found, 5) == 1:
        return f"between the {numeral(found[0])} and the {numeral(found[-1])}"
    return f"on the {_monthdays([_monthday(day) for day in from_the_front(found)], 'or')}"


def _monthdays(found: list[str], conjunction: str = "and") -> str:
    """`1st and 15th`, `1st and the last weekday`: not the first of the weekdays."""
    the = "the " if _LAST_WEEKDAY in found else ""
    return listed([found[0], *(f"{the}{day}" for day in found[1:])], conjunction)


_LAST_WEEKDAY = "last weekday"


def _monthday(day: int) -> str:
    if day == LAST_WORKDAY:
        return _LAST_WEEKDAY
    return numeral(day) if day > 0 else f"{ordinal(day)} day"


def yeardays_in_words(yeardays: Sequence[int], conjunction: str = "and") -> str:
    """`100th day`, `1st and 100th day`, `last day`, to stand behind `the`."""
    words = [numeral(day) if day > 0 else ordinal(day) for day in from_the_front(yeardays)]
    return f"{listed(words, conjunction)} day"


def days_of_year(yeardays: Sequence[int], period: str) -> str:
    """`on the 100th day of every year`, `on the 366th day of every year that has one`."""
    missing = {366, -366} & set(yeardays)
    if len(yeardays) == 1 and missing and period == "every year":
        return f"on the {yeardays_in_words(yeardays)} of every year that has one"
    return f"on the {yeardays_in_words(yeardays)} of {period}{IF_ANY if missing else ''}"


def weeks_in_words(weeks: Sequence[int]) -> str:
    """`week 20`, `weeks 1 and 20`, `the last week`."""
    forward = [f"{week}{_if_week(week)}" for week in sorted(weeks) if week > 0]
    backward = [f"the {ordinal(week)} week{_if_week(week)}" for week in sorted(weeks) if week < 0]
    numbers = [f"week{'s' if len(forward) > 1 else ''} {listed(forward)}"] if forward else []
    return listed([*numbers, *backward])


def _if_week(week: int) -> str:
    return IF_ANY if abs(week) == 53 else ""


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


def weekdays_in_words(weekdays: Sequence[Weekday], most: int = 5) -> str:
    """`the last Friday`, `every Monday and the first Friday`. Not every month or year has `most` of a weekday."""
    plain = tuple(day for day, number in weekdays if number is None)
    numbers: dict[int, list[int]] = {}
    for day, number in sorted(weekdays, key=lambda found: ((found[1] or 0) < 0, found[1] or 0)):
        if number is not None:
            numbers.setdefault(day, []).append(number)
    words = [f"the {ordinals(found, most)} {WEEKDAYS[day]}" for day, found in numbers.items()]
    return listed([each_weekday(plain), *words] if plain else words)


def ordinals(numbers: Sequence[int], most: int) -> str:
    """`first and last`, `fifth (where there is one)`: what is as far from either end as `most` is not always there."""
    return listed(ordinal(number) + (IF_ANY if abs(number) >= most else "") for number in numbers)


def a_weekday_of(weekdays: Sequence[int]) -> str:
    """One of these, without an article: `weekday`, `Saturday or Sunday`."""
    found = sorted(set(weekdays))
    if len(found) == len(WEEKDAYS):
        return "day"
    return "weekday" if found == [0, 1, 2, 3, 4] else listed((WEEKDAYS[day] for day in found), "or")
