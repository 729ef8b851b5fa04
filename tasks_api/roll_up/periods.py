"""The time that somebody asks for, in equal parts. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Parts begin a whole number of steps after it: at full minutes, hours and days of UTC."""
MOST_PARTS = 1_500
"""A day by minutes, and some more."""
USUAL_PARTS = 100
STEPS = tuple(timedelta(seconds=seconds) for seconds in (60, 300, 900, 3_600, 14_400, 86_400, 604_800))
"""Of which one is taken where nobody names one; where none is long enough, whole weeks."""


def floor(instant: datetime, step: timedelta) -> datetime:
    """The beginning of the part in which an instant is."""
    return instant - (instant - EPOCH) % step


def usual_step(length: timedelta) -> timedelta:
    """The shortest that cuts a period of this length into no more than the usual number of parts."""
    longest = STEPS[-1]
    fits = (step for step in STEPS if length <= USUAL_PARTS * step)
    return next(fits, longest * -(-length // (USUAL_PARTS * longest)))


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of a part to the end of one."""

    start: datetime
    end: datetime
    step: timedelta

    @classmethod
    def around(cls, start: datetime, end: datetime, step: timedelta) -> "Period":
        """The parts in which the time from `start` until before `end` lies, and at least one."""
        last = floor(max(start, end - timedelta.resolution), step)
        return cls(floor(start, step), last + step, step)

    def __len__(self) -> int:
        return (self.end - self.start) // self.step

    def parts(self) -> Iterator[datetime]:
        """The beginning of each."""
        return (self.start + number * self.step for number in range(len(self)))
