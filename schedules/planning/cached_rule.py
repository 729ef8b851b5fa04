"""A rule that is asked again and again about the same few instants."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .state import InstantSource


@dataclass(slots=True)
class CachedRule:
    """The same answers as the rule's, which is asked about each instant once: a search costs more than all else.

    `known`: all the instants of the rule from the first to the last of these.
    """

    rule: InstantSource
    known: list[datetime] = field(default_factory=list)

    def next(self, after: datetime, *, inclusive: bool = False) -> datetime | None:
        """As the rule's."""
        known = self.known
        if known and known[0] <= after:
            index = bisect_left(known, after) if inclusive else bisect_right(known, after)
            if index < len(known):
                return known[index]
        found = self.rule.next(after, inclusive=inclusive)
        if found is None:
            return None
        if not known or after != known[-1]:
            self.known = known = []
        known.append(found)
        return found

    def previous(self, before: datetime, *, inclusive: bool = False) -> datetime | None:
        """As the rule's."""
        known = self.known
        if inclusive or not known or not known[0] <= before <= known[-1]:
            return self.rule.previous(before, inclusive=inclusive)
        index = bisect_left(known, before)
        return known[index - 1] if index else self._before_first()

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """As the rule's."""
        found = self.next(start, inclusive=True)
        while found is not None and found < end:
            yield found
            found = self.next(found)

    def count(self, start: datetime, end: datetime, limit: int) -> int:
        """As the rule's."""
        return self.rule.count(start, end, limit)

    def _before_first(self) -> datetime | None:
        """Probably as far from the first as the second is: two searches forward tell, and a search back is many."""
        first = self.known[0]
        if len(self.known) > 1:
            found = self.rule.next(first - (self.known[1] - first), inclusive=True)
            if found is not None and found < first and self.rule.next(found) == first:
                return found
        return self.rule.previous(first)
