"""Tasks for a time that is past: one for each instant of the rule that has none."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction

from schedules import ledger
from schedules.changes import parsed
from schedules.ledger import Record
from schedules.models import Occurrence, TaskSchedule
from schedules.planning import JUST_AFTER, WAITING, Decision, Outcome, alone
from schedules.recurrence import Rule, parse
from schedules.settling import locked, settle
from schedules.templates import occurrence_task
from tasks_api.database import database_now
from tasks_api.ids import new_id
from tasks_api.submission import announce, insert

MOST = 10_000
"""How many instants one backfill may cover."""
MOST_COUNTED = 2_147_483_647


class TooManyInstants(Exception):
    """More instants than one backfill may cover."""


class EndsInTheFuture(Exception):
    """`to` is in the future; the schedule itself brings what is coming."""


class ReachesWhatIsForgotten(Exception):
    """Before `ledger_from` nobody knows any more which instants had a task."""

    def __init__(self, ledger_from: datetime) -> None:
        super().__init__(ledger_from)
        self.ledger_from = ledger_from


@dataclass(frozen=True, slots=True)
class Filled:
    """An instant that has a task now, or would have one."""

    scheduled_for: datetime
    run_at: datetime
    task_id: UUID | None


@dataclass(frozen=True, slots=True)
class Left:
    """An instant that had its task, or is to have one without this."""

    scheduled_for: datetime
    outcome: Outcome
    task_id: UUID | None


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a backfill did, or would do."""

    id: UUID
    schedule: TaskSchedule
    created: list[Filled]
    left: list[Left]


def backfill(
    schedule_id: UUID, start: datetime, end: datetime, *, pace_seconds: float = 0, dry_run: bool = False
) -> Backfill:
    """A task for each instant of the rule in [start, end) that has none, `pace_seconds` apart, whatever overlaps.

    They are tagged ``backfill:<id>`` and count neither for `runs_created` nor for `schedule_x_times`. A dry run
    changes nothing. Raises TaskSchedule.DoesNotExist, EndsInTheFuture, ReachesWhatIsForgotten, TooManyInstants,
    UnknownOperation, RecurrenceError where the stored rule can be read no more.
    """
    with transaction.atomic():
        schedule = locked(schedule_id)
        now = database_now()
        _check(schedule, start, end, now)
        settle(schedule, within_reason=True)
        work = _work(schedule, start, end)
        made = _make(work, now, timedelta(seconds=pace_seconds))
        if dry_run:
            transaction.set_rollback(True)
            unmade = [Filled(each.scheduled_for, each.run_at, None) for each in made.created]
            return Backfill(made.id, schedule, unmade, made.left)
    return made


def _check(schedule: TaskSchedule, start: datetime, end: datetime, now: datetime) -> None:
    if end > now:
        raise EndsInTheFuture
    if schedule.ledger_from > schedule.created_at and start < schedule.ledger_from:
        raise ReachesWhatIsForgotten(schedule.ledger_from)


@dataclass(slots=True)
class Work:
    """What is to be filled, and the rows that must make room for it."""

    schedule: TaskSchedule
    rule: Rule
    instants: list[datetime] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    replaced: list[UUID] = field(default_factory=list)
    cut: dict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))


def _work(schedule: TaskSchedule, start: datetime, end: datetime) -> Work:
    work = Work(schedule, parsed(schedule.spec))
    instants = list(islice(work.rule.between(start, end), MOST + 1))
    if len(instants) > MOST:
        raise TooManyInstants
    rows = Occurrence.objects.filter(
        schedule=schedule, scheduled_for__lt=end, last_scheduled_for__gte=start
    ).order_by("scheduled_for")
    ranges = [row for row in rows if row.count > 1]
    single = {row.scheduled_for: row for row in rows if row.count == 1}
    for instant in instants:
        _sort(work, instant, single.get(instant), ranges)
    _split(ranges, work)
    return work


def _sort(work: Work, instant: datetime, row: Occurrence | None, ranges: Sequence[Occurrence]) -> None:
    if row is not None and (row.task_id or row.outcome in WAITING):
        work.left.append(Left(instant, Outcome(row.outcome), row.task_id))
        return
    work.instants.append(instant)
    if row is not None:
        work.replaced.append(row.id)
        return
    covering = _covering(ranges, instant)
    if covering is not None and _names(covering, instant):
        work.cut[covering.id].append(instant)


def _covering(ranges: Sequence[Occurrence], instant: datetime) -> Occurrence | None:
    """The range that an instant lies in. Ranges are in order and do not overlap."""
    index = bisect_right(ranges, instant, key=lambda row: row.scheduled_for) - 1
    return ranges[index] if index >= 0 and instant <= ranges[index].last_scheduled_for else None


def _names(covering: Occurrence, instant: datetime) -> bool:
    """Whether it is one of the instants of a range, by the rule that was in force."""
    return _rule_of(covering).next(instant, inclusive=True) == instant


def _rule_of(row: Occurrence) -> Rule:
    return parse(ledger.spec_from_json(row.rule or {}))


def _split(ranges: Sequence[Occurrence], work: Work) -> None:
    """Replace each range from which instants are taken by what is left on either side of them."""
    rest = [piece for row in ranges if row.id in work.cut for piece in _pieces(row, work.cut[row.id])]
    Occurrence.objects.filter(id__in=[*work.replaced, *work.cut]).delete()
    Occurrence.objects.bulk_create(rest)


def _pieces(row: Occurrence, taken: Sequence[datetime]) -> Iterator[Occurrence]:
    rule, start = _rule_of(row), row.scheduled_for
    for cut in [*taken, row.last_scheduled_for + JUST_AFTER]:
        first, last = rule.next(start, inclusive=True), rule.previous(cut)
        if first is not None and last is not None and start <= first <= last:
            yield Occurrence(
                schedule_id=row.schedule_id,
                scheduled_for=first,
                last_scheduled_for=last,
                count=rule.count(first, cut, MOST_COUNTED),
                outcome=row.outcome,
                reason=row.reason,
                rule=row.rule,
            )
        start = cut + JUST_AFTER


def _make(work: Work, now: datetime, pace: timedelta) -> Backfill:
    backfill_id = new_id()
    tags = [*work.schedule.tags, f"backfill:{backfill_id}"]
    created, tasks, records = [], [], []
    for number, instant in enumerate(work.instants):
        run_at, task_id = now + number * pace, new_id()
        task = occurrence_task(
            work.schedule,
            work.rule,
            instant,
            due_at=run_at,
            now=now,
            id=task_id,
            tags=tags,
            run_at=run_at if run_at > now else None,
        )
        tasks.append(task)
        records.append(Record(work.schedule, Decision(Outcome.CREATED, alone(instant)), task_id))
        created.append(Filled(instant, run_at, task_id))
    ledger.write(records)
    announce(insert(tasks))
    return Backfill(backfill_id, work.schedule, created, work.left)
