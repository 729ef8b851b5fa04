"""One limit for everything that a request does: looking up, connecting, sending and reading."""

import time
from dataclasses import dataclass

from operations.errors import OperationError, passing


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` is an instant of the monotonic clock, `seconds` how far away it was."""

    at: float
    seconds: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        """A deadline in so many seconds from now."""
        return cls(time.monotonic() + seconds, seconds)

    def left(self) -> float:
        """The seconds that are left, more than 0. Raises OperationError when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def elapsed(self) -> float:
        """The seconds since it was set."""
        return self.seconds - (self.at - time.monotonic())

    def passed(self) -> OperationError:
        """What to raise when it has passed."""
        return passing(
            "request_timeout", f"the answer was not complete within {self.seconds:g} s (timeout_seconds)"
        )
