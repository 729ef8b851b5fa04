"""Every attempt at a task, as clients see it: those that ended without a result, then the one on the task's own row."""

from typing import Any

from rest.json import instant_text
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Task, WorkerNode

OWN_OUTCOMES = {Status.STARTED: "running", Status.SUCCESS: "success"}


def attempts_of(task: Task) -> list[dict[str, Any]]:
    """In the order in which they began. `task` was read before, so that no attempt is missed or listed twice."""
    ended = [_ended(attempt) for attempt in Attempt.objects.filter(task_id=task.id).order_by("number")]
    return ended if any(each["number"] == task.attempt for each in ended) else [*ended, *_own(task)]


def _ended(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "worker": attempt.worker,
        "started_at": instant_text(attempt.started_at),
        "finished_at": instant_text(attempt.finished_at),
        "outcome": attempt.outcome,
        "error": attempt.error,
    }


def _own(task: Task) -> list[dict[str, Any]]:
    outcome = OWN_OUTCOMES.get(Status(task.status))
    if outcome is None:
        return []
    return [
        {
            "number": task.attempt,
            "worker": _worker(task),
            "started_at": instant_text(task.started_at),
            "finished_at": instant_text(task.finished_at),
            "outcome": outcome,
            "error": None,
        }
    ]


def _worker(task: Task) -> str | None:
    if task.node_id is None:
        return task.worker
    return WorkerNode.objects.filter(id=task.node_id).values_list("name", flat=True).first()
