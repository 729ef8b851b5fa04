"""Several sets of instants as one: what RRULE and RDATE name, less what EXRULE and EXDATE name."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from .bits import ones
from .budget import Budget
from .instants import Combinable, Listed, earlier
from .seconds import DAY

STRETCH = 4 * DAY
"""So much is joined at once."""
_JOINING = 10  # steps, for each set: its bits in a stretch take about as long


@dataclass(frozen=True, slots=True)
class Ranges:
    """Instants in some ranges ``[start, end)``, which are sorted and apart."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, ranges: set[tuple[int, int]]) -> Self:
        """The union of ranges."""
        found: list[list[int]] = []
        for start, end in sorted(ranges):
            if found and start <= found[-1][1]:
                found[-1][1] = max(found[-1][1], end)
            else:
                found.append([start, end])
        return cls(tuple(start for start, _ in found), tuple(end for _, end in found))

    def leave(self, instant: int) -> int:
        """The first instant at or after one that is in no range."""
        at = bisect_right(self.starts, instant) - 1
        return max(instant, self.ends[at]) if at >= 0 else instant

    def between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What ``[start, end)`` holds beside the ranges, as ranges."""
        at = self.leave(start)
        for number in range(bisect_right(self.starts, at), bisect_left(self.starts, end)):
            yield at, self.starts[number]
            at = self.ends[number]
        if at < end:
            yield at, end


@dataclass(frozen=True, slots=True)
class Combined:
    """Some sets and some single instants, less other sets and ranges; what is taken away is never added."""

    sources: tuple[Combinable, ...]
    added: Listed
    excluded: tuple[Combinable, ...]
    removed: Ranges

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        """See `Instants`."""
        while (found := self.first_named(start, end, budget)) is not None:
            start = self.removed.leave(found)
            if start == found:
                if not self._is_excluded(found, budget):
                    return found
                start += 1
            budget.spend(2)
        return None

    def count(self, start: int, end: int, budget: Budget) -> int:
        """See `Instants`. One set by itself counts as it does; several are joined, stretch by stretch."""
        if len(self.sources) != 1 or self.excluded:
            return self._count_joined(start, end, budget)
        [source] = self.sources
        return sum(
            source.count(low, high, budget) + self._count_added(source, low, high, budget)
            for low, high in self.removed.between(start, end)
        )

    def _count_joined(self, start: int, end: int, budget: Budget) -> int:
        total, at = 0, self.first_named(start, end, budget)
        steps = _JOINING * (len(self.sources) + len(self.excluded))
        while at is not None:
            budget.spend(steps)
            beyond = min(at + STRETCH, end)
            total += self._bits(at, beyond, budget).bit_count()
            at = self.first_named(beyond, end, budget)
        return total

    def _bits(self, start: int, end: int, budget: Budget) -> int:
        """The members that ``[start, end)`` holds, as bits."""
        named, excluded, left = self.added.bits(start, end, budget), 0, 0
        for source in self.sources:
            named |= source.bits(start, end, budget)
        for source in self.excluded:
            excluded |= source.bits(start, end, budget)
        for low, high in self.removed.between(start, end):
            left |= ones(high - low) << low - start
        return named & ~excluded & left

    def _count_added(self, source: Combinable, low: int, high: int, budget: Budget) -> int:
        return sum(
            1
            for instant in self.added.between(low, high)
            if source.first(instant, instant + 1, budget) is None
        )

    def note(self, instant: int) -> str | None:
        """See `Instants`."""
        return next((note for source in self.sources if (note := source.note(instant))), None)

    def first_named(self, start: int, end: int, budget: Budget) -> int | None:
        """The first member of ``[start, end)`` as it were if nothing was taken away."""
        found = self.added.first(start, end, budget)
        for source in self.sources:
            found = earlier(found, source.first(start, end if found is None else found, budget))
        return found

    def _is_excluded(self, instant: int, budget: Budget) -> bool:
        return any(rule.first(instant, instant + 1, budget) is not None for rule in self.excluded)
