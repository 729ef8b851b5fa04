"""From due schedules to tasks: plan each, write all as sets, in the caller's transaction.

Only a transaction that holds a schedule's row moves its `next_run_at` past an instant, so only one creates
that instant's task; the unique occurrence absorbs what a clock step or a restored backup might repeat.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from operations import catalogue
from schedules.models import Outcome, ScheduleStatus, TaskSchedule
from schedules.planning import MisfirePolicy, Plan, Policies, Range, plan
from schedules.recurrence import parse
from tasks_api.database import execute, fetch_all
from tasks_api.ids import new_id
from tasks_api.models import Task
from tasks_api.submission import NewTask, insert

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Expansion:
    """What is to become of one schedule: the tasks of its plan, or the error that sets it aside."""

    schedule: TaskSchedule
    plan: Plan
    tasks: list[NewTask] = field(default_factory=list)
    error: str | None = None


def expand(schedules: Iterable[TaskSchedule], now: datetime) -> list[Task]:
    """Deal with everything that is due at `now` in `schedules`, whose rows are locked. Returns the tasks created.

    A schedule whose rule or template fails is set aside with its error; the others go on.
    """
    expansions = [_expansion(schedule, now) for schedule in schedules]
    if not expansions:
        return []
    new = _insert_occurrences(expansions)
    for expansion in expansions:
        expansion.tasks = [task for task in expansion.tasks if task.id in new]
    rows = insert([task for expansion in expansions for task in expansion.tasks])
    _advance(expansions)
    return rows


def _expansion(schedule: TaskSchedule, now: datetime) -> Expansion:
    assert schedule.next_run_at is not None  # noqa: S101 (a CHECK of the table)
    try:
        made = plan(
            parse(schedule.spec, min_interval_seconds=settings.MIN_INTERVAL_SECONDS),
            next_run_at=schedule.next_run_at,
            runs_remaining=schedule.runs_remaining,
            now=now,
            policies=_policies(schedule),
        )
        return Expansion(schedule, made, [_task(schedule, instant) for instant in made.create])
    except Exception as error:
        logger.exception("schedule %s is set aside", schedule.id)
        nothing = Plan((), None, schedule.next_run_at)
        return Expansion(schedule, nothing, error=str(error) or type(error).__name__)


def _policies(schedule: TaskSchedule) -> Policies:
    return Policies(
        misfire=MisfirePolicy(schedule.misfire_policy),
        grace=timedelta(seconds=settings.MISFIRE_GRACE_SECONDS),
        batch=settings.CATCHUP_BATCH,
    )


def _task(schedule: TaskSchedule, instant: datetime) -> NewTask:
    operation = catalogue.get(schedule.operation)
    limits = operation.limits(schedule.arguments)
    lifetime = schedule.expires_after_seconds
    return NewTask(
        operation=operation.name,
        arguments=schedule.arguments,
        priority=schedule.priority,
        tags=schedule.tags,
        max_attempts=schedule.max_attempts or limits.max_attempts,
        timeout_seconds=schedule.timeout_seconds or limits.timeout_seconds,
        retry_when_lost=limits.idempotent,
        expires_at=None if lifetime is None else instant + timedelta(seconds=lifetime),
        schedule_id=schedule.id,
        scheduled_for=instant,
    )


INSERT_OCCURRENCES_SQL = """
INSERT INTO occurrence (id, schedule_id, scheduled_for, last_scheduled_for, count, outcome, reason, task_id)
SELECT * FROM jsonb_to_recordset(%s) AS new(
       id uuid, schedule_id uuid, scheduled_for timestamptz, last_scheduled_for timestamptz, count int,
       outcome text, reason text, task_id uuid)
    ON CONFLICT (schedule_id, scheduled_for) DO NOTHING
RETURNING task_id
"""


def _insert_occurrences(expansions: Sequence[Expansion]) -> set[Any]:
    """Write what became of each instant. The ids of the tasks whose occurrence is new."""
    records = [record for expansion in expansions for record in _occurrences(expansion)]
    return {row[0] for row in fetch_all(INSERT_OCCURRENCES_SQL, [json.dumps(records)])} if records else set()


def _occurrences(expansion: Expansion) -> Iterable[dict[str, Any]]:
    schedule, made = expansion.schedule, expansion.plan
    if expansion.error is not None and schedule.next_run_at is not None:
        yield _occurrence(schedule, _alone(schedule.next_run_at), Outcome.ERROR, reason=expansion.error)
    if made.coalesced is not None:
        reason = "nobody swept in time, and run_last makes one task for all that are late"
        yield _occurrence(schedule, made.coalesced, Outcome.COALESCED, reason=reason)
    for task in expansion.tasks:
        assert task.scheduled_for is not None  # noqa: S101 (see _task)
        yield _occurrence(schedule, _alone(task.scheduled_for), Outcome.CREATED, task_id=str(task.id))


def _alone(instant: datetime) -> Range:
    return Range(instant, instant, 1)


def _occurrence(
    schedule: TaskSchedule,
    covered: Range,
    outcome: Outcome,
    *,
    reason: str | None = None,
    task_id: str | None = None,
) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "schedule_id": str(schedule.id),
        "scheduled_for": covered.first.isoformat(),
        "last_scheduled_for": covered.last.isoformat(),
        "count": covered.count,
        "outcome": outcome.value,
        "reason": reason,
        "task_id": task_id,
    }


# What is still due waits for the next sweep, behind everything that is due by then: `sweep_at` is now, not its instant.
ADVANCE_SQL = """
UPDATE task_schedule AS schedule
   SET next_run_at = new.next_run_at, status = new.status, error = new.error,
       sweep_at = CASE WHEN new.status = 'active' THEN greatest(new.next_run_at, clock_timestamp()) END,
       last_run_at = coalesce(new.last_run_at, schedule.last_run_at),
       runs_created = schedule.runs_created + new.created
  FROM jsonb_to_recordset(%s) AS new(
       id uuid, next_run_at timestamptz, status text, error text, last_run_at timestamptz, created int)
 WHERE schedule.id = new.id
"""


def _advance(expansions: Sequence[Expansion]) -> None:
    execute(ADVANCE_SQL, [json.dumps([_advanced(expansion) for expansion in expansions])])


def _advanced(expansion: Expansion) -> dict[str, Any]:
    next_run_at = expansion.plan.next_run_at
    status = ScheduleStatus.ACTIVE if next_run_at else ScheduleStatus.COMPLETED
    if expansion.error is not None:
        status = ScheduleStatus.ERROR
    instants = [task.scheduled_for for task in expansion.tasks if task.scheduled_for]
    return {
        "id": str(expansion.schedule.id),
        "next_run_at": next_run_at and next_run_at.isoformat(),
        "status": status.value,
        "error": expansion.error,
        "last_run_at": max(instants).isoformat() if instants else None,
        "created": len(expansion.tasks),
    }
