"""What the audit log tells of a schedule, and of one of its occurrences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from access.actor import Actor
from access.audit.events import Action, Changes, Target, differences, target
from access.audit.recording import record
from rest.json import instant_text
from schedules.models import Occurrence, TaskSchedule
from schedules.recurrence import RuleSpec

_COLUMNS = (
    "name",
    "operation",
    "arguments",
    "priority",
    "timeout_seconds",
    "max_attempts",
    "tags",
    "schedule_x_times",
    "expires_after_seconds",
    "misfire_policy",
    "catchup_window_seconds",
    "overlap_policy",
    "jitter_seconds",
    "pause_after_failures",
    "status",
    "paused_reason",
    "paused_until",
)


def told_of(schedule: TaskSchedule) -> dict[str, Any]:
    """What people decide about a schedule, as it is now."""
    rule = {name: getattr(schedule, name) for name in RuleSpec.__slots__}
    return {**rule, **{name: getattr(schedule, name) for name in _COLUMNS}}


def record_change(
    actor: Actor,
    action: Action,
    schedule: TaskSchedule,
    before: Mapping[str, Any],
    also: Changes | None = None,
) -> None:
    """An event of what is different about a schedule now, unless nothing is."""
    if changes := differences(before, told_of(schedule)):
        record(actor, action, target("schedule", schedule.id), {**changes, **(also or {})})


def told_of_override(row: Occurrence | None) -> dict[str, Any]:
    """What is different about an occurrence; nothing, where nothing is."""
    if row is None:
        return {}
    own = row.changes or {}
    said = {"outcome": str(row.outcome), "run_at": row.due_at, "reason": row.reason, **own}
    return {name: value for name, value in said.items() if value is not None}


def occurrence_target(schedule: TaskSchedule, instant: datetime) -> Target:
    """One instant of a schedule."""
    return target("occurrence", f"{schedule.id}/{instant_text(instant)}")
