"""From due schedules to tasks: plan each, write all as sets, in the caller's transaction.

Only a transaction that holds a schedule's row moves its `next_run_at` past an instant, so only one creates
that instant's task; the unique occurrence absorbs what a clock step or a restored backup might repeat.
"""

import json
import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from log_lines import event
from schedules import ledger
from schedules.expansion.facts import Facts, facts_of
from schedules.ledger import Record
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import (
    ALL_MADE,
    CachedRule,
    Decision,
    Entry,
    InstantSource,
    MisfirePolicy,
    Outcome,
    OverlapPolicy,
    Plan,
    Policies,
    State,
    Suspension,
    plan,
)
from schedules.template.files import without_files
from schedules.template.tasks import moments_of, occurrence_task
from tasks_api import transitions
from tasks_api.database import execute
from tasks_api.found_files import NewestFiles
from tasks_api.quotas import Turn
from tasks_api.submission import NOTHING, Born, NewTask, insert

WINDOW_OF_RUN_ALL = timedelta(days=1)
MOST_AT_ONCE = 2_000
"""About so many instants are dealt with one by one in a transaction, so that nobody waits for it for long."""
MOST_STOPPED = 10_000
"""So many unfinished tasks give way at once to those of `cancel_running`, the running ones first."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Expansion:
    """What is to become of one schedule: the records of its plan, or the error that sets it aside."""

    schedule: TaskSchedule
    plan: Plan
    records: list[Record]
    tasks: dict[UUID, NewTask] = field(default_factory=dict)
    error: str | None = None


def expand(
    schedules: Iterable[TaskSchedule],
    now: datetime,
    suspensions: Mapping[UUID, Suspension] | None = None,
    *,
    turn: Turn = Turn.TRY,
) -> Born:
    """Deal with everything that is due at `now` in `schedules`, whose rows are locked. Returns the tasks created."""
    return write(plan_each(list(schedules), now, suspensions, turn=turn))


def plan_each(
    schedules: Sequence[TaskSchedule],
    now: datetime,
    suspensions: Mapping[UUID, Suspension] | None = None,
    *,
    turn: Turn = Turn.TRY,
) -> list[Expansion]:
    """What becomes of all that is due at `now` in `schedules`, whose rows are locked. Nothing is written.

    A schedule whose rule or template fails is to be set aside with its error; the others go on. `suspensions`: by
    schedule, what becomes of a time in which it did not run. Only active schedules take the status of their plan.
    Those of a project with quotas whose `turn` somebody else has are left for the next sweep: nobody waits for them.
    """
    if not schedules:
        return []
    facts = facts_of(schedules, now, turn)
    ended, batch = suspensions or {}, _batch(len(schedules))
    return [
        _expansion(schedule, facts, now, batch, ended.get(schedule.id))
        for schedule in schedules
        if schedule.project_id not in facts.others
    ]


def write(expansions: Sequence[Expansion]) -> Born:
    """Write the records, the tasks and the schedules, each as a set. Returns the tasks created."""
    if not expansions:
        return NOTHING
    written = ledger.write([record for expansion in expansions for record in expansion.records])
    created = {record.task_id for record in written}
    for expansion in expansions:
        expansion.tasks = {task_id: task for task_id, task in expansion.tasks.items() if task_id in created}
    born = insert([task for expansion in expansions for task in expansion.tasks.values()])
    _stop_unfinished([expansion.schedule.id for expansion in expansions if expansion.plan.cancel])
    _advance(expansions)
    return born


def decisions_at(schedule: TaskSchedule, now: datetime, most: int) -> list[Decision]:
    """What a sweep would decide now about at most so many instants that are due. Nothing is written or locked."""
    if schedule.sweep_at is None or schedule.sweep_at > now:
        return []
    planned = _expansion(copy(schedule), facts_of([schedule], now, Turn.NONE), now, most, None)
    return [record.decision for record in planned.records]


def set_aside(schedule: TaskSchedule, now: datetime, error: str) -> None:
    """Give a schedule, whose row is locked, the status `error`, and put what was due on record."""
    failed = _failed(schedule, ledger.known([schedule.id]).get(schedule.id, {}), now, error)
    ledger.write(failed.records)
    _advance([failed])


def _batch(schedules: int) -> int:
    """The most instants that each of so many schedules may have now; the rest of them stays due."""
    most = settings.CATCHUP_BATCH
    return max(1, min(most, max(most, MOST_AT_ONCE) // schedules))


def _expansion(
    schedule: TaskSchedule, facts: Facts, now: datetime, batch: int, suspension: Suspension | None
) -> Expansion:
    known = facts.known.get(schedule.id, {})
    try:
        rule = schedule.rule
        if suspension is None and (until := _end_of_pause(schedule)) and until <= now:
            suspension = pause_of(schedule, until)
            activate(schedule, now)
        state = _state(schedule, facts, suspension)
        asked = CachedRule(rule)
        newest = NewestFiles(schedule.project_id)
        made = without_files(
            schedule, rule, asked, plan(asked, state, policies_of(schedule, batch), now), newest
        )
        records = ledger.records_of(schedule, made.decisions, rule)
        tasks = _tasks(schedule, rule.zone, asked, records, newest)
        facts.take(schedule.project_id, len(tasks))
        return Expansion(schedule, made, records, tasks)
    except Exception as error:
        logger.exception(
            "schedule %s is set aside",
            schedule.id,
            extra=event("schedule.set_aside", schedule_id=str(schedule.id)),
        )
        return _failed(schedule, known, now, str(error) or type(error).__name__)


def _end_of_pause(schedule: TaskSchedule) -> datetime | None:
    return schedule.paused_until if schedule.status == ScheduleStatus.PAUSED else None


def pause_of(
    schedule: TaskSchedule, until: datetime, *, keep_last: bool = False, goes_on: bool = False
) -> Suspension:
    """What becomes of the instants of a pause, or of the time in which a schedule was set aside or had completed."""
    if schedule.status == ScheduleStatus.COMPLETED:
        return Suspension(Outcome.MISSED, ALL_MADE, until, goes_on=goes_on)
    if schedule.status == ScheduleStatus.ERROR:
        return Suspension(Outcome.MISSED, "the schedule was set aside with an error", until, goes_on=goes_on)
    reason = f": {schedule.paused_reason}" if schedule.paused_reason else ""
    return Suspension(Outcome.PAUSED, f"the schedule was paused{reason}", until, keep_last, goes_on)


def activate(schedule: TaskSchedule, now: datetime) -> None:
    """Let a schedule run again; failures before do not count. The caller writes the row."""
    schedule.status = ScheduleStatus.ACTIVE
    schedule.paused_reason = schedule.paused_until = schedule.error = None
    schedule.failures_since = now


def _state(schedule: TaskSchedule, facts: Facts, suspension: Suspension | None) -> State:
    return State(
        next_run_at=schedule.next_run_at,
        entries=list(facts.known.get(schedule.id, {}).values()),
        runs_remaining=schedule.runs_remaining,
        unfinished=int(schedule.id in facts.unfinished),
        failures=facts.failures.get(schedule.id, 0),
        run_all_until=schedule.run_all_until,
        suspension=suspension,
        room=facts.rooms.get(schedule.project_id),
    )


def policies_of(schedule: TaskSchedule, batch: int) -> Policies:
    """What a schedule's user decided, defaults filled in. An instant of its own never gets lost to a window."""
    misfire = MisfirePolicy(schedule.misfire_policy)
    window = WINDOW_OF_RUN_ALL if misfire is MisfirePolicy.RUN_ALL else None
    if schedule.catchup_window_seconds is not None:
        window = timedelta(seconds=schedule.catchup_window_seconds)
    return Policies(
        grace=timedelta(seconds=settings.MISFIRE_GRACE_SECONDS),
        batch=batch,
        misfire=misfire,
        overlap=OverlapPolicy(schedule.overlap_policy),
        window=None if schedule.run_at else window,
        pause_after_failures=schedule.pause_after_failures,
    )


