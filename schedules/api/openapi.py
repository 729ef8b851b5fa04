"""What the OpenAPI document says of `/task-schedules/`."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ConfigDict

from access.api import idempotent
from access.scopes import Scope
from rest.conditions import UNLESS_KNOWN
from rest.headers import Header
from rest.openapi import Answer, Endpoint, Refusal, RequestBody, one_page
from rest.problems import FieldError, InvalidInput, NotFound
from schedules.actions.editing import NameTaken
from schedules.actions.settling import StillCatchingUp, VersionMismatch
from schedules.api import answers, filters, forms, preview
from schedules.api.action_forms import DeleteOptions, EditOptions
from schedules.api.limits import limit_put
from schedules.api.quotas import limit_schedules
from schedules.api.representation import represent_known
from schedules.models import TaskSchedule
from schedules.planning import MisfirePolicy

IF_MATCH = {"If-Match": Header("The `ETag` of the version to act on. Default: any version.")}
ID = "01994f3c-8a00-7e55-b8a1-0c9d2f6e4b17"

RULES: dict[str, dict[str, Any]] = {
    "every day and a half": {"operation": "4+7", "priority": 9, "every_x_days": 1, "every_x_hours": 12},
    "every 90 seconds": {"operation": "4+7", "every_x_minutes": 1, "every_x_seconds": 30},
    "every third day, ten times": {
        "operation": "calculate",
        "arguments": {"expression": "4+7"},
        "every_x_days": 3,
        "starts_at": "2026-03-28T08:00:00+01:00",
        "timezone": "Europe/Berlin",
        "schedule_x_times": 10,
    },
    "cron": {"operation": "4+7", "cron": "30 2 * * mon-fri", "timezone": "Europe/Berlin"},
    "rrule, the last Friday of each month": {
        "operation": "4+7",
        "rrule": "DTSTART;TZID=Europe/Berlin:20260327T170000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR",
    },
    "once": {"operation": "sleep", "arguments": {"seconds": 1}, "run_at": "2126-03-29T01:30:00Z"},
}
MADE_AT = datetime(2026, 3, 27, 10, 15, 0, 500_000, tzinfo=UTC)


def sample(**changes: Any) -> dict[str, Any]:
    """A task schedule as clients see it."""
    schedule = TaskSchedule(
        id=ID,
        operation="calculate",
        arguments={"expression": "4+7"},
        priority=5,
        every_x_days=3,
        timezone="Europe/Berlin",
        starts_at=datetime(2026, 3, 28, 7, 0, tzinfo=UTC),
        schedule_x_times=3,
        misfire_policy=MisfirePolicy.RUN_LAST.value,
        next_run_at=datetime(2026, 3, 31, 6, 0, tzinfo=UTC),
        last_run_at=datetime(2026, 3, 28, 7, 0, tzinfo=UTC),
        runs_created=1,
        ledger_from=MADE_AT,
        created_at=MADE_AT,
        updated_at=MADE_AT,
    )
    for name, value in changes.items():
        setattr(schedule, name, value)
    return represent_known(schedule, {})


SCHEDULE = sample()
EDITED = {**SCHEDULE, "dropped_overrides": ["2026-04-03T06:00:00Z"]}
REPLACED = {**SCHEDULE, "name": "numbers", "dropped_overrides": []}
EFFECT = {
    "dry_run": True,
    "task_schedule": SCHEDULE,
    "before": [],
    "after": SCHEDULE["upcoming"],
    "dropped_overrides": [],
    "warnings": [],
}
DRY_RUN = {"dry_run=true": Answer("What the request would do.", answers.ScheduleEffect, EFFECT)}
PREVIEW: dict[str, Any] = {
    "occurrences": [
        {"at": "2026-03-28T01:30:00Z", "local": "2026-03-28T02:30:00+01:00", "note": None},
        {
            "at": "2026-03-29T01:00:00Z",
            "local": "2026-03-29T03:00:00+02:00",
            "note": "02:30 does not exist on 2026-03-29: moved to 03:00",
        },
    ],
    "description": "Every day at 02:30 Europe/Berlin",
    "warnings": [],
}
BAD_RULE = Refusal(
    "The rule, `after` or `count` is invalid; `errors` says what was expected.",
    InvalidInput([FieldError(("every_x_days",), "min_value", "must be at least 1, got 0")]),
)
NO_SCHEDULE = Refusal("There is no such task schedule.", TaskSchedule.DoesNotExist())
STALE = Refusal("`If-Match` does not match the current version.", VersionMismatch(3))
EFFECT_TOLD = (
    "With `dry_run=true` the request is carried out and rolled back: it is refused if it would be, else the answer is "
    "200 with a `ScheduleEffect`, without an `ETag`."
)


class ScheduleChanges(forms.ScheduleBody):
    """The body of `PATCH /task-schedules/{id}/`. Omitted fields stay as they are."""

    model_config = ConfigDict(json_schema_extra={"required": []})


LIST_SCHEDULES = Endpoint(
    summary="List task schedules, newest first",
    scope=Scope.SCHEDULES_READ,
    description="One page of the schedules that match all filters, with links to the next and previous pages.",
    query=filters.ScheduleListQuery,
    answers=one_page(answers.TaskSchedulePage, [SCHEDULE]),
)
CREATE_SCHEDULE = Endpoint(
    summary="Create a task schedule",
    scope=Scope.SCHEDULES_WRITE,
    limits=limit_schedules,
    description="Takes the template of its tasks and exactly one kind of rule: `every_x_days`, `every_x_hours`, "
    "`every_x_minutes` and `every_x_seconds` (added up), `cron`, `rrule` or `run_at`. Creating never catches up: a "
    "past `starts_at` only says where counting starts.\n\nWith `dry_run=true` the request is checked and nothing is "
    "created; an `Idempotency-Key` is ignored.",
    query=EditOptions,
    body=RequestBody(forms.ScheduleBody, RULES),
    headers=idempotent.PARAMETER,
    answers={
        200: Answer("With `dry_run=true`: what the request would do.", answers.ScheduleEffect, EFFECT),
        201: Answer(
            "The new schedule. With `Idempotent-Replayed`: the existing schedule as it is now.",
            answers.TaskSchedule,
            SCHEDULE,
            ("Location", "ETag", idempotent.REPLAYED),
        ),
    },
    refusals=(
        Refusal("Another schedule has this `name`.", NameTaken()),
        idempotent.DELETED,
        idempotent.REUSED,
    ),
)
PREVIEW_SCHEDULE = Endpoint(
    operation_id="preview_task_schedule",
    summary="Preview a rule",
    scope=Scope.SCHEDULES_READ,
    description="Shows which instants a rule names, and the rule in plain English. Saves nothing. Without `after` it "
    "shows what a schedule created now would do, and refuses what that would refuse; with `after`, as if created then.",
    body=RequestBody(
        preview.PreviewBody,
        {
            "cron, from now on": {"cron": "0 9 * * *", "timezone": "Europe/Berlin"},
            "around a clock change": {
                "rrule": "DTSTART;TZID=Europe/Berlin:20260327T023000\nRRULE:FREQ=DAILY",
                "after": "2026-03-27T00:00:00Z",
                "count": 3,
            },
        },
    ),
    answers={200: Answer("The first occurrences.", answers.Preview, PREVIEW)},
    refusals=(BAD_RULE,),
)
NAME_PATH = {
    "name": "The `name`, percent-encoded UTF-8, at most 200 characters. After a name that ends in `/`, "
    "the path's own slash is required. Many clients change the names `.` and `..` on the way."
}
STILL_SO = Answer("It is still as in the answer that `If-None-Match` names.", headers=("ETag",))
GET_SCHEDULE = Endpoint(
    summary="Read a task schedule",
    scope=Scope.SCHEDULES_READ,
    headers=UNLESS_KNOWN,
    answers={200: Answer("The schedule.", answers.TaskSchedule, SCHEDULE, ("ETag",)), 304: STILL_SO},
    refusals=(NO_SCHEDULE,),
)
CHANGE_SCHEDULE = Endpoint(
    summary="Change some fields of a task schedule",
    scope=Scope.SCHEDULES_WRITE,
    description="Omitted fields stay as they are; `null` restores the default. Whatever is due is first handled under "
    "the old rule. A rule of another kind replaces the rule; another operation replaces the arguments. No edit "
    f"ends a pause.\n\n{EFFECT_TOLD}",
    query=EditOptions,
    headers=IF_MATCH,
    body=RequestBody(
        ScheduleChanges,
        {
            "another priority": {"priority": 9},
            "another kind of rule": {"cron": "@daily", "timezone": "Europe/Berlin"},
        },
        required=False,
    ),
    answers={
        200: Answer(
            "The schedule as it is now.", answers.EditedTaskSchedule, EDITED, ("ETag",), instead=DRY_RUN
        )
    },
    refusals=(
        NO_SCHEDULE,
        Refusal(
            "Another schedule has this `name`; or so many occurrences are still due that they must be swept first.",
            NameTaken(),
        ),
        STALE,
    ),
)
GET_SCHEDULE_BY_NAME = Endpoint(
    scope=Scope.SCHEDULES_READ,
    operation_id="get_task_schedule_by_name",
    summary="Read the task schedule of a name",
    path=NAME_PATH,
    headers=UNLESS_KNOWN,
    answers={200: Answer("The schedule.", answers.TaskSchedule, SCHEDULE, ("ETag",)), 304: STILL_SO},
    refusals=(
        Refusal("There is no task schedule with this name.", NotFound("there is no such task schedule")),
    ),
)
PUT_SCHEDULE = Endpoint(
    operation_id="put_task_schedule",
    summary="Create or replace a task schedule by name",
    scope=Scope.SCHEDULES_WRITE,
    limits=limit_put,
    description="Takes the whole schedule, as `POST /task-schedules/` does: omitted fields take their defaults, except "
    "that `starts_at` keeps its stored value. Sending the same body again changes only the version. As with PATCH, "
    f"whatever is due is handled first, and a pause continues.\n\n{EFFECT_TOLD}",
    path=NAME_PATH,
    query=EditOptions,
    headers={
        **IF_MATCH,
        "If-None-Match": Header("`*`: only if there is no schedule with this name yet.", r"^\*$", 1),
    },
    body=RequestBody(
        forms.ScheduleBody,
        {
            "every morning": {"operation": "4+7", "cron": "30 8 * * *", "timezone": "Europe/Berlin"},
            "at most one at a time": {
                "operation": "4+7",
                "every_x_hours": 1,
                "overlap_policy": "queue_one",
                "jitter_seconds": 60,
            },
        },
    ),
    answers={
        200: Answer(
            "The schedule was replaced.", answers.EditedTaskSchedule, REPLACED, ("ETag",), instead=DRY_RUN
        ),
        201: Answer("The schedule was created.", answers.EditedTaskSchedule, REPLACED, ("Location", "ETag")),
    },
    refusals=(
        Refusal("So many occurrences are still due that they must be swept first.", StillCatchingUp()),
        Refusal(
            "`If-Match` does not match the current version, or there is no such schedule; or there is one, but "
            "`If-None-Match` requires that there is none.",
            VersionMismatch(3),
        ),
    ),
)
DELETE_SCHEDULE = Endpoint(
    summary="Delete a task schedule",
    scope=Scope.SCHEDULES_WRITE,
    description="Its ledger is deleted. Its tasks stay, including waiting ones unless `cancel_waiting` is set.",
    query=DeleteOptions,
    headers=IF_MATCH,
    answers={204: Answer("The schedule is gone; its tasks stay.")},
    refusals=(NO_SCHEDULE, STALE),
)
