"""Which days a description names, as a question that any date answers."""

import re
from collections.abc import Callable

from .english_dates import (
    RUN,
    Days,
    Start,
    both,
    dates,
    in_months,
    length_of,
    numbered,
    one_of,
    place,
    pooled,
    run_of_days,
    weekdays,
    weeks,
    yeardays,
)
from .english_words import MONTH, MONTH_LIST, MONTHS, NTH, WEEKDAY, WEEKDAYS, Unclear, items, months, ordinal


def read_days(text: str, start: Start) -> Days:
    """The days of a clause, without its times; raises Unclear."""
    if text in ("", "every day"):
        return lambda _: True
    only = re.fullmatch(r"(.*) \(only (.*)\)", text)
    if only:
        return both(read_days(only[1], start), _only(only[2], start))
    years = re.fullmatch(rf"(.*) in every ({NTH}) calendar year", text)
    if years:
        return both(read_days(years[1], start), start.years(ordinal(years[2])))
    if " that falls " not in text and " of the month and on " in text:
        return _either(text, start)
    for pattern, read in _PATTERNS:
        match = re.fullmatch(pattern, text)
        if match:
            return read(match, start)
    if re.search(rf"^every .* and the .* {WEEKDAY} of ", text):
        return read_days(f"on {text}", start)
    raise Unclear(f"days: {text!r}")


def _either(text: str, start: Start) -> Days:
    match = re.fullmatch(rf"(?:in ({MONTH_LIST}) )?(.*) of the month and on (.*?)(?: of the month)?", text)
    if not match:
        raise Unclear(text)
    some_months = months(match[1]) if match[1] else list(range(1, 13))
    run = re.fullmatch(RUN, match[2])
    if run:
        dated = run_of_days(run, some_months)
    else:
        dated = dates(match[2].removeprefix("on the "), some_months, certain=False)
    named = numbered(match[3], "month", certain=False) if "the " in match[3] else weekdays(match[3])
    return lambda day: day.month in some_months and (dated(day) or named(day))


def _only(text: str, start: Start) -> Days:
    match = re.fullmatch(
        rf"(?:on a (.*?))?(?: ?(?:that falls )?((?:on|between) the .*) of the month)?(?: ?in ({MONTH_LIST}))?",
        text,
    )
    if not match:
        raise Unclear(text)
    parts: list[Days] = []
    if match[1]:
        parts.append(weekdays("every " + match[1]))
    if match[2]:
        parts.append(one_of(match[2]))
    if match[3]:
        parts.append(in_months(match[3]))
    return both(*parts)


_REST = (
    r"(?: that falls (?P<falls>.*? of (?:the|every) .*?))?"
    r"(?: in (?P<weeks>(?:weeks? \d|the \S+(?: to last)? week).*?) of the year)?"
    rf"(?: in (?P<months>{MONTH_LIST}))?(?: of every (?:(?P<every>{NTH}) )?(?P<unit>month|year))?"
)


def _rest(match: re.Match[str], start: Start) -> Days:
    parts: list[Days] = []
    if match["falls"]:
        parts.append(_falls(match["falls"], start))
    if match["weeks"]:
        parts.append(weeks(match["weeks"], start))
    if match["months"]:
        parts.append(in_months(match["months"]))
    if match["unit"]:
        number = ordinal(match["every"] or "first")
        parts.append(start.months(number) if match["unit"] == "month" else start.years(number))
    return both(*parts)


def _falls(text: str, start: Start) -> Days:
    of_month = rf"((?:on|between) the .*?) of (?:the|every (?:({NTH}) )?)\s?month"
    of_year = rf"on the (.*) day(?: of (?:the|every (?:({NTH}) )?)\s?year)?"
    match = re.fullmatch(rf"(?:{of_month})?(?:(?:^| and ){of_year})?", text)
    if not match:
        raise Unclear(text)
    parts = [start.months(ordinal(match[2] or "first")), start.years(ordinal(match[4] or "first"))]
    if match[1]:
        parts.append(one_of(match[1]))
    if match[3]:
        parts.append(yeardays(match[3] + " day"))
    return both(*parts)


def _read_weekdays(match: re.Match[str], start: Start) -> Days:
    return both(weekdays(match["weekdays"]), _rest(match, start))


def _read_dated(match: re.Match[str], start: Start) -> Days:
    """`every year on 24 December`."""
    month = MONTHS.index(match["month"]) + 1
    days = [int(day) for day in items(match["days"])]
    leap, marked = match["nth"] == "leap", bool(match["marked"])
    for day in days:
        if day > length_of(month) + (month == 2):
            raise Unclear("never there")
        if day > length_of(month) and not (leap or marked):
            raise Unclear("29 February is not in every year")
    nth = 1 if leap or not match["nth"] else ordinal(match["nth"])
    return both(lambda day: day.month == month and day.day in days, start.years(nth))


