"""The forms of `/tasks/`: what comes in, what goes out."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from pydantic import Field

from access.actor import Actor
from access.refusals import refuse_restricted
from operations.files import mentions_files
from rest.headers import MAX_WAIT_SECONDS
from rest.input import Instant, QueryFlag, QueryFloat, Strict, read_body
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from tasks_api.api.other_words import OF_TASKS
from tasks_api.api.template import MOST_TAGS, Priority, Tag, TemplateBody, resolve
from tasks_api.database import database_now
from tasks_api.file_uses import files_of
from tasks_api.found_files import FoundFiles
from tasks_api.models import find_task
from tasks_api.origin import Origin, origin_of
from tasks_api.shown import AnyTask
from tasks_api.submission import DEFAULT_PRIORITY, NewTask
from tasks_api.transitions import Edit

LONGEST_DELAY = 10 * 366 * 86_400


class TaskBody(TemplateBody):
    """The body of `POST /tasks/`, and each item of a batch."""

    other_words = OF_TASKS

    run_at: Annotated[
        Instant | None, Field(description="The task does not start before this. Default: now.")
    ] = None
    delay_seconds: Annotated[
        float | None,
        Field(ge=0, le=LONGEST_DELAY, description="Instead of `run_at`: so many seconds from now."),
    ] = None
    expires_at: Annotated[
        Instant | None,
        Field(
            description="A task still waiting at this time becomes REVOKED. In the future. Default: never."
        ),
    ] = None


class TaskChanges(Strict):
    """The body of `PATCH /tasks/{id}/`. Omitted fields stay as they are; `null` restores the default."""

    priority: Annotated[Priority | None, Field(description="9 is the most urgent. Null: 5.")] = None
    run_at: Annotated[
        Instant | None, Field(description="The task does not start before this. Null: now.")
    ] = None
    tags: Annotated[
        list[Tag] | None, Field(max_length=MOST_TAGS, description="Replaces all tags. Null: no tags.")
    ] = None


DEFAULTS: dict[str, Callable[[], Any]] = {
    "priority": lambda: DEFAULT_PRIORITY,
    "run_at": database_now,
    "tags": list,
}


class Wait(Strict):
    """Query parameters of `GET /tasks/{id}/`."""

    wait: Annotated[
        QueryFloat,
        Field(
            ge=0, le=MAX_WAIT_SECONDS, description="How many seconds to wait for the task to become final."
        ),
    ] = 0


class BatchOptions(Strict):
    """Query parameters of `POST /tasks/batch-request/`."""

    atomic: Annotated[QueryFlag, Field(description="Create either all items or none.")] = False


class DeleteOptions(Strict):
    """Query parameters of `DELETE /tasks/{id}/`."""

    force: Annotated[QueryFlag, Field(description="Delete it even if it is final.")] = False


def new_task(body: Any, actor: Actor) -> NewTask:
    """A task as a client describes it. Raises InvalidInput."""
    return _new_task(body, actor, origin_of(actor), FoundFiles(actor.project_id, body))


def _new_task(body: Any, actor: Actor, origin: Origin, files: FoundFiles) -> NewTask:
    form = read_body(TaskBody, body)
    template = resolve(form, files)
    refuse_restricted(actor, template.operation, template.arguments, template.priority)
    delay = None if form.delay_seconds is None else timedelta(seconds=form.delay_seconds)
    _check_times(form, delay)
    times: dict[str, Any] = {"run_at": form.run_at, "delay": delay, "expires_at": form.expires_at}
    return NewTask(**times, **origin, **template.as_fields())


def _check_times(form: TaskBody, delay: timedelta | None) -> None:
    if form.run_at and delay is not None:
        detail = "must be left out where `run_at` is given: both say when the task may start"
        raise InvalidInput([FieldError(("delay_seconds",), "conflict", detail)])
    if form.expires_at is None:
        return
    # The database's clock says when a delay ends; this machine's is near enough to see a mistake.
    now = datetime.now(UTC)
    if form.expires_at <= now:
        detail = f"must be in the future, got {instant_text(form.expires_at)}"
        raise InvalidInput([FieldError(("expires_at",), "too_early", detail)])
    run_at = form.run_at if delay is None else now + delay
    if run_at and form.expires_at <= run_at:
        which = "run_at" if delay is None else "the end of delay_seconds"
        detail = f"must be later than {which}, {instant_text(run_at)}, got {instant_text(form.expires_at)}"
        raise InvalidInput([FieldError(("expires_at",), "too_early", detail)])


def changes(body: Any) -> Edit:
    """What a client changes of a task. Raises InvalidInput."""
    form = read_body(TaskChanges, body)
    given = {name: getattr(form, name) for name in form.model_fields_set}
    return Edit(**{name: DEFAULTS[name]() if value is None else value for name, value in given.items()})


def new_tasks(body: Any, actor: Actor) -> tuple[list[tuple[int, NewTask]], list[tuple[int, InvalidInput]]]:
    """The items of a batch that are tasks, and those that are not, each with its index.

    Raises InvalidInput where the whole is no batch.
    """
    if not isinstance(body, list):
        raise InvalidInput([FieldError((), "invalid_type", "the body must be a list of tasks")])
    if len(body) > settings.BATCH_MAX_TASKS:
        detail = f"the body must have at most {settings.BATCH_MAX_TASKS} tasks, got {len(body)}"
        raise InvalidInput([FieldError((), "max_length", detail)])
    origin, files = origin_of(actor), FoundFiles(actor.project_id, body)
    tasks, refused = [], []
    for index, item in enumerate(body):
        try:
            tasks.append((index, _new_task(item, actor, origin, files)))
        except InvalidInput as error:
            refused.append((index, error))
    return tasks, refused


def refuse_restricted_to(actor: Actor, task_id: UUID, priority: int | None = None) -> None:
    """For what lets a task that is there run again, or with another priority.

    Raises KeyRestricted, Task.DoesNotExist.
    """
    if actor.restrictions.concern_tasks:
        task = find_task(task_id, actor.project_id)
        wanted = task.priority if priority is None else priority
        refuse_restricted(actor, task.operation, task.arguments, wanted)


def represent_all(found: Iterable[AnyTask]) -> list[dict[str, Any]]:
    """Tasks as clients see them."""
    return [represent(task) for task in found]


def represent(task: AnyTask) -> dict[str, Any]:
    """A task as clients see it."""
    return {
        "id": str(task.id),
        "operation": task.operation,
        "arguments": task.arguments,
        "priority": task.priority,
        "status": task.status,
        "result": task.result,
        "error": public_error(task.error),
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
        "cancel_requested_at": instant_text(task.cancel_requested_at),
        "created_by": task.created_by,
        "request_id": task.request_id,
    }


def with_files(task: AnyTask) -> dict[str, Any]:
    """A task with the files that it read and made; to those that name none it costs no statement."""
    is_of_files = mentions_files(task.arguments) or mentions_files(task.result)
    return {**represent(task), "files": files_of(task.id)} if is_of_files else represent(task)


def public_error(error: dict[str, Any] | None) -> dict[str, Any] | None:
    """The `error` of a task. The traceback belongs to the attempt that it is of."""
    return error and {name: value for name, value in error.items() if name != "traceback"}
