"""The shapes of what `/tasks/`, `/operations/` and `/health/` answer, for the OpenAPI document.

The answers are built by `represent` in the modules beside this one; the tests hold them against these shapes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from operations.context import MAX_MESSAGE_LENGTH
from operations.definition import MAX_NAME_LENGTH
from operations.limits import MAX_ATTEMPTS
from rest.openapi.shapes import INT16, INT32, MOST_ERRORS, Count, FieldError, Line, Page, Problem, Text
from tasks_api.api.template import MOST_TAGS, Priority, Tag
from tasks_api.execution.outcomes import MAX_ERROR_MESSAGE, MAX_ERROR_TYPE, MAX_TRACEBACK
from tasks_api.lifecycle import Status


class TaskError(BaseModel):
    """Why a task, or its last attempt, did not succeed."""

    type: Annotated[
        str,
        Field(max_length=MAX_ERROR_TYPE, description="Stable, for programs: `timeout`, `lost`, `expired`, …"),
    ]
    message: Annotated[
        Annotated[str, Field(max_length=MAX_ERROR_MESSAGE)] | None,
        Field(description="Null without the scope `payloads:read`."),
    ]
    permanent: Annotated[bool, Field(description="Whether another attempt would be pointless.")]


class TaskProgress(BaseModel):
    """How far a running task has come."""

    percent: float | None
    message: Annotated[str, Field(max_length=MAX_MESSAGE_LENGTH)] | None


class TaskFile(BaseModel):
    """A file that a task read or made, and that is still there."""

    id: UUID
    name: Text
    media_type: Text
    size: Annotated[int, Field(ge=0, le=2**53 - 1, description="In bytes.")]


class TaskFiles(BaseModel):
    """The files of a task."""

    model_config = ConfigDict(populate_by_name=True)

    read: Annotated[list[TaskFile], Field(alias="in", max_length=INT32, description="That it reads.")]
    out: Annotated[list[TaskFile], Field(max_length=INT32, description="That it made, and its result names.")]


class Task(BaseModel):
    """One run of an operation."""

    id: Annotated[UUID, Field(description="UUIDv7; also the id in Celery and Flower.")]
    operation: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    arguments: Annotated[
        dict[str, Any] | None,
        Field(
            description="As described by the operation's `arguments_schema`. Null without the scope `payloads:read`, "
            "as are `result` and messages."
        ),
    ]
    priority: Annotated[Priority, Field(description="9 is the most urgent.")]
    status: Annotated[
        Status,
        Field(
            description="PENDING, STARTED, then SUCCESS or FAILURE. RETRY: waiting for another attempt. "
            "REVOKED: cancelled or expired."
        ),
    ]
    result: Annotated[Any, Field(description="What the operation returned: any JSON. Null until SUCCESS.")]
    error: TaskError | None
    progress: TaskProgress | None
    attempt: Annotated[int, Field(ge=0, le=INT16, description="How many attempts have begun.")]
    max_attempts: Annotated[int, Field(ge=1, le=INT16)]
    timeout_seconds: Annotated[float, Field(description="The limit for one attempt.")]
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)]
    run_at: Annotated[datetime, Field(description="The task does not start before this.")]
    expires_at: Annotated[datetime | None, Field(description="The task does not start after this.")]
    schedule: Annotated[UUID | None, Field(description="The task schedule that created it, if any.")]
    scheduled_for: Annotated[datetime | None, Field(description="The instant named by that schedule's rule.")]
    created_at: datetime
    started_at: Annotated[datetime | None, Field(description="When the last attempt began.")]
    finished_at: datetime | None
    cancel_requested_at: Annotated[
        datetime | None,
        Field(
            description="When the task was first asked to stop while it was running. Null again after a retry."
        ),
    ]
    created_by: Annotated[
        Line | None,
        Field(
            description="Who asked for it: `key:` and the `id` of a key, or `person:` and a person's. Null: nobody who "
            "could be told, or its schedule."
        ),
    ]
    request_id: Annotated[
        Line | None, Field(description="The `X-Request-ID` of their request. Null without `created_by`.")
    ]
    files: Annotated[
        TaskFiles | None,
        Field(
            description="Only of one task that is read by its id, and only where arguments or result name any. Null "
            "without the scope `payloads:read`."
        ),
    ] = None


class AttemptError(TaskError):
    """Why an attempt ended without a result."""

    model_config = ConfigDict(json_schema_extra={"required": ["type", "message", "permanent"]})

    traceback: Annotated[
        Annotated[str, Field(max_length=MAX_TRACEBACK)] | None,
        Field(description="If the operation raised an exception: the end of its traceback."),
    ] = ""


class Attempt(BaseModel):
    """One attempt at a task."""

    number: Annotated[int, Field(ge=1, le=INT16, description="Counted from 1.")]
    worker: Annotated[Line | None, Field(description="The node that ran it, if known.")]
    started_at: datetime
    finished_at: datetime | None
    outcome: Annotated[
        Literal["failed", "timeout", "lost", "interrupted", "cancelled", "success", "running"],
        Field(description="`interrupted`: its worker stopped and handed it back, so it does not count."),
    ]
    error: Annotated[AttemptError | None, Field(description="Null unless it ended without a result.")]


class AttemptList(BaseModel):
    """Every attempt at a task."""

    results: Annotated[list[Attempt], Field(max_length=INT16)]


class Many(BaseModel):
    """The outcome of a request that changes many at once."""

    count: Annotated[Count, Field(description="How many were changed; with `dry_run`, how many would be.")]
    complete: Annotated[bool, Field(description="False: there are more; repeat the request.")]
    failed: Annotated[Count, Field(description="How many the database refused to change; the log says why.")]
    dry_run: bool


class TaskPage(Page[Task]):
    """One page of tasks, newest first."""


class BatchTask(Task):
    """A task created from an item of a batch."""

    index: Annotated[Count, Field(description="The position of the item, counted from 0.")]


class BatchRefusal(BaseModel):
    """An item of a batch that was refused."""

    index: Annotated[Count, Field(description="The position of the item, counted from 0.")]
    errors: Annotated[list[FieldError], Field(max_length=MOST_ERRORS)]


class BatchAnswer(BaseModel):
    """The outcome of a batch, item by item."""

    tasks: Annotated[list[BatchTask], Field(max_length=settings.BATCH_MAX_TASKS)]
    errors: Annotated[list[BatchRefusal], Field(max_length=settings.BATCH_MAX_TASKS)]


class BatchError(FieldError):
    """A refused item (`index`, `errors`), or what is wrong with the request as a whole."""

    model_config = ConfigDict(json_schema_extra={"required": []})

    index: Annotated[Count, Field(description="The position of the item, counted from 0.")] = 0
    errors: Annotated[list[FieldError], Field(max_length=MOST_ERRORS)] = []


class BatchProblem(Problem):
    """Why no task of a batch was created."""

    errors: Annotated[list[BatchError], Field(max_length=MOST_ERRORS)]  # type: ignore[assignment] # a wider entry
    tasks: Annotated[list[BatchTask], Field(max_length=0, description="Always empty.")] = []


class OperationExample(BaseModel):
    """Example arguments and their result."""

    arguments: dict[str, Any]
    result: Any


class OperationErrorType(BaseModel):
    """An error type specific to an operation."""

    type: Annotated[str, Field(max_length=MAX_NAME_LENGTH, description="As in a task's `error`.")]
    description: Annotated[Text, Field(description="When it happens.")]


class OperationLack(BaseModel):
    """What an operation lacks to run."""

    reason: Text
    mend: Annotated[Text, Field(description="The command or setting with which the operator mends it.")]


class Operation(BaseModel):
    """Something that tasks can do."""

    name: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    summary: Text
    idempotent: Annotated[
        bool, Field(description="Whether running it twice has the same effect as running it once.")
    ]
    timeout_seconds: Annotated[
        float, Field(description="The limit for one attempt, unless the task sets its own.")
    ]
    max_attempts: Annotated[
        int, Field(ge=1, le=MAX_ATTEMPTS, description="The default for tasks that do not set it.")
    ]
    arguments_schema: Annotated[dict[str, Any], Field(description="JSON Schema 2020-12.")]
    result_schema: Annotated[dict[str, Any], Field(description="JSON Schema 2020-12.")]
    errors: Annotated[list[OperationErrorType], Field(max_length=INT16)]
    examples: Annotated[list[OperationExample], Field(max_length=INT16)]
    unavailable: Annotated[
        OperationLack | None,
        Field(description="What it lacks to run here; null: nothing. Tasks of it are refused."),
    ]
    notes: Annotated[list[Text], Field(max_length=INT16, description="What holds for it on this machine.")]


class OperationList(BaseModel):
    """Every operation."""

    results: Annotated[list[Operation], Field(max_length=INT16)]


class Liveness(BaseModel):
    """This process answers."""

    status: Literal["ok"]


class Part(BaseModel):
    """One part of the service."""

    status: Annotated[
        Literal["ok", "degraded", "away"],
        Field(description="`degraded`: it is there, and something in it fails."),
    ]
    since: Annotated[datetime | None, Field(description="Since when, if known.")]
    checked_at: Annotated[
        datetime | None,
        Field(description="When it last answered or refused to; reported for database and broker only."),
    ] = None
    reason: Annotated[
        Text, Field(description="Why it is away, for database and broker; what fails, for others.")
    ] = ""
    count: Annotated[
        Count, Field(description="How many processes; not reported for database and broker.")
    ] = 0


class Parts(BaseModel):
    """The state of each part of the service."""

    database: Part
    broker: Part
    worker: Part
    sweeper: Part
    beat: Part


class Readiness(Parts):
    """The state of the whole service, part by part."""

    status: Annotated[Literal["ok", "degraded"], Field(description="`ok` when every part is.")]


class NotReady(Parts, Problem):
    """The service accepts nothing; the parts show which one is away."""
