"""Durations counted by size, and percentiles of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

BOUNDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
    10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0,
)  # fmt: skip
"""In seconds. A duration is in the bucket of the last of them that it reaches, or in the first bucket.

Rows that are stored count by these: other ones would need a column of their own.
"""
BUCKETS = len(BOUNDS) + 1


@dataclass(frozen=True, slots=True)
class Durations:
    """How many durations are in each bucket, and all of them added up."""

    counts: Sequence[int]
    seconds: float

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """None where there are none."""
        return self.seconds / self.count if self.count else None

    def percentile(self, share: float) -> float | None:
        """The duration that a share of them do not exceed, from 0 to 1; None where there are none.

        In the bucket where the exact one is; in it, as if its durations stood evenly. Of the last bucket, which has
        no end, its beginning.
        """
        if not self.count:
            return None
        rank = share * self.count
        reached = list(accumulate(self.counts))
        bucket = next(at for at, total in enumerate(reached) if total and total >= rank)
        if bucket == len(BOUNDS):
            return BOUNDS[-1]
        low, high = BOUNDS[bucket - 1] if bucket else 0.0, BOUNDS[bucket]
        within = (rank - (reached[bucket] - self.counts[bucket])) / self.counts[bucket]
        return low + (high - low) * within


def bucket_of(seconds: float) -> int:
    """Where a duration is counted: the place in `Durations.counts`."""
    return sum(bound <= seconds for bound in BOUNDS)
