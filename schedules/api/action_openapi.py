"""What the OpenAPI document says of pausing, resuming and triggering task schedules."""

from datetime import UTC, datetime

from access.api import idempotent
from access.scopes import Scope
from operations import UnknownOperation
from rest.openapi import Answer, Endpoint, Refusal, RequestBody
from schedules.actions.forms import PauseBody, ResumeBody
from schedules.actions.pausing import MOST_AT_ONCE, MOST_CAUGHT_UP, PauseEndsInThePast, wrong_status
from schedules.api import answers
from schedules.api.filters import ManySchedulesQuery
from schedules.api.openapi import ID, IF_MATCH, NO_SCHEDULE, SCHEDULE, STALE, sample
from tasks_api.api import answers as task_answers
from tasks_api.api.openapi import MANY_CHANGED, PENDING_TASK
from tasks_api.api.quotas import limit_submission

PAUSED = sample(
    status="paused", paused_reason="the disk is full", paused_until=datetime(2026, 4, 1, tzinfo=UTC)
)
TRIGGERED = {**PENDING_TASK, "schedule": ID, "scheduled_for": None}
PAUSES = RequestBody(
    PauseBody,
    {
        "until a given time, with a reason": {"reason": "the disk is full", "until": "2126-04-01T00:00:00Z"},
        "until it is resumed": {},
    },
    required=False,
)
RESUMES = RequestBody(
    ResumeBody,
    {"without catching up": {}, "and run the last missed occurrence": {"catch_up": "last"}},
    required=False,
)
BAD_PAUSE = Refusal(
    "The body is invalid, or `until` is in the past; `errors` says what was expected.",
    PauseEndsInThePast(datetime(2026, 1, 1, tzinfo=UTC)),
)
WRONG_STATUS = "Its `status` does not allow it."
MANY = (
    f"Takes the filters of `GET /task-schedules/`; at least one is required. One request changes at most "
    f"{MOST_AT_ONCE:,} schedules: if `complete` is false, repeat it for the rest. `dry_run` only counts."
)


PAUSE_SCHEDULE = Endpoint(
    summary="Pause a task schedule",
    scope=Scope.SCHEDULES_PAUSE,
    description="Whatever is due is handled first. Occurrences during the pause are recorded as `paused` and do not "
    "run by themselves. Pausing a paused schedule sets the `reason` and `until` that are sent, and keeps those "
    "that are omitted; `null` removes them.",
    headers=IF_MATCH,
    body=PAUSES,
    answers={200: Answer("The schedule is paused.", answers.TaskSchedule, PAUSED, ("ETag",))},
    refusals=(BAD_PAUSE, NO_SCHEDULE, Refusal(WRONG_STATUS, wrong_status("completed", "paused")), STALE),
)
RESUME_SCHEDULE = Endpoint(
    summary="Resume a task schedule",
    scope=Scope.SCHEDULES_PAUSE,
    description="`catch_up` runs none, the last, or all of the occurrences during the pause, in order. A schedule that "
    f"is not paused stays as it is. `all` runs at most {MOST_CAUGHT_UP:,}; for more, use backfills.",
    headers=IF_MATCH,
    body=RESUMES,
    answers={200: Answer("The schedule creates tasks again.", answers.TaskSchedule, SCHEDULE, ("ETag",))},
    refusals=(NO_SCHEDULE, Refusal(WRONG_STATUS, wrong_status("error", "resumed")), STALE),
)
TRIGGER_SCHEDULE = Endpoint(
    summary="Run a task schedule's task now",
    scope=Scope.SCHEDULES_TRIGGER,
    limits=limit_submission,
    description="Creates a task from the schedule's template, whatever its status and `overlap_policy`. The task "
    "belongs to no occurrence and does not count towards `schedule_x_times`; until it ends, others overlap with it.",
    headers=idempotent.PARAMETER,
    answers={
        202: Answer(
            "The task, waiting to run. With `Idempotent-Replayed`: the existing task as it is now.",
            task_answers.Task,
            TRIGGERED,
            ("Location", "Retry-After", idempotent.REPLAYED),
        )
    },
    refusals=(
        NO_SCHEDULE,
        idempotent.DELETED,
        Refusal(
            "No task can be created: the operation no longer exists, or the rule can no longer be read.",
            UnknownOperation("resize"),
        ),
    ),
)
PAUSE_SCHEDULES = Endpoint(
    summary="Pause every task schedule that matches a filter",
    scope=Scope.SCHEDULES_PAUSE,
    description=f"Applies to active schedules. Others are not counted; paused ones keep their own `reason` and "
    f"`until`. {MANY}",
    query=ManySchedulesQuery,
    body=PAUSES,
    answers=MANY_CHANGED,
    refusals=(BAD_PAUSE,),
)
RESUME_SCHEDULES = Endpoint(
    summary="Resume every task schedule that matches a filter",
    scope=Scope.SCHEDULES_PAUSE,
    description="Applies to paused schedules; others are not counted. Those for which `catch_up: all` would run more "
    f"than {MOST_CAUGHT_UP:,} occurrences stay paused and are not counted either. {MANY}",
    query=ManySchedulesQuery,
    body=RESUMES,
    answers=MANY_CHANGED,
)
