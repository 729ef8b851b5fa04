"""How long to wait between attempts. Pure: chance is an argument."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off: a random part of `base_seconds * factor**(tries - 1)`, which is at most `cap_seconds`.

    This full jitter spreads the attempts of tasks that failed together, so that they do not fail together again.
    """

    base_seconds: float = 2.0
    factor: float = 2.0
    cap_seconds: float = 600.0

    def __post_init__(self) -> None:
        if self.base_seconds < 0 or self.factor < 1 or self.cap_seconds < 0:
            raise ValueError(f"a back-off does not shrink and is not negative, got {self}")

    def delay(self, tries: int, chance: float) -> float:
        """Seconds until the next attempt, after `tries` (1 or more) that failed; `chance` is in [0, 1)."""
        try:
            longest = min(self.cap_seconds, self.base_seconds * self.factor ** (tries - 1))
        except OverflowError:
            longest = self.cap_seconds
        return chance * longest
