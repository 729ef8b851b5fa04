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
    """Why a task, or its last try, did not succeed."""

    type: Annotated[str, Field(description="Stable, for programs: `timeout`, `lost`, `expired`, …")]
    message: str
    permanent: Annotated[bool, Field(description="Whether trying again would not help.")]


class TaskProgress(BaseModel):
    """How far a running task has come."""

    percent: float | None
    message: str | None


class Task(BaseModel):
    """One run of an operation."""

    id: Annotated[UUID, Field(description="UUIDv7; also the id in Celery and Flower.")]
    operation: str
    arguments: Annotated[dict[str, Any], Field(description="As the operation's `arguments_schema` says.")]
    priority: Annotated[Priority, Field(description="9 is the most urgent.")]
    status: Annotated[
        Status,
        Field(
            description="PENDING, STARTED, then SUCCESS or FAILURE. RETRY: waits for another try. "
            "REVOKED: was cancelled, or expired."
        ),
    ]
    result: Annotated[Any, Field(description="Any JSON: what the operation returned. Null until then.")]
    error: TaskError | None
    progress: TaskProgress | None
    attempt: Annotated[int, Field(ge=0, description="How many tries have begun.")]
    max_attempts: Annotated[int, Field(ge=1)]
    timeout_seconds: Annotated[float, Field(description="For one try.")]
    tags: list[str]
    run_at: Annotated[datetime, Field(description="Not before.")]
    expires_at: Annotated[datetime | None, Field(description="Not after.")]
    schedule: Annotated[UUID | None, Field(description="The task schedule that it came from, if any.")]
    scheduled_for: Annotated[datetime | None, Field(description="The instant of that schedule's rule.")]
    created_at: datetime
    started_at: Annotated[datetime | None, Field(description="When the last try began.")]
    finished_at: datetime | None


class AttemptError(TaskError):
    """Why a try brought no result."""

    model_config = ConfigDict(json_schema_extra={"required": ["type", "message", "permanent"]})

    traceback: Annotated[
        str, Field(description="Where the operation raised an exception: the end of it.")
    ] = ""


class Attempt(BaseModel):
    """One try at a task."""

    number: Annotated[int, Field(ge=1, description="From 1.")]
    worker: Annotated[str | None, Field(description="The node that ran it, where that is known.")]
    started_at: datetime
    finished_at: datetime | None
    outcome: Annotated[
        Literal["failed", "timeout", "lost", "interrupted", "cancelled", "success", "running"],
        Field(description="`interrupted`: its worker stopped and gave it back, so it does not count."),
    ]
    error: Annotated[AttemptError | None, Field(description="Null unless it ended without a result.")]


class AttemptList(BaseModel):
    """Every try at a task."""

    results: list[Attempt]


class Many(BaseModel):
    """What became of a request for many at once."""

    count: Annotated[int, Field(ge=0, description="How many were changed; with `dry_run`, would be.")]
    complete: Annotated[bool, Field(description="False: there are more, ask again.")]
    dry_run: bool


class TaskPage(Page[Task]):
    """One page of tasks, newest first."""


class BatchTask(Task):
    """A task that an item of a batch became."""

    index: Annotated[int, Field(ge=0, description="Which item, from 0.")]


class BatchRefusal(BaseModel):
    """An item of a batch that is no task."""

    index: Annotated[int, Field(ge=0, description="Which item, from 0.")]
    errors: list[FieldError]


class BatchAnswer(BaseModel):
    """What became of the items of a batch."""

    tasks: list[BatchTask]
    errors: list[BatchRefusal]


class BatchError(FieldError):
    """An item that is no task (`index`, `errors`), or what is wrong with the request as a whole."""

    model_config = ConfigDict(json_schema_extra={"required": []})

    index: Annotated[int, Field(ge=0, description="Which item, from 0.")] = 0
    errors: list[FieldError] = []


class BatchProblem(Problem):
    """Why nothing of a batch was created."""

    errors: list[BatchError]  # type: ignore[assignment] # a wider form of the same entry
    tasks: Annotated[list[BatchTask], Field(description="Empty.")] = []


class OperationExample(BaseModel):
    """Arguments, and the result they give."""

    arguments: dict[str, Any]
    result: Any


class OperationErrorType(BaseModel):
    """A type of error that is an operation's own."""

    type: Annotated[str, Field(description="As in a task's `error`.")]
    description: Annotated[str, Field(description="When it happens.")]


class Operation(BaseModel):
    """Something that tasks can do."""

    name: str
    summary: str
    idempotent: Annotated[bool, Field(description="Whether running it twice does no more than once.")]
    timeout_seconds: Annotated[float, Field(description="For one try, where a task does not say.")]
    max_attempts: Annotated[int, Field(ge=1, description="Where a task does not say.")]
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

    status: Literal["ok", "away"]
    since: Annotated[datetime | None, Field(description="Since when, where that is known.")]
    count: Annotated[int, Field(ge=0, description="How many processes; not for database and broker.")] = 0


class Parts(BaseModel):
    """How each part of the service is."""

    database: Part
    broker: Part
    worker: Part
    sweeper: Part
    beat: Part


class Readiness(Parts):
    """Whether the whole service is well, part by part."""

    status: Annotated[Literal["ok", "degraded"], Field(description="`ok` when every part is.")]


class NotReady(Parts, Problem):
    """The service accepts nothing: its parts tell which one is away."""
