"""The shapes of what `/task-schedules/` answers, for the OpenAPI document.

The answers are built by `readback` and `effects`; the tests hold them against these shapes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from rest.openapi.shapes import Page
from schedules.models import ScheduleStatus
from schedules.planning import MisfirePolicy, OverlapPolicy
from tasks_api.api.template import Priority


class UpcomingOccurrence(BaseModel):
    """An upcoming instant."""

    at: datetime
    local: Annotated[
        datetime, Field(description="The same instant in the schedule's `timezone`, with its offset.")
    ]


class TaskSchedule(BaseModel):
    """A rule for when tasks are created, and the template of those tasks."""

    id: UUID
    operation: str
    arguments: dict[str, Any]
    priority: Annotated[Priority, Field(description="9 is the most urgent.")]
    timeout_seconds: Annotated[float | None, Field(description="Null: the operation's default.")]
    max_attempts: Annotated[int | None, Field(description="Null: the operation's default.")]
    tags: list[str]
    name: str | None
    every_x_days: int | None
    every_x_hours: int | None
    every_x_minutes: int | None
    every_x_seconds: int | None
    cron: str | None
    rrule: str | None
    run_at: datetime | None
    timezone: Annotated[str, Field(description="IANA name.")]
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
        int | None, Field(description="The most tasks it may create. Null: no limit.")
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
        int | None, Field(description="Pauses once this many of its tasks in a row have failed. Null: never.")
    ]
    status: ScheduleStatus
    error: Annotated[str | None, Field(description="What failed, if `status` is `error`.")]
    paused_reason: Annotated[str | None, Field(description="Why it is paused, if a reason was given.")]
    paused_until: Annotated[datetime | None, Field(description="When the pause ends by itself.")]
    next_run_at: Annotated[
        datetime | None,
        Field(
            description="Null: there is none, or none until the schedule is resumed or its error is fixed."
        ),
    ]
    last_run_at: Annotated[datetime | None, Field(description="The last instant that became a task.")]
    runs_created: Annotated[int, Field(ge=0)]
    runs_remaining: Annotated[int | None, Field(description="Null: no limit.")]
    upcoming: Annotated[list[UpcomingOccurrence], Field(max_length=5, description="The next five instants.")]
    description: Annotated[
        str | None, Field(description="The rule in plain English. Null: it can no longer be read.")
    ]
    warnings: Annotated[list[str], Field(description="What may not be what you intended.")]
    ledger_from: Annotated[datetime, Field(description="Since when the ledger covers every instant.")]
    created_at: datetime
    updated_at: datetime


class EditedTaskSchedule(TaskSchedule):
    """A task schedule after an edit."""

    dropped_overrides: Annotated[
        list[datetime],
        Field(description="Instants whose overrides no longer apply after the edit and were dropped."),
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
    dropped_overrides: list[datetime]
    warnings: Annotated[
        list[str],
        Field(description="As in `task_schedule`, plus a note if the schedule is paused without `until`."),
    ]


class PreviewedOccurrence(UpcomingOccurrence):
    """An instant that a rule names."""

    note: Annotated[str | None, Field(description="What a clock change did to this instant, if anything.")]


class Preview(BaseModel):
    """What a rule means."""

    occurrences: list[PreviewedOccurrence]
    description: Annotated[str, Field(description="The rule in plain English.")]
    warnings: Annotated[list[str], Field(description="What may not be what you intended.")]


class TaskSchedulePage(Page[TaskSchedule]):
    """One page of task schedules, newest first."""
