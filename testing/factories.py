"""Rows in a consistent state, for tests that begin in the middle of a life."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from access.actor import DEFAULT_PROJECT_ID
from tasks_api import transitions
from tasks_api.broker.messages import Message
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Role, Task, WorkerNode
from tasks_api.transitions import Run

LOST = {"type": "lost", "permanent": False, "message": "the worker that ran attempt 1 is gone"}
EXPIRED = {"type": "expired", "permanent": True, "message": "expires_at passed while it waited"}


def ago(seconds: float) -> datetime:
    """An instant in the past; with a negative number, in the future."""
    return datetime.now(UTC) - timedelta(seconds=seconds)


def make_task(status: Status = Status.PENDING, **changes: Any) -> Task:
    """A task as it is in this state: one that waits is due, and its message was sent or (RETRY) not yet."""
    fields: dict[str, Any] = {
        "operation": "calculate",
        "arguments": {"expression": "4+7"},
        "priority": 5,
        "max_attempts": 3,
        "final_attempt": changes.get("max_attempts", 3),
        "retry_when_lost": True,
        "timeout_seconds": 30,
        "run_at": ago(60),
        "status": status,
    }
    return Task.objects.create(**fields | _state(status) | changes)


def _state(status: Status) -> dict[str, Any]:
    sent = {"dispatch_count": 1}
    begun = {**sent, "attempt": 1, "run_token": uuid4(), "started_at": ago(30)}
    match status:
        case Status.PENDING:
            return {**sent, "dispatch_at": ago(-RESEND_SECONDS[0])}
        case Status.STARTED:
            return {**begun, "node_id": new_id(), "deadline_at": ago(-60)}
        case Status.RETRY:
            return {"attempt": 1, "started_at": ago(30), "dispatch_at": ago(1), "error": LOST}
        case Status.SUCCESS:
            return {**begun, "finished_at": ago(29), "result": 11}
        case Status.FAILURE:
            failed = {"type": "OSError", "permanent": False, "message": "OSError: no network"}
            return {**begun, "finished_at": ago(29), "error": failed}
        case Status.REVOKED:
            return {"finished_at": ago(29), "error": EXPIRED}


def make_bulk_action(**changes: Any) -> BulkAction:
    """One that has not begun."""
    fields: dict[str, Any] = {
        "project_id": DEFAULT_PROJECT_ID,
        "action": "retry",
        "filter": {"tag": "night"},
        "parameters": {},
        "matched": 0,
        "is_matched_exact": True,
    }
    return BulkAction.objects.create(**fields | changes)


def started(**changes: Any) -> tuple[Task, Run]:
    """A task, and the run of it that a worker has claimed."""
    task = make_task(**changes)
    run = transitions.claim(task.id, task.priority, token=uuid4(), node=new_id())
    assert run is not None
    return task, run


def run_of(task: Task, **changes: Any) -> Run:
    """What a worker that runs (or ran) this task knows."""
    known: dict[str, Any] = {
        "task_id": task.id,
        "token": task.run_token or uuid4(),
        "operation": task.operation,
        "arguments": task.arguments,
        "attempt": task.attempt,
        "final_attempt": task.final_attempt,
        "max_attempts": task.max_attempts,
        "scheduled_for": task.scheduled_for,
    }
    return Run(**known | changes)


def make_node(role: Role = Role.WORKER, *, beat_at: datetime | None = None, **changes: Any) -> WorkerNode:
    """A process of ours that has just said that it is alive, for the first time or (`alive_since`) for long."""
    beat_at = beat_at or ago(0)
    fields: dict[str, Any] = {
        "role": role,
        "name": f"{role}@test",
        "started_at": beat_at,
        "beat_at": beat_at,
        "alive_since": beat_at,
    }
    return WorkerNode.objects.create(**fields | changes)


def message_of(task: Task) -> Message:
    """What the broker carries for `task`."""
    return Message(task.id, task.operation, task.priority, task.timeout_seconds)
