"""What the OpenAPI document says of changing, cancelling and retrying tasks, and of their attempts."""

from rest.openapi import Answer, Body, Endpoint, Refusal
from rest.openapi.conventions import BAD_BODY
from tasks_api.api import answers, tasks
from tasks_api.api.filters import ManyQuery
from tasks_api.api.openapi import DONE_TASK, NO_TASK, PENDING_TASK, TASK_ID, TASKS

CANCELLED = {"type": "cancelled", "message": "it was cancelled", "permanent": True}
REVOKED_TASK = PENDING_TASK | {
    "status": "REVOKED",
    "error": CANCELLED,
    "finished_at": "2026-03-29T01:30:00.130Z",
}
COUNTED = {"count": 17, "complete": True, "dry_run": False}
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
    "Parameters as in the list of tasks say which are meant, and at least one must. At most 50,000 are changed: with "
    "`complete` false, ask again for the rest. `dry_run` only counts."
)


def refused_in(state: str, when: str, possible: str) -> Refusal:
    """409: the task is in the wrong state."""
    return Refusal(when, "conflict", f"the task is {state}{possible}")


CHANGE_TASK = Endpoint(
    operation_id="change_task",
    tag=TASKS,
    summary="Change a task that waits",
    description="What is not named stays as it is; `null` is the default. It keeps its `id`, and is handed to a "
    "worker by its new priority, at its new time.",
    path=TASK_ID,
    body=Body(
        tasks.TaskChanges,
        {
            "more urgent": {"priority": 9},
            "later, with other tags": {"run_at": "2126-03-29T01:30:00+02:00", "tags": ["postponed"]},
        },
    ),
    answers={200: Answer("The task as it is now.", answers.Task, PENDING_TASK)},
    refusals={
        400: BAD_BODY,
        404: NO_TASK,
        409: refused_in("STARTED", "It does not wait any more.", ": only one that waits can be changed"),
    },
)
CANCEL_TASK = Endpoint(
    operation_id="cancel_task",
    tag=TASKS,
    summary="Cancel a task",
    description="One that waits is REVOKED at once. One that runs is asked to stop, and stopped if it does not: the "
    "answer still shows it STARTED, and `?wait=` of its path tells the end.",
    path=TASK_ID,
    answers={200: Answer("The task as it stands.", answers.Task, REVOKED_TASK)},
    refusals={404: NO_TASK, 409: refused_in("SUCCESS", "It is final.", ", which is final")},
)
RETRY_TASK = Endpoint(
    operation_id="retry_task",
    tag=TASKS,
    summary="Run a task again",
    description="The same task, with all of `max_attempts` anew; `attempt` goes on counting. It runs as soon as a "
    "worker is free, and does not expire.",
    path=TASK_ID,
    answers={202: Answer("The task waits.", answers.Task, PENDING_TASK, ("Location", "Retry-After"))},
    refusals={
        404: NO_TASK,
        409: refused_in(
            "SUCCESS",
            "It is neither FAILURE nor REVOKED.",
            ": only one that is FAILURE or REVOKED can run again",
        ),
    },
)
CANCEL_TASKS = Endpoint(
    operation_id="cancel_tasks",
    tag=TASKS,
    summary="Cancel all tasks that a filter names",
    description=f"Those that wait are REVOKED, those that run are asked to stop; final ones do not count. {MANY}",
    query=ManyQuery,
    answers={200: Answer("How many.", answers.Many, COUNTED)},
)
RETRY_TASKS = Endpoint(
    operation_id="retry_tasks",
    tag=TASKS,
    summary="Run all tasks again that a filter names",
    description="Those that are FAILURE or REVOKED; others do not count. With `status=FAILURE` those that somebody "
    f"cancelled stay so. {MANY}",
    query=ManyQuery,
    answers={200: Answer("How many.", answers.Many, COUNTED)},
)
LIST_ATTEMPTS = Endpoint(
    operation_id="list_attempts",
    tag=TASKS,
    summary="List the tries at a task",
    description="In the order in which they began, the running one included.",
    path=TASK_ID,
    answers={200: Answer("Every try.", answers.AttemptList, {"results": [FAILED_TRY, LAST_TRY]})},
    refusals={404: NO_TASK},
)
