"""Days and times as one clause: `every Tuesday at 09:00`."""

from dataclasses import dataclass

from .days import EVERY_DAY
from .times import TimesOfDay


@dataclass(frozen=True, slots=True)
class Clause:
    """When a rule occurs, without its bounds. `counts_from_start`: it means nothing without the start's time."""

    days: str
    times: TimesOfDay
    counts_from_start: bool = False
    months: tuple[int, ...] = ()
    restriction: str = ""
    clock_changes: str = ""

    @property
    def text(self) -> str:
        """In words, in lower case."""
        return self._whole + self.beside

    @property
    def beside(self) -> str:
        """What stands behind days and times."""
        return self.restriction + self.clock_changes

    @property
    def _whole(self) -> str:
        if not self.times.is_rate:
            return f"{self.days} {self.times.text}"
        if self.days == EVERY_DAY:
            return self.times.text
        return f"{self.times.text}{self._joint}{self.days}"

    @property
    def _joint(self) -> str:
        if self.days.startswith("on "):
            return " "
        return ", " if " on " in self.days or self.days.startswith(("every day ", "in ")) else " on "
