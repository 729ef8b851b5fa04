"""Tells in the log of each attempt that has ended, whoever ended it."""

import logging
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from log_lines import event
from tasks_api.lifecycle import Status

logger = logging.getLogger(__name__)

QUIET_OUTCOMES = ("success", "failed", "timeout", "cancelled")
"""Such an end is the operation's matter; others concern the operator."""


class Ended(NamedTuple):
    """An attempt that has ended, as the statement that ended it returns it; None is what it cannot tell."""

    task_id: UUID
    operation: str
    attempt: int
    outcome: str
    duration_ms: float | None = None
    status: str | None = None
    """The task's, from now on."""
    next_attempt_in: float | None = None
    """Seconds, if there is another one."""
    error: str | None = None
    """Its type. What it says is not for the log."""
    worker: str | None = None

    @property
    def sentence(self) -> str:
        """`sleep, attempt 1: failed (OSError) after 12.3 ms, next attempt in 2.1 s`."""
        kind = f" ({self.error})" if self.error and self.error != self.outcome else ""
        lasted = "" if self.duration_ms is None else f" after {self.duration_ms} ms"
        where = f" on {self.worker}" if self.outcome not in QUIET_OUTCOMES and self.worker else ""
        return f"{self.operation}, attempt {self.attempt}: {self.outcome}{kind}{lasted}{where}{self._then}"

    @property
    def _then(self) -> str:
        if self.status == Status.RETRY:
            return (
                f", next attempt in {self.next_attempt_in} s"
                if self.next_attempt_in
                else ", next attempt at once"
            )
        return f", task {self.status}" if self.status not in (None, Status.SUCCESS) else ""

    def fields(self) -> dict[str, Any]:
        """What is known of it."""
        known = {name: value for name, value in self._asdict().items() if value is not None}
        return {**known, "task_id": str(self.task_id)}


def log_attempts(ended: Iterable[Ended]) -> list[UUID]:
    """One line for each attempt. Returns the tasks' ids."""
    ids = []
    for each in ended:
        level = logging.INFO if each.outcome in QUIET_OUTCOMES else logging.WARNING
        if logger.isEnabledFor(level):
            logger.log(level, "%s", each.sentence, extra=event("attempt.ended", **each.fields()))
        ids.append(each.task_id)
    return ids
