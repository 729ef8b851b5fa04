"""How long the last tasks of a schedule ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schedules.models import TaskSchedule
from tasks_api.models import Task

MOST = 60


@dataclass(frozen=True, slots=True)
class RunTime:
    """The last try of a task: when it began, how long it took or has been taking, and its limit, in seconds."""

    task_id: UUID
    scheduled_for: datetime | None
    status: str
    started_at: datetime
    seconds: float
    limit: float


def recent_tasks(schedule: TaskSchedule) -> list[Task]:
    """Its newest tasks, without what they were given and what came of them, which may be long."""
    rows = Task.objects.filter(schedule_id=schedule.id).order_by("-id").defer("arguments", "result", "error")
    return list(rows[:MOST])


def run_times(tasks: Sequence[Task], now: datetime) -> list[RunTime]:
    """Of those tasks that have begun, the oldest first."""
    return [
        RunTime(
            task.id,
            task.scheduled_for,
            task.status,
            task.started_at,
            max(0.0, ((task.finished_at or now) - task.started_at).total_seconds()),
            task.timeout_seconds,
        )
        for task in reversed(tasks)
        if task.started_at is not None and task.status != "RETRY"
    ]
