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
    """An instant to come."""

    at: datetime
    local: Annotated[datetime, Field(description="The same in the schedule's `timezone`, with its offset.")]


class TaskSchedule(BaseModel):
    """A rule for when tasks come into being, and the template of those tasks."""

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
    cron: str | None
    rrule: str | None
    run_at: datetime | None
    timezone: Annotated[str, Field(description="IANA name.")]
    starts_at: Annotated[datetime | None, Field(description="Not before; the phase of `every_x_*`.")]
    ends_at: Annotated[datetime | None, Field(description="Not after.")]
    dst_gap: Annotated[
        Literal["auto", "skip", "shift", "after"],
        Field(description="What becomes of times that a clock change skips."),
    ]
    dst_fold: Annotated[
        Literal["auto", "first", "last", "both"],
        Field(description="What becomes of times that a clock change repeats."),
    ]
    schedule_x_times: Annotated[int | None, Field(description="At most so many tasks. Null: no limit.")]
    expires_after_seconds: float | None
    misfire_policy: Annotated[
        MisfirePolicy, Field(description="What becomes of occurrences that nobody swept in time.")
    ]
    catchup_window_seconds: Annotated[
        float | None, Field(description="What is later is missed. Null: no limit; a day with run_all.")
    ]
    overlap_policy: Annotated[
        OverlapPolicy, Field(description="What becomes of occurrences while an earlier task has not ended.")
    ]
    jitter_seconds: Annotated[float, Field(ge=0, description="Its tasks run up to so much later.")]
    pause_after_failures: Annotated[
        int | None, Field(description="Paused once so many of its tasks in a row failed. Null: never.")
    ]
    status: ScheduleStatus
    error: Annotated[str | None, Field(description="What failed, where `status` is `error`.")]
    paused_reason: Annotated[str | None, Field(description="Why it is paused, if anybody said.")]
    paused_until: Annotated[datetime | None, Field(description="When its pause ends by itself.")]
    next_run_at: Annotated[
        datetime | None, Field(description="Null: no further one, or none before it is resumed or mended.")
    ]
    last_run_at: Annotated[datetime | None, Field(description="The last instant that became a task.")]
    runs_created: Annotated[int, Field(ge=0)]
    runs_remaining: Annotated[int | None, Field(description="Null: no limit.")]
    upcoming: Annotated[list[UpcomingOccurrence], Field(max_length=5, description="The next five.")]
    description: Annotated[
        str | None, Field(description="The rule in plain English. Null: it can no longer be read.")
    ]
    warnings: Annotated[list[str], Field(description="What may not be as you meant it.")]
    ledger_from: Annotated[datetime, Field(description="The ledger covers every instant since.")]
    created_at: datetime
    updated_at: datetime


class EditedTaskSchedule(TaskSchedule):
    """A task schedule after an edit."""

    dropped_overrides: Annotated[
        list[datetime],
        Field(description="Instants whose own skip, move, arguments or priority the edit made meaningless."),
    ]


class ScheduleEffect(BaseModel):
    """What a request would do: the answer to `dry_run=true`."""

    dry_run: Annotated[bool, Field(description="True: nothing was changed.")]
    task_schedule: Annotated[
        TaskSchedule, Field(description="As it would be. One that would be new has an `id` that is not kept.")
    ]
    before: Annotated[
        list[UpcomingOccurrence],
        Field(
            max_length=10,
            description="The next ten as it is; none if it is new. Paused without `until`: as if it were resumed now.",
        ),
    ]
    after: Annotated[
        list[UpcomingOccurrence],
        Field(
            max_length=10, description="The next ten as it would be. Paused without `until`: as in `before`."
        ),
    ]
    dropped_overrides: list[datetime]
    warnings: Annotated[
        list[str],
        Field(description="As in `task_schedule`; and that it is paused without `until`, if it is."),
    ]


class PreviewedOccurrence(UpcomingOccurrence):
    """An instant that a rule names."""

    note: Annotated[str | None, Field(description="What a clock change did to it, if it did anything.")]


class Preview(BaseModel):
    """What a rule means."""

    occurrences: list[PreviewedOccurrence]
    description: Annotated[str, Field(description="The rule in plain English.")]
    warnings: Annotated[list[str], Field(description="What may not be as you meant it.")]


class TaskSchedulePage(Page[TaskSchedule]):
    """One page of task schedules, newest first."""
