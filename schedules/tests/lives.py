"""What the tests of policies share: a ledger in short, and tasks that run and end."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schedules.actions.pausing import CatchUp
from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NOON
from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.clock import Clock
from testing.factories import make_node

MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)
Ledger = list[tuple[Any, ...]]
EACH_CATCH_UP = pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        (CatchUp.NONE, [(1, 3, "paused")]),
        (CatchUp.LAST, [(1, 2, "paused"), (3, 3, "created")]),
        (CatchUp.ALL, [(1, 1, "created"), (2, 2, "created"), (3, 3, "created")]),
    ],
)
"""What becomes of the three minutes of a pause, by what is caught up when it ends."""


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + minutes * MINUTE


def ledger(schedule: TaskSchedule) -> Ledger:
    """Each row: the minutes after noon of its first and last instant, and what became of them."""
    rows = Occurrence.objects.filter(schedule=schedule).order_by("scheduled_for")
    return [(_minutes(row.scheduled_for), _minutes(row.last_scheduled_for), row.outcome) for row in rows]


def _minutes(moment: datetime) -> float:
    minutes = (moment - NOON) / MINUTE
    return int(minutes) if minutes == int(minutes) else minutes


def sweep_for(clock: Clock, minutes: int) -> None:
    """Sweep now, and at each of so many full minutes to come."""
    sweeper = Sweeper()
    sweeper.sweep()
    for _ in range(minutes):
        clock.advance(MINUTE)
        sweeper.sweep()


def tasks(schedule: TaskSchedule) -> list[Task]:
    """The schedule's tasks, in the order of their creation."""
    return list(Task.objects.filter(schedule_id=schedule.id).order_by("id"))


def start(task: Task) -> Run:
    """A worker that lives on takes the task."""
    node = make_node(beat_at=NOON + 100 * YEAR)
    run = transitions.claim(task.id, task.priority, token=new_id(), node=node.id)
    assert run is not None
    return run


def succeed(schedule: TaskSchedule) -> None:
    """Every task that waits runs, and succeeds."""
    for task in tasks(schedule):
        if task.status == Status.PENDING:
            assert transitions.succeed(start(task), "2")


def fail(schedule: TaskSchedule) -> None:
    """Every task that waits runs, and fails for good."""
    for task in tasks(schedule):
        if task.status == Status.PENDING:
            assert transitions.fail(start(task), '{"type": "OSError"}')


def fresh(schedule: TaskSchedule) -> TaskSchedule:
    """The schedule as it stands now."""
    return TaskSchedule.objects.get(id=schedule.id)
