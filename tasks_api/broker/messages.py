"""What the broker carries: a task's id and priority. Pure.

The form is Celery's message protocol 2, of which it has what Celery does not take for granted. It is written by hand,
because `apply_async` costs ten times as much.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

TASK_QUEUE = "tasks"
SWEEP_QUEUE = "sweep"
RUN_TASK = "tasks_api.run"
SWEEP_TASK = "schedules.sweep"
HIGHEST_BROKER_PRIORITY = 9
HARD_LIMIT_GRACE_SECONDS = 10
"""Between the signal that asks an operation to stop at its time limit and the one that kills its process."""

Body = tuple[list[Any], dict[str, Any], dict[str, Any]]


class Message(NamedTuple):
    """A hint that a task waits: enough for a worker to claim it, and for Flower to show it."""

    task_id: UUID
    operation: str
    priority: int
    timeout_seconds: float

    def body(self) -> Body:
        """Arguments of the Celery task: id, and the priority under which this message was sent."""
        return [str(self.task_id), self.priority], {}, {}

    def headers(self) -> dict[str, Any]:
        """Celery's headers. The operation stands where Flower shows arguments, which may be secret."""
        limits = [self.timeout_seconds + HARD_LIMIT_GRACE_SECONDS, self.timeout_seconds]
        shown = f"{self.operation}, priority {self.priority}"
        return {**_headers(RUN_TASK, str(self.task_id)), "timelimit": limits, "argsrepr": shown}


def broker_priority(priority: int, driver_type: str) -> int:
    """Our 9 is the most urgent everywhere; Redis serves 0 first, RabbitMQ 9."""
    return HIGHEST_BROKER_PRIORITY - priority if driver_type == "redis" else priority


SWEEP_EXPIRES = timedelta(seconds=2)
"""A sweeper that was away meets no pile: what it missed is in the next sweep."""


def sweep_message(message_id: str, now: datetime) -> tuple[Body, dict[str, Any]]:
    """Body and headers of a call to sweep."""
    headers = _headers(SWEEP_TASK, message_id)
    return ([], {}, {}), {**headers, "expires": (now + SWEEP_EXPIRES).isoformat()}


def _headers(name: str, message_id: str) -> dict[str, Any]:
    return {"task": name, "id": message_id, "ignore_result": True}
