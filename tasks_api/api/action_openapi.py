"""What the OpenAPI document says of changing, cancelling and retrying tasks, and of their attempts."""

from access.scopes import Scope
from rest.openapi import Answer, Endpoint, Refusal, RequestBody
from tasks_api import actions
from tasks_api.api import answers, tasks
from tasks_api.api.filters import ManyQuery
from tasks_api.api.openapi import DONE_TASK, MANY_CHANGED, NO_TASK, PENDING_TASK
from tasks_api.api.quotas import limit_retries, limit_retry

CANCELLED = {"type": "cancelled", "message": "it was cancelled", "permanent": True}
REVOKED_TASK = PENDING_TASK | {
    "status": "REVOKED",
    "error": CANCELLED,
    "finished_at": "2026-03-29T01:30:00.130Z",
}
FAILED_TRY = {
    "number": 1,
    "worker": "worker@host",
    "started_at": "2026-03-29T01:30:00.125Z",
    "finished_at": "2026-03-29T01:30:30.131Z",
    "outcome": "timeout",
    "error": {
        "type": "timeout",
        "message": "the operation ran longer than timeout_seconds",
        "permanent": False,
    },
}
LAST_TRY = {
    "number": 2,
    "worker": None,
    "started_at": DONE_TASK["started_at"],
    "finished_at": DONE_TASK["finished_at"],
    "outcome": "success",
    "error": None,
}
MANY = (
    "Takes the filters of `GET /tasks/`; at least one is required. One request changes at most 50,000 tasks: if "
    "`complete` is false, repeat it for the rest. `dry_run` only counts."
)


CHANGE_TASK = Endpoint(
    summary="Change a waiting task",
    scope=Scope.TASKS_EDIT,
    description="Omitted fields stay as they are; `null` restores the default. The task keeps its `id`, and workers "
    "pick it up by its new priority, at its new time.",
    body=RequestBody(
        tasks.TaskChanges,
        {
            "more urgent": {"priority": 9},
            "later, with other tags": {"run_at": "2126-03-29T01:30:00+02:00", "tags": ["postponed"]},
        },
        required=False,
    ),
    answers={200: Answer("The task as it is now.", answers.Task, PENDING_TASK)},
    refusals=(NO_TASK, Refusal("The task is no longer waiting.", actions.NotEditable("STARTED"))),
)
CANCEL_TASK = Endpoint(
    summary="Cancel a task",
    scope=Scope.TASKS_CANCEL,
    description="A waiting task is REVOKED at once. A running one is asked to stop, and killed if it does not: the "
    "answer still shows it as STARTED. Use `?wait=` on the task to see how it ends.",
    answers={200: Answer("The task as it is now.", answers.Task, REVOKED_TASK)},
    refusals=(NO_TASK, Refusal("The task is final.", actions.NotCancellable("SUCCESS"))),
)
RETRY_TASK = Endpoint(
    summary="Run a task again",
    scope=Scope.TASKS_RETRY,
    limits=limit_retry,
    description="The same task, with a fresh allowance of `max_attempts`; `attempt` keeps counting. It runs as soon as "
    "a worker is free, and no longer expires. Held to the project's quota of waiting tasks.",
    answers={
        202: Answer("The task, waiting to run.", answers.Task, PENDING_TASK, ("Location", "Retry-After"))
    },
    refusals=(
        NO_TASK,
        Refusal("The task is neither FAILURE nor REVOKED.", actions.NotRevivable("SUCCESS")),
    ),
)
CANCEL_TASKS = Endpoint(
    summary="Cancel every task that matches a filter",
    scope=Scope.TASKS_CANCEL,
    description=f"Waiting tasks are REVOKED, running ones are asked to stop; final ones are not counted. {MANY}",
    query=ManyQuery,
    answers=MANY_CHANGED,
)
RETRY_TASKS = Endpoint(
    summary="Run every task that matches a filter again",
    scope=Scope.TASKS_RETRY,
    limits=limit_retries,
    description="Applies to FAILURE and REVOKED tasks; others are not counted. `status=FAILURE` leaves out those "
    f"that were cancelled or expired. {MANY}",
    query=ManyQuery,
    answers=MANY_CHANGED,
)
LIST_ATTEMPTS = Endpoint(
    summary="List a task's attempts",
    scope=Scope.TASKS_READ,
    description="In the order in which they began, including one that is still running.",
    answers={200: Answer("Every attempt.", answers.AttemptList, {"results": [FAILED_TRY, LAST_TRY]})},
    refusals=(NO_TASK,),
)
