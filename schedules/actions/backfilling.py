"""Tasks for a time that is past: one for each instant of the rule that has none."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from access.actor import Actor
from access.audit.events import Action, created, target
from access.audit.recording import record
from rest.cpu_budget import CpuBudget
from rest.json import instant_text
from schedules import ledger
from schedules.actions.settling import MOST_SETTLED, held, settle
from schedules.expansion.expanding import decisions_at
from schedules.ledger import Record
from schedules.ledger.ranges import without
from schedules.models import Occurrence, TaskSchedule
from schedules.occurrences.pages import ListedOccurrence
from schedules.planning import TIMED, Decision, Entry, Outcome
from schedules.recurrence import Rule
from schedules.template.placeholders import Moments
from schedules.template.tasks import moments_of, occurrence_task
from tasks_api.database import database_now, execute
from tasks_api.ids import new_id
from tasks_api.origin import Origin, origin_of
from tasks_api.submission import NewTask, announce, insert

MOST = 10_000
"""How many instants one backfill may cover."""
MOST_CHARACTERS = 128 * 1024 * 1024
"""How long, as JSON, the arguments of all its tasks together may be: with large ones it covers fewer instants."""
TO_BE_TASKS = (Outcome.CREATED, Outcome.QUEUED)
Admit = Callable[[int], None]
NOTHING_DUE: Mapping[datetime, Outcome] = {}
BUDGET_SECONDS = 2.0
"""Of CPU, to find the instants. Most rules need a tenth of it for as many as there may be."""


def to_everybody(_tasks: int) -> None:
    """Whoever has no limit."""


class TooManyInstants(Exception):
    """More instants than one backfill may cover, or than can be found in time; `latest` is where it may end."""

    def __init__(self, latest: datetime, end: datetime) -> None:
        super().__init__(
            f"must be at most {instant_text(latest)}, got {instant_text(end)}: one backfill covers at most {MOST:,} "
            "instants, and fewer where their arguments are large"
        )


class EndsInTheFuture(Exception):
    """The schedule itself brings what is coming."""

    def __init__(self, end: datetime) -> None:
        super().__init__(f"must not be in the future, got {instant_text(end)}")


class ReachesWhatIsForgotten(Exception):
    """Before `ledger_from` nobody knows any more which instants had a task."""

    def __init__(self, ledger_from: datetime, start: datetime) -> None:
        super().__init__(
            f"must not be before the schedule's ledger_from, {instant_text(ledger_from)}, got {instant_text(start)}: "
            "what ran before that is not known any more"
        )


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a backfill did, or would do.

    `created`: what has a task now, or would have one, due when that may run. `left`: what had its task, or is to have
    one without this.
    """

    id: UUID
    created: Sequence[ListedOccurrence]
    left: Sequence[ListedOccurrence]


def backfill(
    schedule_id: UUID,
    actor: Actor,
    start: datetime,
    end: datetime,
    *,
    pace_seconds: float = 0,
    dry_run: bool = False,
    admit: Admit = to_everybody,
) -> Backfill:
    """A task for each instant of the rule in [start, end) that has none, `pace_seconds` apart, whatever overlaps.

    They are tagged ``backfill:<id>``, and count neither for `runs_created` nor for
    `schedule_x_times`. A dry run computes the same, writes nothing, and locks no row. `admit` is told how many
    tasks there would be, before one is made, and may raise. Raises TaskSchedule.DoesNotExist,
    EndsInTheFuture, ReachesWhatIsForgotten, TooManyInstants, UnknownOperation, InvalidLimits, RecurrenceError where the
    stored rule can be read no more.
    """
    pace, project_id, origin = timedelta(seconds=pace_seconds), actor.project_id, origin_of(actor)
    if dry_run:
        found = TaskSchedule.objects.get(id=schedule_id, project_id=project_id)
        return _foresee(found, origin, start, end, pace, admit)
    with held(schedule_id, project_id) as schedule:
        _check(schedule, start, end)
        work = _work(schedule, origin, start, end, settle(schedule).until)
        admit(len(work.filled))
        made = _make(work, pace)
        if made.created:
            named = {"backfill": str(made.id), "from": start, "to": end, "pace_seconds": pace_seconds}
            on = target("schedule", schedule_id)
            record(actor, Action.SCHEDULE_BACKFILL, on, created(named), count=len(made.created))
        return made


