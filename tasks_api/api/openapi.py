"""What the OpenAPI document says of `/tasks/`, `/operations/` and `/health/`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from django.conf import settings
from pydantic import Field

from access.api import idempotent
from access.scopes import Scope
from operations import Operation, UnknownOperation, catalogue
from rest.conditions import UNLESS_KNOWN
from rest.headers import APPLIED, PREFERENCE
from rest.openapi import ANY_ACTOR, PUBLIC, Answer, Endpoint, Refusal, RequestBody, one_page
from rest.unavailable import DatabaseAway
from tasks_api.api import answers, operations, tasks
from tasks_api.api.batches import BatchRefused
from tasks_api.api.filters import TaskListQuery
from tasks_api.api.quotas import limit_submission
from tasks_api.models import Task, no_task
from tasks_api.removal import NotRemovable

ID = "01994f3c-8a00-7c3d-9f21-4b1f0a6de851"

MADE_AT = datetime(2026, 3, 29, 1, 30, 0, 125_000, tzinfo=UTC)
PENDING_TASK = tasks.represent(
    Task(
        id=ID,
        operation="calculate",
        arguments={"expression": "4+7"},
        priority=9,
        max_attempts=3,
        timeout_seconds=30.0,
        run_at=MADE_AT,
        created_at=MADE_AT,
    )
)
DONE_TASK = PENDING_TASK | {
    "status": "SUCCESS",
    "result": 11,
    "attempt": 1,
    "started_at": "2026-03-29T01:30:00.131Z",
    "finished_at": "2026-03-29T01:30:00.132Z",
}
NO_TASK = Refusal("There is no such task.", no_task(UUID(ID)))
COUNTED = {"count": 17, "complete": True, "failed": 0, "dry_run": False}
MANY_CHANGED = {200: Answer("How many were changed.", answers.Many, COUNTED)}

LIST_TASKS = Endpoint(
    summary="List tasks, newest first",
    scope=Scope.TASKS_READ,
    description="One page of the tasks that match all filters, with links to the next and previous pages.",
    query=TaskListQuery,
    answers=one_page(answers.TaskPage, [DONE_TASK]),
)
CREATE_TASK = Endpoint(
    summary="Create a task",
    scope=Scope.TASKS_SUBMIT,
    limits=limit_submission,
    description="The task runs as soon as it is due and a worker is free. `operation` is a name or an arithmetic "
    "expression, which is short for `calculate`. Read the result at `Location`, for instance with `?wait=30`, "
    "or have it at once with `Prefer: wait=30`.",
    body=RequestBody(
        tasks.TaskBody,
        {
            "arithmetic, most urgent": {"operation": "4+7", "priority": 9},
            "an operation by name": {"operation": "sleep", "arguments": {"seconds": 1.5}, "tags": ["demo"]},
            "in a minute": {"operation": "4+7", "delay_seconds": 60},
            "later, with a deadline": {
                "operation": "calculate",
                "arguments": {"expression": "sqrt(2) * 10 // 1"},
                "run_at": "2126-03-29T01:30:00+02:00",
                "expires_at": "2126-03-29T02:30:00+02:00",
                "timeout_seconds": 10,
                "max_attempts": 5,
            },
        },
    ),
    headers={**idempotent.PARAMETER, **PREFERENCE},
    answers={
        200: Answer(
            "With `Prefer: wait`: the task, which is final by now.",
            answers.Task,
            DONE_TASK,
            ("Location", APPLIED, idempotent.REPLAYED),
        ),
        202: Answer(
            "The new task, waiting to run. With `Idempotent-Replayed`: the existing task as it is now.",
            answers.Task,
            PENDING_TASK,
            ("Location", "Retry-After", APPLIED, idempotent.REPLAYED),
        ),
    },
    refusals=(idempotent.DELETED, idempotent.REUSED),
)

BATCH_ITEM_ERROR = {"pointer": "#/1/priority", "code": "max_value", "detail": "must be at most 9, got 12"}
BATCH_REFUSAL = {"index": 1, "errors": [BATCH_ITEM_ERROR]}
BatchBody = Annotated[list[tasks.TaskBody], Field(max_length=settings.BATCH_MAX_TASKS)]

CREATE_TASKS = Endpoint(
    operation_id="create_tasks",
    summary="Create many tasks in one request",
    scope=Scope.TASKS_SUBMIT,
    limits=limit_submission,
    description="Valid items are created in one transaction; invalid ones are listed in `errors` by `index`. "
    "With `atomic`, either all items are created or none.",
    query=tasks.BatchOptions,
    headers=idempotent.PARAMETER,
    body=RequestBody(
        BatchBody,
        {
            "three priorities": [
                {"operation": "4+7", "priority": 1},
                {"operation": "sleep", "arguments": {"seconds": 0.5}},
                {"operation": "2**10", "priority": 9, "tags": ["alarm"]},
            ]
        },
    ),
    answers={
        202: Answer(
            "The tasks created, and the items refused.",
            answers.BatchAnswer,
            {"tasks": [{"index": 0, **PENDING_TASK}], "errors": [BATCH_REFUSAL]},
            (idempotent.REPLAYED,),
        )
    },
    refusals=(
        idempotent.REUSED,
        Refusal(
            "No item is valid; with `atomic`, at least one is not; or the request as a whole is invalid.",
            BatchRefused([BATCH_REFUSAL], valid=1),
            answers.BatchProblem,
        ),
    ),
)
GET_TASK = Endpoint(
    summary="Read a task, or wait for its result",
    scope=Scope.TASKS_READ,
    query=tasks.Wait,
    headers={**PREFERENCE, **UNLESS_KNOWN},
    answers={
        200: Answer(
            "The task. With `Retry-After`: too many requests are already waiting, so this one did not wait.",
            answers.Task,
            DONE_TASK,
            ("ETag", "Retry-After", APPLIED),
        ),
        304: Answer("It is still as in the answer that `If-None-Match` names.", headers=("ETag", APPLIED)),
    },
    refusals=(NO_TASK,),
)
DELETE_TASK = Endpoint(
    summary="Delete a task that has not started",
    scope=Scope.TASKS_DELETE,
    query=tasks.DeleteOptions,
    answers={204: Answer("The task is gone.")},
    refusals=(
        NO_TASK,
        Refusal("The task has started, or it is final and `force` is not set.", NotRemovable("SUCCESS")),
    ),
)

OPERATION_NAME = {"name": "The name of an operation, such as `calculate`."}
CALCULATE: Operation = catalogue.get("calculate")

LIST_OPERATIONS = Endpoint(
    summary="List what tasks can do",
    scope=ANY_ACTOR,
    answers={
        200: Answer("Every operation.", answers.OperationList, {"results": [operations.represent(CALCULATE)]})
    },
    uses_database=False,
)
GET_OPERATION = Endpoint(
    summary="Read one operation",
    scope=ANY_ACTOR,
    path=OPERATION_NAME,
    answers={200: Answer("The operation.", answers.Operation, operations.represent(CALCULATE))},
    refusals=(Refusal("There is no such operation.", UnknownOperation("calculat", "calculate")),),
    uses_database=False,
)

CHECKED = {"since": "2026-03-29T01:30:00.125Z", "checked_at": "2026-03-29T09:12:31.500Z"}
WELL = {"status": "ok", **CHECKED}
SILENT = {"status": "away", **CHECKED, "reason": "no answer for 12 s"}
ROLE_WELL = {"status": "ok", "since": "2026-03-29T01:30:00.125Z", "count": 1}
AWAY = {"status": "away", "since": None}
ROLES = ("worker", "sweeper", "beat")
ALL_WELL = {"database": WELL, "broker": WELL, **dict.fromkeys(ROLES, ROLE_WELL)}
NO_DATABASE = {"database": SILENT, "broker": WELL, **dict.fromkeys(ROLES, AWAY)}

LIVE = Endpoint(
    operation_id="health_live",
    summary="Check that this process answers",
    scope=PUBLIC,
    answers={200: Answer("The process answers.", answers.Liveness, {"status": "ok"})},
    uses_database=False,
)
READY = Endpoint(
    operation_id="health_ready",
    summary="Check the whole service",
    scope=PUBLIC,
    answers={
        200: Answer(
            "Tasks are accepted. `degraded`: at least one part is away, or something in it fails. Within a second.",
            answers.Readiness,
            {"status": "ok", **ALL_WELL},
        )
    },
    refusals=(
        Refusal(
            "The database is away, so nothing is accepted.", DatabaseAway(**NO_DATABASE), answers.NotReady
        ),
    ),
)