def _tasks(
    schedule: TaskSchedule,
    zone: ZoneInfo,
    rule: InstantSource,
    records: Sequence[Record],
    newest: NewestFiles,
) -> dict[UUID, NewTask]:
    tasks = {}
    for record in records:
        if record.task_id is not None:
            waited = record.decision.entry
            changes = (waited and waited.changes) or {}
            [moments] = moments_of(rule, [record.decision.first])
            tasks[record.task_id] = occurrence_task(
                schedule,
                zone,
                moments,
                due_at=record.decision.due_at,
                newest=newest,
                id=record.task_id,
                **changes,
            )
    return tasks


def _failed(schedule: TaskSchedule, known: Container[datetime], now: datetime, error: str) -> Expansion:
    """The instant that was due has the error on record. A row of its own that it may have says more."""
    decisions = []
    due = schedule.next_run_at
    if due is not None and due <= now and due not in known:
        decisions.append(Decision.of_one(Outcome.ERROR, Entry.of_rule(due), error))
    nothing = Plan(decisions, schedule.next_run_at, None)
    return Expansion(schedule, nothing, ledger.records_of(schedule, decisions), error=error)


def _stop_unfinished(schedule_ids: Sequence[UUID]) -> None:
    if schedule_ids:
        transitions.cancel_of_schedules(schedule_ids, MOST_STOPPED)


