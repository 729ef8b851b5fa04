"""INTERVAL: every n-th unit, counted from the one that DTSTART is in.

Phases answer by arithmetic, so the age of a rule costs nothing.
"""

from dataclasses import dataclass
from math import gcd
from typing import Protocol, Self

from .bits import ones, spaced
from .seconds import DAY
from .times import Times


class DayPhase(Protocol):
    """Which epoch days INTERVAL leaves."""

    def holds(self, day: int) -> bool:
        """Whether a day is one of them."""

    def align(self, day: int) -> int:
        """A day at or after `day`, before which there are none."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Every `step`-th run of `unit` numbers, the one that begins at `origin` being one of them.

    The numbers are wall times, epoch days or month indexes.
    """

    unit: int
    step: int
    origin: int

    def holds(self, number: int) -> bool:
        """Whether a number lies in a run of this phase."""
        return (number - self.origin) // self.unit % self.step == 0

    def align(self, number: int) -> int:
        """The first number at or after `number` that lies in a run of this phase."""
        run = (number - self.origin) // self.unit
        missing = -run % self.step
        return number if missing == 0 else self.origin + (run + missing) * self.unit

    def residue(self, number: int) -> int:
        """How many units a number is past the last run of this phase that began."""
        return (number - self.origin) // self.unit % self.step

    def bits(self, start: int, end: int) -> int:
        """The numbers in ``[start, end)`` that lie in its runs, as bits, `start` being the lowest."""
        length, distance = end - start, self.unit * self.step
        past = (start - self.origin) % distance
        begun = ones(max(0, self.unit - past))
        later = spaced(distance - past, distance, length)
        return (begun | (later << self.unit) - later) & ones(length)


@dataclass(frozen=True, slots=True)
class DaysOfPhase:
    """The epoch days on which at least one of some times of day lies in a phase of wall times.

    It keeps a search for such a time from looking into days in vain.
    """

    phase: Phase
    residues: int
    """The remainders of the times that a day can meet, as bits."""

    @classmethod
    def of(cls, phase: Phase, times: Times) -> Self:
        """The days for times; those whose remainder no day can meet are left out."""
        common = gcd(phase.step, DAY // phase.unit)
        residues = times.residues(phase.unit, phase.step)
        possible = spaced(phase.origin // phase.unit % common, common, residues.bit_length())
        return cls(phase, residues & possible)

    def holds(self, day: int) -> bool:
        """See `DayPhase`."""
        return self.residues >> -self.phase.residue(day * DAY) % self.phase.step & 1 == 1

    def align(self, day: int) -> int:
        """See `DayPhase`."""
        return self.phase.align(day * DAY) // DAY


@dataclass(frozen=True, slots=True)
class WholeDaysOfPhase:
    """The same for every second of the day, found without listing them."""

    phase: Phase

    def holds(self, day: int) -> bool:
        """See `DayPhase`."""
        return self.align(day) == day

    def align(self, day: int) -> int:
        """See `DayPhase`."""
        return self.phase.align(day * DAY) // DAY
