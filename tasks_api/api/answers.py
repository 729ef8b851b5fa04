"""The shapes of what `/tasks/`, `/operations/` and `/health/` answer, for the OpenAPI document.

The answers are built by `represent` in the modules beside this one; the tests hold them against these shapes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from rest.openapi.shapes import FieldError, Page, Problem
from tasks_api.api.template import Priority
from tasks_api.lifecycle import Status


class TaskError(BaseModel):
    """Why a task, or its last attempt, did not succeed."""

    type: Annotated[str, Field(description="Stable, for programs: `timeout`, `lost`, `expired`, …")]
    message: str
    permanent: Annotated[bool, Field(description="Whether another attempt would be pointless.")]


class TaskProgress(BaseModel):
    """How far a running task has come."""

    percent: float | None
    message: str | None


class Task(BaseModel):
    """One run of an operation."""

    id: Annotated[UUID, Field(description="UUIDv7; also the id in Celery and Flower.")]
    operation: str
    arguments: Annotated[
        dict[str, Any], Field(description="As described by the operation's `arguments_schema`.")
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
    attempt: Annotated[int, Field(ge=0, description="How many attempts have begun.")]
    max_attempts: Annotated[int, Field(ge=1)]
    timeout_seconds: Annotated[float, Field(description="The limit for one attempt.")]
    tags: list[str]
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


class AttemptError(TaskError):
    """Why an attempt ended without a result."""

    model_config = ConfigDict(json_schema_extra={"required": ["type", "message", "permanent"]})

    traceback: Annotated[
        str, Field(description="If the operation raised an exception: the end of its traceback.")
    ] = ""


class Attempt(BaseModel):
    """One attempt at a task."""

    number: Annotated[int, Field(ge=1, description="Counted from 1.")]
    worker: Annotated[str | None, Field(description="The node that ran it, if known.")]
    started_at: datetime
    finished_at: datetime | None
    outcome: Annotated[
        Literal["failed", "timeout", "lost", "interrupted", "cancelled", "success", "running"],
        Field(description="`interrupted`: its worker stopped and handed it back, so it does not count."),
    ]
    error: Annotated[AttemptError | None, Field(description="Null unless it ended without a result.")]


class AttemptList(BaseModel):
    """Every attempt at a task."""

    results: list[Attempt]


class Many(BaseModel):
    """The outcome of a request that changes many at once."""

    count: Annotated[
        int, Field(ge=0, description="How many were changed; with `dry_run`, how many would be.")
    ]
    complete: Annotated[bool, Field(description="False: there are more; repeat the request.")]
    failed: Annotated[
        int, Field(ge=0, description="How many the database refused to change; the log says why.")
    ]
    dry_run: bool


class TaskPage(Page[Task]):
    """One page of tasks, newest first."""


class BatchTask(Task):
    """A task created from an item of a batch."""

    index: Annotated[int, Field(ge=0, description="The position of the item, counted from 0.")]


class BatchRefusal(BaseModel):
    """An item of a batch that was refused."""

    index: Annotated[int, Field(ge=0, description="The position of the item, counted from 0.")]
    errors: list[FieldError]


class BatchAnswer(BaseModel):
    """The outcome of a batch, item by item."""

    tasks: list[BatchTask]
    errors: list[BatchRefusal]


class BatchError(FieldError):
    """A refused item (`index`, `errors`), or what is wrong with the request as a whole."""

    model_config = ConfigDict(json_schema_extra={"required": []})

    index: Annotated[int, Field(ge=0, description="The position of the item, counted from 0.")] = 0
    errors: list[FieldError] = []


class BatchProblem(Problem):
    """Why no task of a batch was created."""

    errors: list[BatchError]  # type: ignore[assignment] # a wider form of the same entry
    tasks: Annotated[list[BatchTask], Field(description="Always empty.")] = []


class OperationExample(BaseModel):
    """Example arguments and their result."""

    arguments: dict[str, Any]
    result: Any


class OperationErrorType(BaseModel):
    """An error type specific to an operation."""

    type: Annotated[str, Field(description="As in a task's `error`.")]
    description: Annotated[str, Field(description="When it happens.")]


class Operation(BaseModel):
    """Something that tasks can do."""

    name: str
    summary: str
    idempotent: Annotated[
        bool, Field(description="Whether running it twice has the same effect as running it once.")
    ]
    timeout_seconds: Annotated[
        float, Field(description="The limit for one attempt, unless the task sets its own.")
    ]
    max_attempts: Annotated[int, Field(ge=1, description="The default for tasks that do not set it.")]
    arguments_schema: Annotated[dict[str, Any], Field(description="JSON Schema 2020-12.")]
    result_schema: Annotated[dict[str, Any], Field(description="JSON Schema 2020-12.")]
    errors: list[OperationErrorType]
    examples: list[OperationExample]


class OperationList(BaseModel):
    """Every operation."""

    results: list[Operation]


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
        str, Field(description="Why it is away, for database and broker; what fails, for others.")
    ] = ""
    count: Annotated[
        int, Field(ge=0, description="How many processes; not reported for database and broker.")
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
