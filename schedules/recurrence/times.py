"""Which times of a day a rule names."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from operator import or_

from .remembering import keep
from .seconds import HOUR, MINUTE

ALL_HOURS = tuple(range(24))
ALL_OF_SIXTY = tuple(range(60))


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the day: in each of the hours, the same offsets. A sorted sequence, never spelt out."""

    hours: tuple[int, ...]
    offsets: Sequence[int]
    # Not a cached property: until Python 3.12 that has a lock, one for all rules of the process.
    _bits: dict[None, int] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.hours) * len(self.offsets)

    def __getitem__(self, position: int) -> int:
        hour, offset = divmod(position, len(self.offsets))
        return self.hours[hour] * HOUR + self.offsets[offset]

    def first(self, second: int) -> int | None:
        """The first member at or after a second of the day."""
        hour, offset = divmod(second, HOUR)
        at = bisect_left(self.hours, hour)
        if at < len(self.hours) and self.hours[at] == hour:
            within = bisect_left(self.offsets, offset)
            if within < len(self.offsets):
                return hour * HOUR + self.offsets[within]
            at += 1
        return self.hours[at] * HOUR + self.offsets[0] if at < len(self.hours) else None

    def count_before(self, second: int) -> int:
        """How many members come before a second of the day."""
        hour, offset = divmod(second, HOUR)
        at = bisect_left(self.hours, hour)
        begun = at < len(self.hours) and self.hours[at] == hour
        return at * len(self.offsets) + (bisect_left(self.offsets, offset) if begun else 0)

    @property
    def bits(self) -> int:
        """The members as bits, that of the day's first second the lowest."""
        bits = self._bits.get(None)
        if bits is None:
            in_hour = reduce(or_, (1 << offset for offset in self.offsets), 0)
            in_day = reduce(or_, (in_hour << hour * HOUR for hour in self.hours), 0)
            bits = keep(self._bits, None, in_day, 1)
        return bits

    @property
    def is_every_second(self) -> bool:
        """Whether nothing of a day is left out."""
        return len(self) == 24 * HOUR

    def residues(self, unit: int, modulus: int) -> int:
        """The remainders of the members, counted in units of `unit` seconds, by a modulus: as bits."""
        counts = self.offset_residues(unit, modulus)
        in_hour = reduce(or_, (1 << residue for residue, count in enumerate(counts) if count), 0)
        hours = {hour * (HOUR // unit) % modulus for hour in self.hours}
        found = reduce(or_, (in_hour << hour for hour in hours), 0)
        beyond = found >> modulus
        return beyond | found ^ beyond << modulus

    def offset_residues(self, unit: int, modulus: int) -> Sequence[int]:
        """How many of an hour's members leave each remainder; those that are left out are left by none."""
        found = array("H", bytes(2 * min(modulus, HOUR // unit)))
        for offset in self.offsets:
            found[offset // unit % modulus] += 1
        return found


def offsets_in_hour(minutes: tuple[int, ...], seconds: tuple[int, ...]) -> Sequence[int]:
    """The seconds of an hour that these minutes and seconds make, sorted."""
    if len(minutes) == len(seconds) == 60:
        return range(HOUR)
    return array("H", (minute * MINUTE + second for minute, second in product(minutes, seconds)))


def picked(positions: frozenset[int], length: int) -> Iterator[int]:
    """The indexes, ascending, that BYSETPOS picks from a set of a length: 1 is the first, -1 the last."""
    wanted = {position - 1 if position > 0 else length + position for position in positions}
    return (index for index in sorted(wanted) if 0 <= index < length)
