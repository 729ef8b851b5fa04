"""The reverse questions, asked of any set by asking for first members only: no mirrored code to keep in step."""

from collections.abc import Iterator
from itertools import islice

from .budget import Budget
from .instants import Instants, walk
from .seconds import CYCLE, DAY, FIRST_SECOND, LAST_SECOND

REGULAR = 130 * 365 * DAY
"""Late in 2099: from there on the clocks of every zone change as the calendar repeats (a test checks it)."""
_FORESIGHT = 400 * DAY
_FEW = 4


def last(source: Instants, low: int, end: int, budget: Budget) -> int | None:
    """The last member in ``[low, end)``; raises `OutOfBudget`.

    It goes back in growing strides, each looking no further than where the one before began, so that
    the whole costs about as much as one search over the distance.
    """
    low = max(low, FIRST_SECOND)
    free, stride = end, _usual_distance(source, end, budget)
    while free > low:
        start = max(low, free - stride)
        found = source.first(start, free, budget)
        if found is not None:
            return _last_from(source, found, free, budget)
        free, stride = start, stride * 4
    return None


def _usual_distance(source: Instants, instant: int, budget: Budget) -> int:
    """How far apart the two members after an instant are: so far back there probably is one."""
    horizon = instant + _FORESIGHT
    one = source.first(instant, horizon, budget)
    other = None if one is None else source.first(one + 1, horizon, budget)
    return _FORESIGHT if one is None or other is None else other - one


def _last_from(source: Instants, found: int, end: int, budget: Budget) -> int:
    """The last member before `end`, `found` being one: some steps, then halving what is left."""
    for _ in range(_FEW):
        later = source.first(found + 1, end, budget)
        if later is None:
            return found
        found = later
    while found + 1 < end:
        middle = (found + 1 + end) // 2
        later = source.first(middle, end, budget)
        found, end = (found, middle) if later is None else (later, end)
    return found


def count_up_to(source: Instants, low: int, high: int, limit: int, budget: Budget) -> int:
    """How many members ``[low, high)`` holds, or `limit` if there are more; raises `OutOfBudget`."""
    return max(count_on(source, low, high, limit, budget), default=0)


def count_on(source: Instants, low: int, high: int, limit: int, budget: Budget) -> Iterator[int]:
    """The same, stretch by stretch: how many there are at least, as soon as that is known."""
    total = 0
    while low < high and total < limit:
        end = min(low + _FORESIGHT, high)
        total += source.count(low, end, budget)
        yield min(total, limit)
        low = end


def nth(source: Instants, number: int, start: int, *, repeats: bool, budget: Budget) -> int | None:
    """The number-th member from `start` on, the first being 1; None: the year 9999 ends before it.

    ``repeats``: the source's wall times are the same in every cycle of the calendar. Raises `OutOfBudget`.
    """
    if number <= _WALKED:
        return next(islice(walk(source, start, LAST_SECOND + 1, budget), number - 1, None), None)
    if not repeats:
        return _nth_in(source, number, start, LAST_SECOND + 1, budget)[0]
    regular = max(start, REGULAR)
    found, left = _nth_in(source, number, start, regular, budget)
    if found is not None:
        return found
    found, later = _nth_in(source, left, regular, regular + CYCLE, budget)
    if found is not None or later == left:
        return found
    cycles, rest = divmod(later - 1, left - later)
    found, _ = _nth_in(source, rest + 1, regular, regular + CYCLE, budget)
    last = None if found is None else found + (cycles + 1) * CYCLE
    return last if last is not None and last <= LAST_SECOND else None


_WALKED = 64


def _nth_in(source: Instants, number: int, low: int, end: int, budget: Budget) -> tuple[int | None, int]:
    """The number-th member of ``[low, end)``; or None, and how many are missing."""
    while low < end:
        high = min(low + _FORESIGHT, end)
        counted = source.count(low, high, budget)
        if counted >= number:
            return _nth_within(source, number, low, high, budget), 0
        low, number = high, number - counted
    return None, number


def _nth_within(source: Instants, number: int, low: int, high: int, budget: Budget) -> int | None:
    """Halves a range that holds at least `number` members."""
    while high - low > 1:
        middle = (low + high) // 2
        counted = source.count(low, middle, budget)
        if counted >= number:
            high = middle
        else:
            low, number = middle, number - counted
    return low
