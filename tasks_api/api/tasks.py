"""The forms of `/tasks/`: what comes in, what goes out."""

from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from pydantic import Field

from rest.json import instant_text
from rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from rest.problems import FieldError, InvalidInput, Problem
from tasks_api.api.input import Instant, QueryFlag, QueryFloat, QueryInt, QueryUUID, Strict, read_body
from tasks_api.api.template import TemplateBody, resolve
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.submission import NewTask

MAX_WAIT_SECONDS = 60


class TaskBody(TemplateBody):
    """The body of `POST /tasks/`, and each item of a batch."""

    run_at: Annotated[Instant | None, Field(description="Not before. Default: now.")] = None
    expires_at: Annotated[
        Instant | None, Field(description="Not after: a task that has not begun by then is REVOKED.")
    ] = None


QueryStatus = Annotated[Status, Field(strict=False)]


class Page(Strict):
    """Query parameters of every list."""

    limit: Annotated[QueryInt, Field(ge=1, le=MAX_LIMIT, description="How many on a page.")] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None, Field(max_length=100, description="Where to go on: as `next` and `previous` have it.")
    ] = None


class TaskFilter(Page):
    """Query parameters of `GET /tasks/`."""

    status: Annotated[list[QueryStatus], Field(description="May be repeated: any of them.")] = []
    operation: Annotated[str | None, Field(description="The name of an operation.")] = None
    priority: Annotated[
        Annotated[QueryInt, Field(ge=0, le=9)] | None, Field(description="9 is the most urgent.")
    ] = None
    schedule: Annotated[
        QueryUUID | None, Field(description="The `id` of the task schedule they are from.")
    ] = None


class Wait(Strict):
    """Query parameters of `GET /tasks/{id}/`."""

    wait: Annotated[
        QueryFloat, Field(ge=0, le=MAX_WAIT_SECONDS, description="Seconds to wait for the task to be final.")
    ] = 0


class BatchOptions(Strict):
    """Query parameters of `POST /tasks/batch-request/`."""

    atomic: Annotated[QueryFlag, Field(description="All items or none.")] = False


class DeleteOptions(Strict):
    """Query parameters of `DELETE /tasks/{id}/`."""

    force: Annotated[QueryFlag, Field(description="Delete it even if it is final.")] = False


def new_task(body: Any) -> NewTask:
    """A task as a client describes it. Raises InvalidInput."""
    form = read_body(TaskBody, body)
    template = resolve(form)
    if form.run_at and form.expires_at and form.expires_at <= form.run_at:
        detail = (
            f"must be later than run_at, {instant_text(form.run_at)}, got {instant_text(form.expires_at)}"
        )
        raise InvalidInput([FieldError(("expires_at",), "too_early", detail)])
    return NewTask(run_at=form.run_at, expires_at=form.expires_at, **template.as_fields())


def new_tasks(body: Any) -> tuple[list[tuple[int, NewTask]], list[tuple[int, InvalidInput]]]:
    """The items of a batch that are tasks, and those that are not, each with its index.

    Raises InvalidInput where the whole is no batch.
    """
    if not isinstance(body, list):
        raise InvalidInput([FieldError((), "invalid_type", "the body must be a list of tasks")])
    if len(body) > settings.BATCH_MAX_TASKS:
        detail = f"the body must have at most {settings.BATCH_MAX_TASKS} tasks, got {len(body)}"
        raise InvalidInput([FieldError((), "max_length", detail)])
    tasks, refused = [], []
    for index, item in enumerate(body):
        try:
            tasks.append((index, new_task(item)))
        except InvalidInput as error:
            refused.append((index, error))
    return tasks, refused


def filtered(query: TaskFilter) -> QuerySet[Task]:
    """The tasks that a list is asked for."""
    wanted: dict[str, Any] = {
        "operation": query.operation,
        "priority": query.priority,
        "schedule_id": query.schedule,
    }
    found = Task.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return found.filter(status__in=query.status) if query.status else found


def represent(task: Task) -> dict[str, Any]:
    """A task as clients see it."""
    return {
        "id": str(task.id),
        "operation": task.operation,
        "arguments": task.arguments,
        "priority": task.priority,
        "status": task.status,
        "result": task.result,
        "error": task.error,
        "progress": task.progress,
        "attempt": task.attempt,
        "max_attempts": task.max_attempts,
        "timeout_seconds": task.timeout_seconds,
        "tags": task.tags,
        "run_at": instant_text(task.run_at),
        "expires_at": instant_text(task.expires_at),
        "schedule": task.schedule_id and str(task.schedule_id),
        "scheduled_for": instant_text(task.scheduled_for),
        "created_at": instant_text(task.created_at),
        "started_at": instant_text(task.started_at),
        "finished_at": instant_text(task.finished_at),
    }


def represent_refusal(index: int, error: InvalidInput) -> dict[str, Any]:
    """What is wrong with one item of a batch."""
    return {"index": index, "errors": [found.below(index).as_json() for found in error.errors]}


class BatchRefused(Problem):
    """400: nothing of the batch was accepted."""

    code = "invalid_input"

    def __init__(self, errors: list[dict[str, Any]], valid: int) -> None:
        total = len(errors) + valid
        detail = f"not valid in the batch: {len(errors)} of {total} tasks; none was created"
        super().__init__(detail, tasks=[], errors=errors)
