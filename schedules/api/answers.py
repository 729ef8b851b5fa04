"""The shapes of what `/task-schedules/` answers, for the OpenAPI document.

The answers are built by `readback` and `effects`; the tests hold them against these shapes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from operations.definition import MAX_NAME_LENGTH
from operations.limits import MAX_ATTEMPTS
from rest.openapi.shapes import Count, Line, Page, Text
from schedules.actions.overriding import MOST as MOST_OVERRIDES
from schedules.filters import LONGEST_NAME
from schedules.models import ScheduleStatus
from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.recurrence import MAX_LENGTH
from tasks_api.api.template import MOST_TAGS, Priority, Tag

MOST_PREVIEWED = 1_000
MOST_WARNINGS = 1_000
MaxAttempts = Annotated[int, Field(ge=1, le=MAX_ATTEMPTS)]


class UpcomingOccurrence(BaseModel):
    """An upcoming instant."""

    at: datetime
    local: Annotated[
        datetime, Field(description="The same instant in the schedule's `timezone`, with its offset.")
    ]


class TaskSchedule(BaseModel):
    """A rule for when tasks are created, and the template of those tasks."""

    id: UUID
    operation: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    arguments: Annotated[
        dict[str, Any] | None, Field(description="Null without the scope `payloads:read`, as is `error`.")
    ]
    priority: Annotated[Priority, Field(description="9 is the most urgent.")]
    timeout_seconds: Annotated[float | None, Field(description="Null: the operation's default.")]
    max_attempts: Annotated[MaxAttempts | None, Field(description="Null: the operation's default.")]
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)]
    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None
    every_x_days: Count | None
    every_x_hours: Count | None
    every_x_minutes: Count | None
    every_x_seconds: Count | None
    cron: Annotated[str, Field(max_length=MAX_LENGTH["cron"])] | None
    rrule: Annotated[str, Field(max_length=MAX_LENGTH["rrule"])] | None
    run_at: datetime | None
    timezone: Annotated[str, Field(max_length=MAX_LENGTH["timezone"], description="IANA name.")]
    starts_at: Annotated[
        datetime | None, Field(description="No instants before this; `every_x_*` rules count from here.")
    ]
    ends_at: Annotated[datetime | None, Field(description="No instants after this; inclusive.")]
    dst_gap: Annotated[
        Literal["auto", "skip", "shift", "after"],
        Field(description="What happens to local times that a clock change skips."),
    ]
    dst_fold: Annotated[
        Literal["auto", "first", "last", "both"],
        Field(description="What happens to local times that a clock change repeats."),
    ]
    schedule_x_times: Annotated[
        Count | None, Field(description="The most tasks it may create. Null: no limit.")
    ]
    expires_after_seconds: float | None
    misfire_policy: Annotated[
        MisfirePolicy, Field(description="What happens to occurrences that were not swept in time.")
    ]
    catchup_window_seconds: Annotated[
        float | None,
        Field(description="Occurrences later than this are missed. Null: no limit; a day with `run_all`."),
    ]
    overlap_policy: Annotated[
        OverlapPolicy, Field(description="What happens to occurrences while an earlier task has not ended.")
    ]
    jitter_seconds: Annotated[
        float, Field(ge=0, description="Each task is delayed by a random time up to this.")
    ]
    pause_after_failures: Annotated[
        Count | None,
        Field(description="Pauses once this many of its tasks in a row have failed. Null: never."),
    ]
    status: ScheduleStatus
    error: Annotated[Text | None, Field(description="What failed, if `status` is `error`.")]
    paused_reason: Annotated[Text | None, Field(description="Why it is paused, if a reason was given.")]
    paused_until: Annotated[datetime | None, Field(description="When the pause ends by itself.")]
    next_run_at: Annotated[
        datetime | None,
        Field(
            description="Null: there is none, or none until the schedule is resumed or its error is fixed."
        ),
    ]
    last_run_at: Annotated[datetime | None, Field(description="The last instant that became a task.")]
    runs_created: Count
    runs_remaining: Annotated[Count | None, Field(description="Null: no limit.")]
    upcoming: Annotated[list[UpcomingOccurrence], Field(max_length=5, description="The next five instants.")]
    description: Annotated[
        Text | None, Field(description="The rule in plain English. Null: it can no longer be read.")
    ]
    warnings: Annotated[
        list[Text], Field(max_length=MOST_WARNINGS, description="What may not be what you intended.")
    ]
    ledger_from: Annotated[datetime, Field(description="Since when the ledger covers every instant.")]
    created_by: Annotated[
        Line | None,
        Field(
            description="Who created it: `key:` and the `id` of a key, or `person:` and a person's. Null: nobody who "
            "could be told."
        ),
    ]
    created_at: datetime
    updated_at: datetime


class EditedTaskSchedule(TaskSchedule):
    """A task schedule after an edit."""

    dropped_overrides: Annotated[
        list[datetime],
        Field(
            max_length=MOST_OVERRIDES,
            description="Instants whose overrides no longer apply after the edit and were dropped.",
        ),
    ]


class ScheduleEffect(BaseModel):
    """What a request would do: the answer to `dry_run=true`."""

    dry_run: Annotated[bool, Field(description="True: nothing was changed.")]
    task_schedule: Annotated[
        TaskSchedule, Field(description="The schedule as it would be. The `id` of a new one is not kept.")
    ]
    before: Annotated[
        list[UpcomingOccurrence],
        Field(
            max_length=10,
            description="The next ten instants so far; none if it is new. Paused without `until`: as if resumed now.",
        ),
    ]
    after: Annotated[
        list[UpcomingOccurrence],
        Field(
            max_length=10,
            description="The next ten instants after the request. Paused without `until`: as in `before`.",
        ),
    ]
    dropped_overrides: Annotated[list[datetime], Field(max_length=MOST_OVERRIDES)]
    warnings: Annotated[
        list[Text],
        Field(
            max_length=MOST_WARNINGS,
            description="As in `task_schedule`, plus a note if the schedule is paused without `until`.",
        ),
    ]


class PreviewedOccurrence(UpcomingOccurrence):
    """An instant that a rule names."""

    note: Annotated[Text | None, Field(description="What a clock change did to this instant, if anything.")]


class Preview(BaseModel):
    """What a rule means."""

    occurrences: Annotated[list[PreviewedOccurrence], Field(max_length=MOST_PREVIEWED)]
    description: Annotated[Text, Field(description="The rule in plain English.")]
    warnings: Annotated[
        list[Text], Field(max_length=MOST_WARNINGS, description="What may not be what you intended.")
    ]


class TaskSchedulePage(Page[TaskSchedule]):
    """One page of task schedules, newest first."""
