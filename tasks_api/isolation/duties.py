"""What a process does again and again: what goes wrong in one duty, or with one member of its sets, is its own."""

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from django.db import Error

from log_lines import event
from tasks_api.isolation.interval import Interval
from tasks_api.isolation.refusals import is_away, kind, reason
from tasks_api.postgres import is_stopped

Result = TypeVar("Result")

LEFT_OUT_SECONDS = 60.0
"""How long a row that could not be changed is left out, so that it does not hold up the others each time."""
LEFT_OUT_BRIEFLY_SECONDS = 5.0
"""The same of a row that somebody has locked."""
MOST_LEFT_OUT = 10_000
REMIND_SECONDS = 60.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that could not be changed: until when it is left out, and the kind of error."""

    until: float
    kind: str


class Duty:
    """One thing that is done again and again. It remembers what fails of it, nothing of the truth."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._failure: str | None = None
        self._left_out: dict[Hashable, LeftOut] = {}
        self._remind = Interval(REMIND_SECONDS)

    def run(
        self, work: Callable[[], Result], otherwise: Result, *, passes: tuple[type[Exception], ...] = ()
    ) -> Result:
        """What `work` returns; `otherwise` where it fails.

        Raises only what is nobody's failure: what the database raises when it is away, and what `passes`.
        """
        try:
            result = work()
        except Exception as error:
            if is_away(error) or isinstance(error, passes):
                raise
            self._fail(error)
            return otherwise
        self._failure = None
        return result

    def refuse(self, member: Hashable, error: Exception) -> None:
        """Leave a row out for a while that cannot be changed: not for long, where that may pass by itself."""
        trace = None if isinstance(error, Error) else error
        logger.warning(
            "%s: %s is left out: %s",
            self.name,
            member,
            reason(error),
            exc_info=trace,
            extra=event("row.left_out"),
        )
        if len(self._left_out) < MOST_LEFT_OUT:
            seconds = LEFT_OUT_BRIEFLY_SECONDS if is_stopped(error) else LEFT_OUT_SECONDS
            self._left_out[member] = LeftOut(self._clock() + seconds, kind(error))

    def left_out(self) -> list[Hashable]:
        """The rows that are left out now."""
        now = self._clock()
        self._left_out = {member: left for member, left in self._left_out.items() if left.until > now}
        return list(self._left_out)

    @property
    def failure(self) -> str | None:
        """What fails, as readiness tells it: nothing of any row. None: nothing does."""
        if self._failure is not None:
            return f"{self.name}: {self._failure}"
        if self.left_out():
            kinds = ", ".join(sorted({left.kind for left in self._left_out.values()}))
            return f"{self.name}: {len(self._left_out)} left out, {kinds}"
        return None

    def _fail(self, error: Exception) -> None:
        before, self._failure = self._failure, kind(error)
        if self._remind.has_come() or before != self._failure:
            trace = None if isinstance(error, Error) else error
            logger.error("%s fails: %s", self.name, reason(error), exc_info=trace, extra=event("duty.failed"))