def _foresee(
    schedule: TaskSchedule, origin: Origin, start: datetime, end: datetime, pace: timedelta, admit: Admit
) -> Backfill:
    """What is due and not swept yet is left to the sweep, as far as that is to make a task of it."""
    _check(schedule, start, end)
    now = database_now()
    decisions = decisions_at(schedule, now, MOST_SETTLED)
    swept = {each.first: each.outcome for each in decisions if each.outcome in TO_BE_TASKS}
    work = _work(schedule, origin, start, end, now, swept)
    admit(len(work.filled))
    backfill_id = new_id()
    created = _created(work, _tasks(work, pace, backfill_id))
    return Backfill(backfill_id, [replace(each, task_id=None) for each in created], work.left)


def _check(schedule: TaskSchedule, start: datetime, end: datetime) -> None:
    if end > database_now():
        raise EndsInTheFuture(end)
    if schedule.ledger_from > schedule.created_at and start < schedule.ledger_from:
        raise ReachesWhatIsForgotten(schedule.ledger_from, start)


@dataclass(slots=True)
class Work:
    """What is to be filled, and the rows that must make room for it."""

    schedule: TaskSchedule
    origin: Origin
    rule: Rule
    now: datetime
    filled: list[Moments] = field(default_factory=list)
    left: list[ListedOccurrence] = field(default_factory=list)
    taken_over: dict[datetime, Occurrence] = field(default_factory=dict)
    cut: dict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    rows: list[Occurrence] = field(default_factory=list)


def _work(
    schedule: TaskSchedule,
    origin: Origin,
    start: datetime,
    end: datetime,
    now: datetime,
    swept: Mapping[datetime, Outcome] = NOTHING_DUE,
) -> Work:
    """`swept`: instants that the sweep is about to deal with."""
    work = Work(schedule, origin, schedule.rule, now)
    named = _instants_of(work.rule, start, end, _most(schedule))
    work.rows = list(Occurrence.objects.raw(COVERING_SQL, {"schedule": schedule.id, "instants": named}))
    for moments in moments_of(work.rule, named):
        if moments.scheduled_for in swept:
            work.left.append(_listed(work, moments.scheduled_for, swept[moments.scheduled_for]))
        else:
            _sort(work, moments, _covering(work.rows, moments.scheduled_for))
    return work


