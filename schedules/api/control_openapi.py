"""What the OpenAPI document says of pausing, resuming and triggering task schedules."""

from datetime import UTC, datetime

from rest.openapi import Answer, Body, Endpoint, Refusal, bad_input
from rest.openapi.conventions import BAD_BODY
from rest.problems import FieldError
from schedules.actions.pausing import MOST_AT_ONCE, MOST_CAUGHT_UP
from schedules.api import answers
from schedules.api.control_forms import PauseBody, ResumeBody
from schedules.api.filters import ManySchedulesQuery
from schedules.api.openapi import ID, IF_MATCH, NO_SCHEDULE, SCHEDULE, SCHEDULE_ID, SCHEDULES, STALE, sample
from tasks_api.api import answers as task_answers
from tasks_api.api import idempotent
from tasks_api.api.openapi import PENDING_TASK

PAUSED = sample(
    status="paused", paused_reason="the disk is full", paused_until=datetime(2026, 4, 1, tzinfo=UTC)
)
TRIGGERED = {**PENDING_TASK, "schedule": ID, "scheduled_for": None}
COUNTED = {"count": 17, "complete": True, "failed": 0, "dry_run": False}
PAUSES = Body(
    PauseBody,
    {
        "until a given time, with a reason": {"reason": "the disk is full", "until": "2126-04-01T00:00:00Z"},
        "until it is resumed": {},
    },
    required=False,
)
RESUMES = Body(
    ResumeBody,
    {"without catching up": {}, "and run the last missed occurrence": {"catch_up": "last"}},
    required=False,
)
BAD_PAUSE = bad_input(
    "The body is invalid, or `until` is in the past; `errors` says what was expected.",
    FieldError(("until",), "too_early", "must be in the future, got 2026-01-01T00:00:00Z"),
)
MANY = (
    f"Takes the filters of `GET /task-schedules/`; at least one is required. One request changes at most "
    f"{MOST_AT_ONCE:,} schedules: if `complete` is false, repeat it for the rest. `dry_run` only counts."
)


def refused_in(state: str, possible: str) -> Refusal:
    """409: the schedule is in the wrong state."""
    return Refusal("Its `status` does not allow it.", "conflict", f"the schedule {state}: {possible}")


PAUSE_SCHEDULE = Endpoint(
    operation_id="pause_task_schedule",
    tag=SCHEDULES,
    summary="Pause a task schedule",
    description="Whatever is due is handled first. Occurrences during the pause are recorded as `paused` and do not "
    "run by themselves. Pausing a paused schedule sets the `reason` and `until` that are sent, and keeps those "
    "that are omitted; `null` removes them.",
    path=SCHEDULE_ID,
    headers=IF_MATCH,
    body=PAUSES,
    answers={200: Answer("The schedule is paused.", answers.TaskSchedule, PAUSED, ("ETag",))},
    refusals={
        400: BAD_PAUSE,
        404: NO_SCHEDULE,
        409: refused_in("is completed", "only one that is active can be paused"),
        412: STALE,
    },
)
RESUME_SCHEDULE = Endpoint(
    operation_id="resume_task_schedule",
    tag=SCHEDULES,
    summary="Resume a task schedule",
    description="`catch_up` runs none, the last, or all of the occurrences during the pause, in order. A schedule that "
    f"is not paused stays as it is. `all` runs at most {MOST_CAUGHT_UP:,}; for more, use backfills.",
    path=SCHEDULE_ID,
    headers=IF_MATCH,
    body=RESUMES,
    answers={200: Answer("The schedule creates tasks again.", answers.TaskSchedule, SCHEDULE, ("ETag",))},
    refusals={
        400: BAD_BODY,
        404: NO_SCHEDULE,
        409: refused_in("was set aside with an error", "edit it to fix the error, then resume it"),
        412: STALE,
    },
)
TRIGGER_SCHEDULE = Endpoint(
    operation_id="trigger_task_schedule",
    tag=SCHEDULES,
    summary="Run a task schedule's task now",
    description="Creates a task from the schedule's template, whatever its status and `overlap_policy`. The task "
    "belongs to no occurrence and does not count towards `schedule_x_times`; until it ends, others overlap with it.",
    path=SCHEDULE_ID,
    headers=idempotent.PARAMETER,
    answers={
        202: Answer(
            "The task, waiting to run. With `Idempotent-Replayed`: the existing task as it is now.",
            task_answers.Task,
            TRIGGERED,
            ("Location", "Retry-After", idempotent.REPLAYED),
        )
    },
    refusals={
        404: NO_SCHEDULE,
        410: idempotent.DELETED,
        409: Refusal(
            "No task can be created: the operation no longer exists, or the rule can no longer be read.",
            "conflict",
            'no task can be created: there is no operation "resize"; change the schedule\'s operation',
        ),
    },
)
PAUSE_SCHEDULES = Endpoint(
    operation_id="pause_task_schedules",
    tag=SCHEDULES,
    summary="Pause every task schedule that matches a filter",
    description=f"Applies to active schedules. Others are not counted; paused ones keep their own `reason` and "
    f"`until`. {MANY}",
    query=ManySchedulesQuery,
    body=PAUSES,
    answers={200: Answer("How many were changed.", task_answers.Many, COUNTED)},
    refusals={400: BAD_PAUSE},
)
RESUME_SCHEDULES = Endpoint(
    operation_id="resume_task_schedules",
    tag=SCHEDULES,
    summary="Resume every task schedule that matches a filter",
    description="Applies to paused schedules; others are not counted. Those for which `catch_up: all` would run more "
    f"than {MOST_CAUGHT_UP:,} occurrences stay paused and are not counted either. {MANY}",
    query=ManySchedulesQuery,
    body=RESUMES,
    answers={200: Answer("How many were changed.", task_answers.Many, COUNTED)},
    refusals={400: BAD_BODY},
)
