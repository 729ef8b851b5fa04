"""A validated rule: what all of Punctual asks about recurrence."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from .budget import CHEAP_COUNT_STEPS, COUNT_STEPS, Budget, OutOfBudget
from .errors import RecurrenceError
from .instants import Instants
from .searching import count_on, count_up_to, last
from .seconds import CYCLE, FIRST_SECOND, LAST_SECOND, ceil_second, floor_second, is_aware, to_datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """The sorted set of instants of one rule. Made by `parse`; has no clock of its own.

    Datetimes come in aware, in any zone, and go out aware in UTC, on whole seconds. Every answer costs
    about the same however long ago the rule began. An occurrence more than 400 years after the moment
    asked about is not found. Each search has a budget of steps; one that would exceed it, which takes a
    rule made for that, raises RecurrenceError (``too_sparse``). A naive datetime raises ValueError.

    ``warnings``: sentences about what the user may not have meant, such as a DTSTART that does not occur.
    """

    source: Instants
    zone: ZoneInfo
    starts: int = FIRST_SECOND
    ends: int = LAST_SECOND
    warnings: tuple[str, ...] = ()
    idle: frozenset[object] = frozenset()  # the exceptions that take nothing away from an RRULE

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
        bound = min(_floor(before) + 1 if inclusive else _ceil(before), self.ends + 1)
        try:
            return _datetime(last(self.source, self.starts, bound, Budget()))
        except OutOfBudget:
            raise _too_sparse(bound) from None

    def names(self, instant: datetime) -> bool:
        """Whether a moment is one of the instants. Cheap: nothing is looked for beyond it."""
        second = _ceil(instant)
        if second != _floor(instant) or not self.starts <= second <= self.ends:
            return False
        try:
            return self.source.first(second, second + 1, Budget()) is not None
        except OutOfBudget:
            raise _too_sparse(second) from None

    def between(self, start: datetime, end: datetime, *, steps: int | None = None) -> Iterator[datetime]:
        """The instants in ``[start, end)``, one at a time. `steps`: what they may cost together; else each a search."""
        budget = None if steps is None else Budget(steps)
        return map(to_datetime, self._between(_ceil(start), _ceil(end), budget))

    def all(self) -> Iterator[datetime]:
        """Every instant from the first on, one at a time."""
        return map(to_datetime, self._between(self.starts, self.ends + 1))

    def count(self, start: datetime, end: datetime, limit: int) -> int:
        """How many instants ``[start, end)`` holds, counted no further than `limit`.

        By arithmetic, however many they are. Where that takes too long, as it does for many years of a rule made to be
        dear, it is how many there are at least.
        """
        low, high = max(_ceil(start), self.starts), min(_ceil(end), self.ends + 1)
        counted = 0
        with suppress(OutOfBudget):
            for counted in count_on(self.source, low, high, max(0, limit), Budget(COUNT_STEPS)):  # noqa: B007
                pass
        return counted

    def count_cheaply(self, start: datetime, end: datetime, limit: int) -> int:
        """As `count`, but what takes long to count raises RecurrenceError (``too_sparse``)."""
        low, high = max(_ceil(start), self.starts), min(_ceil(end), self.ends + 1)
        try:
            return count_up_to(self.source, low, high, max(0, limit), Budget(CHEAP_COUNT_STEPS))
        except OutOfBudget:
            raise _too_sparse(low) from None

    def count_each(self, edges: Sequence[datetime]) -> list[int]:
        """How many instants there are between each two neighbours of `edges`, which ascend; an edge is in what follows.

        What takes long to count, all of it together, raises RecurrenceError (``too_sparse``).
        """
        seconds = [min(max(_ceil(edge), self.starts), self.ends + 1) for edge in edges]
        budget = Budget(CHEAP_COUNT_STEPS)
        try:
            return [
                self.source.count(low, high, budget) if low < high else 0 for low, high in pairwise(seconds)
            ]
        except OutOfBudget:
            raise _too_sparse(seconds[0]) from None

    def note(self, instant: datetime) -> str | None:
        """What a clock change did to one of the instants, in words, as a preview shows it; None if nothing.

        "02:30 does not exist on 2027-03-28: moved to 03:30", "the first of two 02:30 on 2026-10-25".
        """
        return self.source.note(_floor(instant))

    def _between(self, start: int, end: int, budget: Budget | None = None) -> Iterator[int]:
        found = self._at_or_after(start, budget)
        while found is not None and found < end:
            yield found
            found = self._at_or_after(found + 1, budget)

    def _at_or_after(self, instant: int, budget: Budget | None = None) -> int | None:
        start = max(instant, self.starts)
        try:
            return self.source.first(start, min(self.ends + 1, start + CYCLE), budget or Budget())
        except OutOfBudget:
            raise _too_sparse(instant) from None


def _too_sparse(instant: int) -> RecurrenceError:
    detail = f"too sparse: the search around {to_datetime(instant).date()} for an occurrence was given up"
    return RecurrenceError("rule", "too_sparse", detail)


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
