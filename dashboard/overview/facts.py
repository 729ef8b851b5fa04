"""What the overview tells: few rows of live indexes, and the roll-up of a day."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

from django.db.models import F

from access.actor import Actor
from access.payloads import shown_to
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.recurrence import RecurrenceError
from tasks_api.failures import FailureGroup, failures
from tasks_api.lifecycle import Status
from tasks_api.models import NEWEST, Task
from tasks_api.roll_up.periods import HOUR, Period
from tasks_api.roll_up.totals import Ended, ended_in, reach, together

DAY = timedelta(days=1)
PART = timedelta(minutes=30)
MOST_RUNNING = 8
MOST_GROUPS = 5
MOST_SCHEDULES = 5
MOST_RUNS = 10
MOST_OF_ONE = 2
"""One that runs each second leaves room for others among the next runs."""
LATE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RunningTask:
    """A task that runs. `left_seconds` is as if it went on as fast as so far; None: nobody knows."""

    task: Task
    percent: float | None
    message: str | None
    left_seconds: float | None


@dataclass(frozen=True, slots=True)
class NextRun:
    """An instant to come."""

    at: datetime
    schedule: TaskSchedule


@dataclass(frozen=True, slots=True)
class Concern:
    """A schedule that wants somebody, and why."""

    schedule: TaskSchedule
    kind: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """Half an hour of the day."""

    at: datetime
    success: int
    failure: int
    other: int
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """What ended in the last 24 hours."""

    parts: list[Part]
    count: int
    failure_ratio: float | None
    p50: float | None
    p99: float | None


def running(actor: Actor, now: datetime) -> list[RunningTask]:
    """Those that began last."""
    rows = Task.objects.filter(project_id=actor.project_id, status=Status.STARTED.value)
    show = shown_to(actor)
    return [
        _running(row, show, now) for row in rows.defer("arguments", "result").order_by(NEWEST)[:MOST_RUNNING]
    ]


def _running(task: Task, show: Any, now: datetime) -> RunningTask:
    progress = show({"progress": task.progress})["progress"] or {}
    percent = progress.get("percent")
    return RunningTask(task, percent, progress.get("message"), left_seconds(task.started_at, percent, now))


def left_seconds(began: datetime | None, percent: float | None, now: datetime) -> float | None:
    """About how long a task still takes, if it goes on as fast as so far: in whole minutes, or five seconds. Pure."""
    if began is None or not percent or not 0 < percent <= 100:
        return None
    left = max(0.0, (now - began).total_seconds()) * (100 - percent) / percent
    grain = 60.0 if left >= 60 else 5.0
    return round(left / grain) * grain


def failing(actor: Actor, now: datetime) -> list[FailureGroup]:
    """What failed most in a day, by reason."""
    return failures(actor.project_id, now - DAY, limit=MOST_GROUPS).groups


def concerns(project_id: int, now: datetime) -> list[Concern]:
    """Schedules that were set aside, that nobody sweeps, or that are paused."""
    own = TaskSchedule.objects.filter(project_id=project_id).order_by("-id")
    aside = own.filter(status=ScheduleStatus.ERROR)[:MOST_SCHEDULES]
    late = own.filter(status=ScheduleStatus.ACTIVE, sweep_at__lt=now - LATE).order_by("sweep_at")[
        :MOST_SCHEDULES
    ]
    paused = own.filter(status=ScheduleStatus.PAUSED)[:MOST_SCHEDULES]
    rows = aside.union(late, paused, all=True)
    found = [_concern(row) for row in rows]
    return sorted(found, key=lambda each: ("error", "late", "paused").index(each.kind))


def _concern(schedule: TaskSchedule) -> Concern:
    match schedule.status:
        case ScheduleStatus.ERROR:
            return Concern(schedule, "error", schedule.error)
        case ScheduleStatus.PAUSED:
            return Concern(schedule, "paused", schedule.paused_reason)
    return Concern(schedule, "late", None)


def next_runs(project_id: int) -> list[NextRun]:
    """The next instants of all schedules together."""
    rows = TaskSchedule.objects.filter(
        project_id=project_id, status=ScheduleStatus.ACTIVE, sweep_at__isnull=False, next_run_at__isnull=False
    ).order_by(F("sweep_at"))[:MOST_RUNS]
    return list(islice(merge(*map(_runs, rows), key=attrgetter("at")), MOST_RUNS))


def _runs(schedule: TaskSchedule) -> Iterator[NextRun]:
    at = schedule.next_run_at
    remaining = schedule.runs_remaining
    with suppress(RecurrenceError):  # it can be read no more, or names too little
        rule = schedule.rule
        for _ in range(MOST_OF_ONE if remaining is None else min(MOST_OF_ONE, remaining)):
            if at is None:
                return
            yield NextRun(at, schedule)
            at = rule.next(at)


def day(project_id: int) -> Day:
    """What ended lately, by half hours: as far as it is rolled up, which is a minute behind."""
    known = reach()
    step = HOUR if known.hours_to is not None and known.now - DAY < known.hours_to else PART
    period = Period.around(known.now - DAY, known.now, step)
    ended = ended_in(period, project_id)
    whole = together(ended.values())
    lateness = whole.measures["lateness"]
    return Day(
        [_part(at, ended.get(at, together([]))) for at in period.parts()],
        whole.count,
        whole.failure_ratio,
        lateness.percentile(0.5),
        lateness.percentile(0.99),
    )


def _part(at: datetime, ended: Ended) -> Part:
    counts, lateness = ended.counts, ended.measures["lateness"]
    success, failure = counts.get("success", 0), counts.get("failure", 0)
    return Part(
        at,
        success,
        failure,
        ended.count - success - failure,
        lateness.percentile(0.5),
        lateness.percentile(0.95),
        lateness.percentile(0.99),
    )
