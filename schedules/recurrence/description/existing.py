"""Which days of the month there are in which months."""

from collections.abc import Sequence

LAST_WORKDAY = 0
"""Among days of the month: the last one from Monday to Friday. Only cron has it."""
ALL_MONTHS = frozenset(range(1, 13))
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def longest(months: Sequence[int]) -> int:
    """The length of the longest of some months, by default of all, in a leap year."""
    return max(29 if month == 2 else _LENGTHS[month - 1] for month in months or ALL_MONTHS)


def is_in_some(day: int, months: Sequence[int]) -> bool:
    """Whether a day, from the front or the back, is ever in one of some months, by default all."""
    return abs(day) <= longest(months)


def is_missing(day: int, months: Sequence[int]) -> bool:
    """Whether one of some months, by default all, can be without a day."""
    return abs(day) > min(_LENGTHS[month - 1] for month in months or ALL_MONTHS)
