"""Doing something at intervals."""

import time


class Interval:
    """Lets something happen at most once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def seconds_left(self) -> float:
        """Until it comes next."""
        return max(0.0, self._next - time.monotonic())

    def has_come(self) -> bool:
        """True at most once in each interval."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        return True
