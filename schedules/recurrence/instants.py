"""Sets of instants, each able to tell its first member from an instant on, to count, and to tell all of a stretch."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from .budget import Budget


class Instants(Protocol):
    """A set of instants."""

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """The first member in ``[start, end)``; raises `OutOfBudget`."""

    def count(self, start: int, end: int, budget: Budget) -> int:
        """How many members ``[start, end)`` holds; raises `OutOfBudget`."""

    def note(self, instant: int) -> str | None:
        """What a clock change did to a member, in words; None if nothing, or if it is no member."""


class Combinable(Instants, Protocol):
    """A set of instants that can be joined with others."""

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """The members that ``[start, end)`` holds, some days at most, as bits, `start` being the lowest."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A few instants, sorted."""

    instants: tuple[int, ...]

    def first(self, start: int, end: int, budget: Budget) -> int | None:  # noqa: ARG002 - it costs nothing
        """See `Instants`."""
        at = bisect_left(self.instants, start)
        return self.instants[at] if at < len(self.instants) and self.instants[at] < end else None

    def count(self, start: int, end: int, budget: Budget) -> int:  # noqa: ARG002 - it costs nothing
        """See `Instants`."""
        return max(0, bisect_left(self.instants, end) - bisect_left(self.instants, start))

    def between(self, start: int, end: int) -> tuple[int, ...]:
        """The members in ``[start, end)``."""
        return self.instants[bisect_left(self.instants, start) : bisect_left(self.instants, end)]

    def bits(self, start: int, end: int, budget: Budget) -> int:  # noqa: ARG002 - it costs nothing
        """See `Combinable`."""
        return sum(1 << instant - start for instant in self.between(start, end))

    def note(self, instant: int) -> str | None:  # noqa: ARG002 - it was given as an instant
        """See `Instants`."""
        return None


@dataclass(frozen=True, slots=True)
class Until:
    """Instants up to a last one, inclusive."""

    source: Combinable
    last: int

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `Instants`."""
        end = min(end, self.last + 1)
        return self.source.first(start, end, budget) if start < end else None

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `Instants`."""
        return self.source.count(start, min(end, self.last + 1), budget)

    def bits(self, start: int, end: int, budget: Budget) -> int:
        """See `Combinable`."""
        end = min(end, self.last + 1)
        return self.source.bits(start, end, budget) if start < end else 0

    def note(self, instant: int) -> str | None:
        """See `Instants`."""
        return self.source.note(instant) if instant <= self.last else None


def walk(source: Instants, start: int, end: int, budget: Budget) -> Iterator[int]:
    """The members in ``[start, end)``, a step of the budget each."""
    found = source.first(start, end, budget)
    while found is not None:
        budget.spend()
        yield found
        found = source.first(found + 1, end, budget)


def earlier(one: int | None, other: int | None) -> int | None:
    """The lesser of two, or the one that there is."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
