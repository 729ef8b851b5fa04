"""A validated rule: what all of Punctual asks about recurrence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from .instants import Instants
from .seconds import FIRST_SECOND, LAST_SECOND, ceil_second, floor_second, is_aware, to_datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """The sorted set of instants of one rule. Made by `parse`; has no clock of its own.

    Datetimes come in aware, in any zone, and go out aware in UTC, on whole seconds. Every answer costs
    about the same however long ago the rule began. An occurrence more than 400 years after the moment
    asked about is not found. A naive datetime raises ValueError.
    """

    source: Instants
    zone: ZoneInfo
    starts: int = FIRST_SECOND
    ends: int = LAST_SECOND

    @property
    def first(self) -> datetime | None:
        """The first instant at or after the start."""
        return _datetime(self._at_or_after(self.starts))

    def next(self, after: datetime, *, inclusive: bool = False) -> datetime | None:
        """The first instant after a moment, or at it if `inclusive`; None when there is no more."""
        bound = _ceil(after) if inclusive else _floor(after) + 1
        found = self._at_or_after(bound)
        if found is not None and found < bound:
            raise AssertionError(f"the engine went back from {bound} to {found}")
        return _datetime(found)

    def previous(self, before: datetime, *, inclusive: bool = False) -> datetime | None:
        """The last instant before a moment, or at it if `inclusive`; None when there is none."""
        bound = _floor(before) + 1 if inclusive else _ceil(before)
        return _datetime(self._last_before(min(bound, self.ends + 1)))

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The instants in ``[start, end)``, one at a time."""
        return map(to_datetime, self._between(_ceil(start), _ceil(end)))

    def all(self) -> Iterator[datetime]:
        """Every instant from the first on, one at a time."""
        return map(to_datetime, self._between(self.starts, self.ends + 1))

    def count(self, start: datetime, end: datetime, limit: int) -> int:
        """How many instants ``[start, end)`` holds, counted no further than `limit`."""
        return sum(1 for _ in islice(self._between(_ceil(start), _ceil(end)), max(limit, 0)))

    def _between(self, start: int, end: int) -> Iterator[int]:
        found = self._at_or_after(start)
        while found is not None and found < end:
            yield found
            found = self._at_or_after(found + 1)

    def _at_or_after(self, instant: int) -> int | None:
        if instant > self.ends:
            return None
        found = self.source.first(max(instant, self.starts))
        return found if found is not None and found <= self.ends else None

    def _last_before(self, bound: int) -> int | None:
        """Steps back in growing strides until something is found, then halves what is left.

        It asks only for first instants, so it holds for every kind of rule, and takes some dozens of them.
        """
        stride, free = 1, bound
        while (low := self._found_before(bound, bound - stride)) is None:
            if bound - stride <= self.starts:
                return None
            free, stride = bound - stride, stride * 4
        while low + 1 < free:
            middle = (low + 1 + free) // 2
            found = self._found_before(bound, middle)
            low, free = (low, middle) if found is None else (found, free)
        return low

    def _found_before(self, bound: int, instant: int) -> int | None:
        found = self._at_or_after(instant)
        return found if found is not None and found < bound else None


def _datetime(instant: int | None) -> datetime | None:
    return None if instant is None else to_datetime(instant)


def _floor(moment: datetime) -> int:
    return floor_second(_aware(moment))


def _ceil(moment: datetime) -> int:
    return ceil_second(_aware(moment))


def _aware(moment: datetime) -> datetime:
    if not is_aware(moment):
        raise ValueError(f"expected an aware datetime, got {moment!r}")
    return moment
