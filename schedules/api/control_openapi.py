"""What the OpenAPI document says of pausing, resuming and triggering task schedules."""

from rest.openapi import Answer, Body, Endpoint, Refusal
from rest.openapi.conventions import BAD_BODY
from schedules.api import answers
from schedules.api.control_forms import PauseBody, ResumeBody
from schedules.api.filters import ManySchedulesQuery
from schedules.api.openapi import ID, NO_SCHEDULE, SCHEDULE, SCHEDULE_ID, SCHEDULES
from schedules.pausing import MOST_AT_ONCE, MOST_CAUGHT_UP
from tasks_api.api import answers as task_answers
from tasks_api.api.openapi import PENDING_TASK

PAUSED = {
    **SCHEDULE,
    "status": "paused",
    "paused_reason": "the disk is full",
    "paused_until": "2026-04-01T00:00:00Z",
    "next_run_at": "2026-04-03T06:00:00Z",
    "upcoming": SCHEDULE["upcoming"][1:],
}
TRIGGERED = {**PENDING_TASK, "schedule": ID, "scheduled_for": None}
COUNTED = {"count": 17, "complete": True, "dry_run": False}
PAUSES = Body(
    PauseBody,
    {
        "for a reason, until then": {"reason": "the disk is full", "until": "2126-04-01T00:00:00Z"},
        "until it is resumed": {},
    },
    required=False,
)
RESUMES = Body(
    ResumeBody,
    {"as if nothing had been missed": {}, "and run the last that was missed": {"catch_up": "last"}},
    required=False,
)
NO_TIME_LEFT = "must be in the future, got 2026-01-01T00:00:00Z"
BAD_PAUSE = Refusal(
    "The body is not valid, or `until` is past; `errors` says what was expected.",
    "invalid_input",
    NO_TIME_LEFT,
    {"errors": [{"pointer": "#/until", "code": "too_early", "detail": NO_TIME_LEFT}]},
)
MANY = (
    f"Parameters as in the list of schedules say which are meant, and at least one must. At most {MOST_AT_ONCE:,} are "
    "changed: with `complete` false, ask again for the rest. `dry_run` only counts."
)


def refused_in(state: str, possible: str) -> Refusal:
    """409: the schedule is in the wrong state."""
    return Refusal("Its `status` does not allow it.", "conflict", f"the schedule {state}: {possible}")


PAUSE_SCHEDULE = Endpoint(
    operation_id="pause_task_schedule",
    tag=SCHEDULES,
    summary="Pause a task schedule",
    description="What is due is dealt with first. The occurrences of the pause are told as `paused`, and do not run by "
    "themselves. One that is paused already takes the `reason` and `until` that are sent, and keeps those that are "
    "left out; `null` takes them away.",
    path=SCHEDULE_ID,
    body=PAUSES,
    answers={200: Answer("It is paused.", answers.TaskSchedule, PAUSED, ("ETag",))},
    refusals={
        400: BAD_PAUSE,
        404: NO_SCHEDULE,
        409: refused_in("is completed", "only one that is active can be paused"),
    },
)
RESUME_SCHEDULE = Endpoint(
    operation_id="resume_task_schedule",
    tag=SCHEDULES,
    summary="Resume a task schedule",
    description="Of the occurrences of the pause `catch_up` runs none, the last, or all, in their order. One that is "
    f"not paused stays as it is. `all` takes at most {MOST_CAUGHT_UP:,}; a backfill runs a part of more.",
    path=SCHEDULE_ID,
    body=RESUMES,
    answers={200: Answer("It makes tasks again.", answers.TaskSchedule, SCHEDULE, ("ETag",))},
    refusals={
        400: BAD_BODY,
        404: NO_SCHEDULE,
        409: refused_in("was set aside with an error", "an edit mends it, then it can be resumed"),
    },
)
TRIGGER_SCHEDULE = Endpoint(
    operation_id="trigger_task_schedule",
    tag=SCHEDULES,
    summary="Run a task schedule's task now",
    description="A task as the schedule makes them, whatever its status and `overlap_policy`. It is of no occurrence: "
    "it moves nothing, and does not count for `schedule_x_times`; but it counts as unfinished while it runs.",
    path=SCHEDULE_ID,
    answers={202: Answer("The task waits.", task_answers.Task, TRIGGERED, ("Location", "Retry-After"))},
    refusals={
        404: NO_SCHEDULE,
        409: Refusal(
            "No task can be made: its operation is not there any more, or its rule can no longer be read.",
            "conflict",
            'no task can be made: there is no operation "resize"; change the schedule\'s operation',
        ),
    },
)
PAUSE_SCHEDULES = Endpoint(
    operation_id="pause_task_schedules",
    tag=SCHEDULES,
    summary="Pause all task schedules that a filter names",
    description=f"Those that are active. Others do not count: those that are paused keep their own `reason` and "
    f"`until`. {MANY}",
    query=ManySchedulesQuery,
    body=PAUSES,
    answers={200: Answer("How many.", task_answers.Many, COUNTED)},
    refusals={400: BAD_PAUSE},
)
RESUME_SCHEDULES = Endpoint(
    operation_id="resume_task_schedules",
    tag=SCHEDULES,
    summary="Resume all task schedules that a filter names",
    description="Those that are paused; others do not count, nor do those of which `catch_up` `all` would run more "
    f"than {MOST_CAUGHT_UP:,} occurrences: they stay paused. {MANY}",
    query=ManySchedulesQuery,
    body=RESUMES,
    answers={200: Answer("How many.", task_answers.Many, COUNTED)},
    refusals={400: BAD_BODY},
)
