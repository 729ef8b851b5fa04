"""From a schedule's template to the task of one occurrence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from operations import catalogue
from operations.files import file_ids
from operations.files.references import replaced
from schedules.models import TaskSchedule
from schedules.planning import InstantSource, jitter
from schedules.recurrence import RecurrenceError, Rule
from schedules.template.placeholders import Moments, render
from tasks_api.found_files import NewestFiles
from tasks_api.origin import Origin
from tasks_api.submission import NewTask

Changes = dict[str, Any]


def occurrence_task(
    schedule: TaskSchedule,
    zone: ZoneInfo,
    moments: Moments,
    *,
    due_at: datetime,
    newest: NewestFiles | None = None,
    **more: Any,
) -> NewTask:
    """The task of an occurrence of a rule in this zone, due at its instant or where it was moved, however late that is.

    `newest` finds the newest files of names, and remembers them: of all tasks that are made together they are the same.
    `more`: fields of NewTask that differ, such as the occurrence's own `arguments` or `priority`. Raises
    UnknownOperation.
    """
    run_at = due_at + jitter(schedule.id, moments.scheduled_for, schedule.jitter_seconds)
    fields = {
        **_fields(schedule, moments, zone, run_at, more.pop("arguments", schedule.arguments), newest),
        "run_at": run_at,
        "scheduled_for": moments.scheduled_for,
        "previous_scheduled_for": moments.previous_scheduled_for,
        "next_scheduled_for": moments.next_scheduled_for,
    }
    return NewTask(**fields | more)


def triggered_task(schedule: TaskSchedule, rule: Rule, now: datetime, origin: Origin) -> NewTask:
    """A task at once, which is of no occurrence; its placeholders stand for now. Raises UnknownOperation."""
    moments = Moments(now.replace(microsecond=0), _previous(rule, now), _next(rule, now))
    return NewTask(**{**_fields(schedule, moments, rule.zone, now, schedule.arguments), **origin})


def _fields(
    schedule: TaskSchedule,
    moments: Moments,
    zone: ZoneInfo,
    run_at: datetime,
    arguments: dict[str, Any],
    newest: NewestFiles | None = None,
) -> dict[str, Any]:
    operation = catalogue.get(schedule.operation)
    rendered = render(arguments, moments, zone)
    files: Sequence[UUID] = ()
    if operation.takes_files:
        rendered = replaced(rendered, (newest or NewestFiles(schedule.project_id)).id_of)
        files = file_ids(rendered)
    limits = operation.limits(rendered)
    lifetime = schedule.expires_after_seconds
    return {
        "operation": operation.name,
        "arguments": rendered,
        "priority": schedule.priority,
        "tags": schedule.tags,
        "max_attempts": schedule.max_attempts or limits.max_attempts,
        "timeout_seconds": schedule.timeout_seconds or limits.timeout_seconds,
        "retry_when_lost": limits.idempotent,
        "expires_at": None if lifetime is None else run_at + timedelta(seconds=lifetime),
        "schedule_id": schedule.id,
        "project_id": schedule.project_id,
        "files": files,
    }


def moments_of(rule: InstantSource, instants: Sequence[datetime]) -> list[Moments]:
    """Each of some instants that follow one another in the rule, with those before and after it."""
    if not instants:
        return []
    around = [_previous(rule, instants[0]), *instants, _next(rule, instants[-1])]
    return [Moments(*found) for found in zip(instants, around, around[2:], strict=False)]


def _previous(rule: InstantSource, instant: datetime) -> datetime | None:
    try:
        return rule.previous(instant)
    except RecurrenceError:  # so far back that the search is given up
        return None


def _next(rule: InstantSource, instant: datetime) -> datetime | None:
    try:
        return rule.next(instant)
    except RecurrenceError:
        return None
