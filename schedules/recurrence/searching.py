"""The reverse questions, asked of any set by asking for first members only: no mirrored code to keep in step."""

from .budget import Budget
from .instants import Instants, walk
from .seconds import DAY, FIRST_SECOND

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


def count_up_to(source: Instants, low: int, high: int, limit: int, budget: Budget) -> int | None:
    """How many members ``[low, high)`` holds, or `limit` if there are more; None if they can only be walked."""
    total = 0
    while low < high and total < limit:
        end = min(low + _FORESIGHT, high)
        counted = source.count(low, end, budget)
        if counted is None:
            return None
        low, total = end, total + counted
    return min(total, limit)


def nth(source: Instants, number: int, start: int, end: int, budget: Budget) -> int | None:
    """The number-th member of ``[start, end)``, the first being 1, or None; raises `OutOfBudget`."""
    if number <= _WALKED:
        return next(
            (found for n, found in enumerate(walk(source, start, end, budget), 1) if n == number), None
        )
    low, left = start, number
    while low < end:
        high = min(low + _FORESIGHT, end)
        counted = _count(source, low, high, budget)
        if counted >= left:
            return _nth_within(source, left, low, high, budget)
        low, left = high, left - counted
    return None


_WALKED = 64


def _nth_within(source: Instants, number: int, low: int, high: int, budget: Budget) -> int | None:
    """Halves a range that holds at least `number` members."""
    while high - low > 1:
        middle = (low + high) // 2
        counted = _count(source, low, middle, budget)
        if counted >= number:
            high = middle
        else:
            low, number = middle, number - counted
    return low


def _count(source: Instants, low: int, high: int, budget: Budget) -> int:
    counted = source.count(low, high, budget)
    return sum(1 for _ in walk(source, low, high, budget)) if counted is None else counted
