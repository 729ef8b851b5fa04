"""Names of days and months in cron, and ranges of weekdays around the week, as the numbers that cronsim reads."""

import re

from .warnings import MONTHS, WEEKDAYS

STARS = ("*", "?")
"""A field that restricts nothing. Quartz and its kin write ``?`` for it in the fields of days."""
_WORD = re.compile(r"[a-z]+")
_RANGE = re.compile(r"([0-7])-([0-7])(?:/([0-9]{1,4}))?")


def numbered(fields: list[str]) -> list[str]:
    """The five fields of an expression in lower case, as cronsim reads them. What is wrong stays as it is."""
    minute, hour, monthday, month, weekday = fields
    monthday, weekday = ("*" if field == "?" else field for field in (monthday, weekday))
    return [minute, hour, monthday, _WORD.sub(_month, month), _weekdays(weekday)]


def _month(word: re.Match[str]) -> str:
    return _number(word[0], MONTHS, 1)


def _weekdays(field: str) -> str:
    return ",".join(_around_the_week(item) for item in _WORD.sub(_weekday, field).split(","))


def _weekday(word: re.Match[str]) -> str:
    """``friday`` as 5, and ``fril``, the last Friday, as 5l."""
    last = word[0].removesuffix("l")
    number = _number(last, WEEKDAYS, 1)
    if number == last:
        return word[0]
    return str(int(number) % 7) + word[0][len(last) :]


def _number(word: str, names: tuple[str, ...], first: int) -> str:
    """The number of the name that a word is, or begins with at least three letters of."""
    found = (str(number) for number, name in enumerate(names, first) if name.lower().startswith(word))
    return next(found, word) if len(word) >= 3 else word


def _around_the_week(item: str) -> str:
    """``6-0``, Saturday to Sunday, as 6,0: in weekdays a range may go on into the next week."""
    match = _RANGE.fullmatch(item)
    if not match or int(match[1]) <= int(match[2]):
        return item
    first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
    days = range(first, first + (last - first) % 7 + 1)
    return ",".join(str(day % 7) for day in days[::step]) if step else item
