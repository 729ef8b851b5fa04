"""How long to wait between attempts. Pure: chance is an argument."""

from dataclasses import dataclass
from math import inf

MAX_SECONDS = 7 * 86_400
"""A week. What is put off for longer is better left to a schedule."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off: a random part of `base_seconds * factor**(tries - 1)`, which is at most `cap_seconds`.

    This full jitter spreads the attempts of tasks that failed together, so that they do not fail together again.
    """

    base_seconds: float = 2.0
    factor: float = 2.0
    cap_seconds: float = 600.0

    def __post_init__(self) -> None:
        if not (0 <= self.base_seconds <= MAX_SECONDS and 0 <= self.cap_seconds <= MAX_SECONDS):
            raise ValueError(
                f"base_seconds and cap_seconds of a back-off must be between 0 and {MAX_SECONDS} (a week), got {self}"
            )
        if not 1 <= self.factor < inf:
            raise ValueError(f"factor of a back-off must be at least 1, got {self}")

    def delay(self, tries: int, chance: float) -> float:
        """Seconds until the next attempt, after `tries` (1 or more) that failed; `chance` is in [0, 1)."""
        try:
            longest = min(self.cap_seconds, self.base_seconds * self.factor ** (tries - 1))
        except OverflowError:
            longest = self.cap_seconds
        return chance * longest