def _read_yearly(match: re.Match[str], start: Start) -> Days:
    """`every year on the last day of February`, `every second year on the first Sunday of March`."""
    return both(
        _of_months(match["what"], match["of"], "month", start),
        start.years(ordinal(match["nth"] or "first")),
        _rest(match, start),
    )


def _read_numbered(match: re.Match[str], start: Start) -> Days:
    """`on the 15th of every month`, `on the 20th Monday of every year`, `on the 100th day of every second year`."""
    of = match["of"]
    counted = re.fullmatch(rf"every (?:({NTH}) )?(month|year)", of)
    unit = counted[2] if counted else "month"
    number = ordinal((counted and counted[1]) or "first")
    phase = start.months(number) if unit == "month" else start.years(number)
    certain = bool(match["has"]) or bool(match["falls"])
    return both(
        _of_months(match["what"], of, unit, start, certain=certain, marked=bool(match["marked"])),
        phase,
        _rest(match, start),
    )


def _of_months(
    text: str, of: str, unit: str, start: Start, *, certain: bool = False, marked: bool = False
) -> Days:
    named = months(of) if re.fullmatch(MONTH_LIST, of) else list(range(1, 13))
    pool = re.fullmatch(r"the (.*) of all (.*)", text)
    if pool:
        names = [name.removesuffix("s") for name in items(pool[2])]
        found = pooled([place(item, 4 * len(names), certain=certain) for item in items(pool[1])], names)
    elif text.endswith(" weekday") and " the " not in text:
        what = text.removeprefix("the ").removesuffix(" weekday")
        found = pooled([place(item, 20, certain=certain) for item in items(what)], WEEKDAYS[:5])
    elif unit == "year" and re.fullmatch(r"the .* day", text):
        found = yeardays(text.removeprefix("the "))
        if re.search(r"\b366th", text) and not (certain or marked):
            raise Unclear("not every year has a 366th day")
    elif re.search(WEEKDAY, text):
        found = numbered(text, unit, certain=certain)
    else:
        found = dates(text.removeprefix("the "), named, certain=certain)
    return lambda day: day.month in named and found(day)


def _read_run(match: re.Match[str], start: Start) -> Days:
    of = match["of"]
    named = months(of) if re.fullmatch(MONTH_LIST, of) else list(range(1, 13))
    run = re.fullmatch(RUN, match["run"])
    assert run
    counted = re.fullmatch(rf"every ({NTH}) month", of)
    phase = start.months(ordinal(counted[1])) if counted else start.years(ordinal(match["nth"] or "first"))
    return both(run_of_days(run, named), phase, lambda day: day.month in named)


def _read_weeks(match: re.Match[str], start: Start) -> Days:
    """`every second week on Monday and Tuesday`, `every second week from Monday to Friday`."""
    names = match["names"]
    named = weekdays(
        f"every day {names}" if names.startswith("from ") else f"every {names.removeprefix('on ')}"
    )
    return both(named, start.weeks(ordinal(match["nth"])))


_ANY_RUN = re.sub(r"\((?!\?)", "(?:", RUN.replace(r"\(", "\0")).replace("\0", r"\(")
_W = rf"every (?:weekday|day(?: from {WEEKDAY} to {WEEKDAY})?|{WEEKDAY}(?:(?:, | and ){WEEKDAY})*)"
_MARKED = r"(?P<marked> \(where there is one\))?"
_PATTERNS: list[tuple[str, Callable[[re.Match[str], Start], Days]]] = [
    (
        rf"(?P<run>{_ANY_RUN}) of (?P<of>every month|every {NTH} month|{MONTH_LIST})(?: of every (?P<nth>{NTH}) year)?",
        _read_run,
    ),
    (rf"every ({NTH}) day", lambda match, start: start.days(ordinal(match[1]))),
    (r"every (\d[\d,]*) days", lambda match, start: start.days(int(match[1].replace(",", "")))),
    (
        rf"every ({NTH}) ({WEEKDAY})",
        lambda match, start: both(weekdays("every " + match[2]), start.weeks(ordinal(match[1]))),
    ),
    (rf"every day of every ({NTH}) week", lambda match, start: start.weeks(ordinal(match[1]))),
    (rf"every (?P<nth>{NTH}) week (?P<names>(?:on|from) .*)", _read_weeks),
    (
        rf"every (?:(?P<nth>{NTH}|leap) )?year on (?P<days>\d+(?:(?:, | and )\d+)*) (?P<month>{MONTH}){_MARKED}",
        _read_dated,
    ),
    (
        rf"every (?:(?P<nth>{NTH}) )?year on (?P<what>(?:the|every) .*?) of (?P<of>{MONTH_LIST}|every month){_REST}",
        _read_yearly,
    ),
    (
        rf"on (?P<what>(?:the|every) .*?) of (?P<of>every (?:{NTH} )?(?:month|year)|{MONTH_LIST})"
        rf"(?P<has> that has one)?{_MARKED}{_REST}",
        _read_numbered,
    ),
    (rf"(?P<weekdays>{_W}){_REST}", _read_weekdays),
]
