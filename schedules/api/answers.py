"""The shapes of what `/task-schedules/` answers, for the OpenAPI document.

The answers are built by `represent` in `forms`; the tests hold them against these shapes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from rest.openapi.shapes import Page
from schedules.models import ScheduleStatus
from schedules.planning import MisfirePolicy
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
    status: ScheduleStatus
    error: Annotated[str | None, Field(description="What failed, where `status` is `error`.")]
    next_run_at: datetime | None
    last_run_at: Annotated[datetime | None, Field(description="The last instant that became a task.")]
    runs_created: Annotated[int, Field(ge=0)]
    runs_remaining: Annotated[int | None, Field(description="Null: no limit.")]
    upcoming: Annotated[list[UpcomingOccurrence], Field(max_length=5, description="The next five.")]
    description: Annotated[
        str | None, Field(description="The rule in plain English. Null: it can no longer be read.")
    ]
    created_at: datetime
    updated_at: datetime


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
