"""What clients see of a task, without the weight of a row of the model."""

import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tasks_api.database import fetch_one
from tasks_api.models import Task, no_task
from tasks_api.postgres import Prepared


class ShownTask(NamedTuple):
    """Columns of the model of the same names. To make one costs a tenth of what a row of the model does."""

    id: UUID
    operation: str
    arguments: Any
    priority: int
    status: str
    result: Any
    error: Any
    progress: Any
    attempt: int
    max_attempts: int
    timeout_seconds: float
    tags: Any
    run_at: datetime
    expires_at: datetime | None
    schedule_id: UUID | None
    scheduled_for: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    created_by: str | None
    request_id: str | None
    version: int


AnyTask = Task | ShownTask

_JSON = ("arguments", "result", "error", "progress")
_COLUMNS = ", ".join(f"{name}::text" if name in _JSON else name for name in ShownTask._fields)
_FIND = f"SELECT {_COLUMNS} FROM task WHERE id = %(id)s AND project_id = %(project)s"  # noqa: S608 (names of columns)
FIND_SQL = Prepared("find_task", _FIND)


def find_shown(task_id: UUID, project_id: int) -> ShownTask:
    """The task of this id in a project. Raises Task.DoesNotExist."""
    row = fetch_one(FIND_SQL, {"id": task_id, "project": project_id})
    if row is None:
        raise no_task(task_id)
    found = ShownTask(*row)
    return found._replace(
        arguments=_value(found.arguments),
        result=_value(found.result),
        error=_value(found.error),
        progress=_value(found.progress),
    )


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