def _most(schedule: TaskSchedule) -> int:
    return min(MOST, MOST_CHARACTERS // len(json.dumps(schedule.arguments)))


def _instants_of(rule: Rule, start: datetime, end: datetime, most: int) -> list[datetime]:
    budget = CpuBudget(BUDGET_SECONDS)
    named: list[datetime] = []
    for instant in rule.between(start, end):
        if len(named) == most or budget.is_spent():
            raise TooManyInstants(instant, end)
        named.append(instant)
    return named


# One probe for each instant, however many rows there are of other rules.
COVERING_SQL = """
SELECT * FROM occurrence WHERE id = ANY(ARRAY(
    SELECT before.id
      FROM unnest(%(instants)s::timestamptz[]) AS instant
     CROSS JOIN LATERAL (
        SELECT id, last_scheduled_for FROM occurrence
         WHERE schedule_id = %(schedule)s AND scheduled_for <= instant
         ORDER BY scheduled_for DESC LIMIT 1) AS before
     WHERE before.last_scheduled_for >= instant))
 ORDER BY scheduled_for
"""


def _covering(rows: Sequence[Occurrence], instant: datetime) -> Occurrence | None:
    """The row that an instant lies in. They are in order and do not overlap."""
    index = bisect_right(rows, instant, key=lambda row: row.scheduled_for) - 1
    return rows[index] if index >= 0 and instant <= rows[index].last_scheduled_for else None


def _sort(work: Work, moments: Moments, row: Occurrence | None) -> None:
    instant = moments.scheduled_for
    if row is not None and row.count == 1 and _is_settled(row, work.now):
        work.left.append(_listed(work, instant, row.outcome, row.task_id))
        return
    work.filled.append(moments)
    if row is not None and row.count == 1:
        work.taken_over[instant] = row
    elif row is not None:
        work.cut[row.id].append(instant)


def _is_settled(row: Occurrence, now: datetime) -> bool:
    """Whether it has its task, or is to have it later."""
    waits = row.outcome in TIMED and (row.due_at or row.scheduled_for) > now
    return waits or row.outcome == Outcome.QUEUED or row.task_id is not None


def _make_room(work: Work) -> None:
    """Replace each range from which instants are taken by what is left on either side of them."""
    rest = [piece for row in work.rows if row.id in work.cut for piece in without(row, work.cut[row.id])]
    Occurrence.objects.filter(id__in=list(work.cut)).delete()
    Occurrence.objects.bulk_create(rest)


def _make(work: Work, pace: timedelta) -> Backfill:
    backfill_id = new_id()
    tasks = _tasks(work, pace, backfill_id)
    created = _created(work, tasks)
    _make_room(work)
    _record(work, created)
    announce(insert([task for _, task in tasks]))
    return Backfill(backfill_id, created, work.left)


def _tasks(work: Work, pace: timedelta, backfill_id: UUID) -> list[tuple[Moments, NewTask]]:
    tags = [*work.schedule.tags, f"backfill:{backfill_id}"]
    return [
        (moments, _task(work, moments, work.now + number * pace, tags))
        for number, moments in enumerate(work.filled)
    ]


def _created(work: Work, tasks: Sequence[tuple[Moments, NewTask]]) -> list[ListedOccurrence]:
    return [
        _listed(work, moments.scheduled_for, Outcome.CREATED, task.id, task.run_at or work.now)
        for moments, task in tasks
    ]


def _listed(
    work: Work, instant: datetime, outcome: str, task_id: UUID | None = None, due_at: datetime | None = None
) -> ListedOccurrence:
    local = instant.astimezone(work.rule.zone)
    return ListedOccurrence(instant, local, outcome, task_id=task_id, due_at=due_at)


def _task(work: Work, moments: Moments, run_at: datetime, tags: list[str]) -> NewTask:
    """Whoever gave the occurrence arguments or a priority of its own meant this task, too."""
    row = work.taken_over.get(moments.scheduled_for)
    own: dict[str, Any] = (row and row.changes) or {}
    later = run_at if run_at > work.now else None
    return occurrence_task(
        work.schedule,
        work.rule.zone,
        moments,
        due_at=run_at,
        run_at=later,
        tags=tags,
        **work.origin,
        **own,
    )


TAKE_OVER_SQL = """
UPDATE occurrence SET outcome = 'created', reason = NULL, rule = NULL, task_id = new.task_id
  FROM jsonb_to_recordset(%s) AS new(id uuid, task_id uuid)
 WHERE occurrence.id = new.id
"""


def _record(work: Work, created: Sequence[ListedOccurrence]) -> None:
    records, taken_over = [], []
    for each in created:
        row = work.taken_over.get(each.scheduled_for)
        if row is not None:
            taken_over.append({"id": str(row.id), "task_id": str(each.task_id)})
        else:
            decision = Decision.of_one(Outcome.CREATED, Entry.of_rule(each.scheduled_for))
            records.append(Record(work.schedule, decision, each.task_id))
    execute(TAKE_OVER_SQL, [json.dumps(taken_over)])
    ledger.write(records)