# What is still due waits for the next sweep, behind everything that is due by then: `sweep_at` is now, not its instant.
ADVANCE_SQL = """
UPDATE task_schedule AS schedule
   SET next_run_at = new.next_run_at, status = new.status, error = new.error,
       sweep_at = CASE WHEN new.status = 'active' AND new.look_at IS NOT NULL
                            THEN greatest(new.look_at, clock_timestamp())
                       WHEN new.status = 'paused' THEN new.paused_until END,
       paused_reason = new.paused_reason, paused_until = new.paused_until,
       failures_since = new.failures_since, run_all_until = new.run_all_until,
       last_run_at = coalesce(new.last_run_at, schedule.last_run_at),
       runs_created = schedule.runs_created + new.created
  FROM jsonb_to_recordset(%s) AS new(
       id uuid, next_run_at timestamptz, look_at timestamptz, status text, error text, paused_reason text,
       paused_until timestamptz, failures_since timestamptz, run_all_until timestamptz, last_run_at timestamptz,
       created int)
 WHERE schedule.id = new.id
"""


def _advance(expansions: Sequence[Expansion]) -> None:
    execute(ADVANCE_SQL, [json.dumps([_advanced(each) for each in expansions], default=datetime.isoformat)])


def _advanced(expansion: Expansion) -> dict[str, Any]:
    schedule, made = expansion.schedule, expansion.plan
    _set_status(expansion)
    instants = [task.scheduled_for for task in expansion.tasks.values() if task.scheduled_for]
    return {
        "id": str(schedule.id),
        "next_run_at": made.next_run_at,
        "look_at": made.look_at,
        "status": schedule.status,
        "error": schedule.error,
        "paused_reason": schedule.paused_reason,
        "paused_until": schedule.paused_until,
        "failures_since": schedule.failures_since,
        "run_all_until": _still(schedule.run_all_until, made.look_at),
        "last_run_at": max(instants, default=None),
        "created": len(instants),
    }


def _set_status(expansion: Expansion) -> None:
    """What the plan says of an active schedule. One that is paused stays so, although its past is settled."""
    schedule, made = expansion.schedule, expansion.plan
    if expansion.error is not None:
        schedule.status, schedule.error = ScheduleStatus.ERROR, expansion.error
        schedule.paused_reason = schedule.paused_until = None
    elif schedule.status != ScheduleStatus.ACTIVE:
        return
    elif made.pause is not None:
        schedule.status, schedule.paused_reason = ScheduleStatus.PAUSED, made.pause
    elif made.is_complete:
        schedule.status = ScheduleStatus.COMPLETED


def _still(run_all_until: datetime | None, look_at: datetime | None) -> datetime | None:
    if run_all_until is None or look_at is None or look_at >= run_all_until:
        return None
    return run_all_until
