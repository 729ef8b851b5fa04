"""Tasks for code that runs inside this Django: what `POST /tasks/` is for everybody else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from access.actor import DEFAULT_PROJECT
from access.inside import UnknownProject, system_in
from rest.problems import FieldError, InvalidInput
from tasks_api.api.tasks import new_task
from tasks_api.models import Task
from tasks_api.submission import submit
from values.storable import Unstorable, storable


def submit_operation(
    operation: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    priority: int | None = None,
    run_at: datetime | None = None,
    delay_seconds: float | None = None,
    expires_at: datetime | None = None,
    timeout_seconds: float | None = None,
    max_attempts: int | None = None,
    tags: Sequence[str] = (),
    project: str = DEFAULT_PROJECT,
) -> Task:
    """Create a task and return its row. None stands for the default. `project`: the slug of the one it is to be in.

    Checked as the API checks it: raises InvalidInput, whose `errors` name what is wrong. Within a transaction
    the task is created with it or not at all, and workers hear of it after COMMIT. Times need an offset.
    """
    body = {
        "operation": operation,
        "arguments": dict(arguments or {}),
        "priority": priority,
        "run_at": run_at and run_at.isoformat(),
        "delay_seconds": delay_seconds,
        "expires_at": expires_at and expires_at.isoformat(),
        "timeout_seconds": timeout_seconds,
        "max_attempts": max_attempts,
        "tags": tags if isinstance(tags, str) else list(tags),  # a text would be taken for its letters
    }
    try:
        actor = system_in(project)
    except UnknownProject as error:
        raise InvalidInput([FieldError(("project",), "unknown_project", str(error))]) from error
    _refuse_unstorable(body["tags"])
    (task,) = submit([new_task(body, actor)]).rows()
    return task


def _refuse_unstorable(tags: Any) -> None:
    """What no request could hold, for its body would be refused as a whole."""
    try:
        storable(tags)
    except Unstorable as error:
        raise InvalidInput([FieldError(("tags", *error.path), error.code, error.reason)]) from error
