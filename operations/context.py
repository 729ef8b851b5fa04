"""What a running operation may know about the task it runs for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Context:
    """A function receives it by declaring a parameter annotated `Context`.

    `attempt` counts from 1; `scheduled_for` is the instant of the schedule's rule, None for a task
    that came from no schedule.
    """

    task_id: str
    attempt: int
    scheduled_for: datetime | None = None
