"""The cases of the benchmark of a backlog, once Django is set up."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import psutil

from misc.benchmarks.conditions import wait_until
from misc.benchmarks.contenders import ADDED, ROLES, ours
from misc.benchmarks.processes import START_SECONDS, running_roles
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.seed import fill_waiting
from misc.benchmarks.service import Meter
from tasks_api.broker.connection import Broker
from tasks_api.database import fetch_all
from tasks_api.submission import NewTask, submit

MEGABYTE = 10**6
BROKER_GOAL, FLAT, URGENT_GOAL = Goal(50), Goal(1.2, of_ratio=True), Goal(50)
WARM_UP = 500
STEADY_SECONDS = 15.0
PATIENCE_SECONDS = 60.0
APART_SECONDS = 0.2
STARTED_AFTER_SQL = "SELECT extract(epoch FROM started_at - created_at)::float * 1000 FROM task WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Effort:
    """So many waiting tasks, how long the broker may take to fill, and so many urgent tasks."""

    waiting: int
    longest_seconds: float
    urgent: int


FULL = Effort(waiting=1_000_000, longest_seconds=150, urgent=50)
SHORT = Effort(waiting=1_000, longest_seconds=1, urgent=2)


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes that processes have: the broker, the worker with its children, the sweeper, the beat."""

    broker: float
    worker: float
    sweeper: float
    beat: float


def rows(meter: Meter, effort: Effort) -> Iterator[Row]:
    """All cases, at first with an empty queue. The workers work off tasks all the time, as they would."""
    with running_roles(*ROLES) as roles:
        wait_until(ours().send(WARM_UP), START_SECONDS, "the first tasks are done")
        empty = _memory(meter, roles)
    fill_waiting(effort.waiting)
    with running_roles(*ROLES) as roles:
        _wait_until_filled(effort.longest_seconds)
        lags = [_lag_of_urgent() for _ in range(effort.urgent)]
        full = _memory(meter, roles)
    what = f"{effort.waiting:,} waiting"
    yield Row(f"{what}: the broker", "MB", full.broker, empty.broker, BROKER_GOAL)
    yield Row(f"{what}: the worker and its children", "MB", full.worker, empty.worker, FLAT)
    yield Row(f"{what}: the sweeper", "MB", full.sweeper, empty.sweeper, FLAT)
    yield Row(f"{what}: the beat", "MB", full.beat, empty.beat, FLAT)
    yield Row(f"{what}: an urgent one starts, p50", "ms", median(lags))
    yield Row(f"{what}: an urgent one starts, the last of {effort.urgent}", "ms", max(lags), goal=URGENT_GOAL)


def _memory(meter: Meter, roles: dict[str, psutil.Process]) -> Memory:
    def of(process: psutil.Process) -> float:
        family = [process, *process.children(recursive=True)]
        return sum(each.memory_info().rss for each in family) / MEGABYTE

    return Memory(of(meter.broker), *(of(roles[role]) for role in ("worker", "sweeper", "beat")))


def _wait_until_filled(longest_seconds: float) -> None:
    """Until the broker has held no more messages for some seconds than ever before."""
    broker, most, end = Broker(), 0, time.monotonic() + longest_seconds
    grew = time.monotonic()
    while time.monotonic() < min(grew + STEADY_SECONDS, end):
        if (held := broker.waiting()) > most:
            most, grew = held, time.monotonic()
        time.sleep(APART_SECONDS)
    broker.close()


def _lag_of_urgent() -> float:
    """Milliseconds from created to started, by the database's clock."""
    time.sleep(APART_SECONDS)
    task = NewTask(operation="add", arguments=ADDED, priority=9, max_attempts=3, timeout_seconds=30.0)
    [row] = submit([task]).tasks
    wait_until(lambda: _lag(row.id) is not None, PATIENCE_SECONDS, "the urgent task has started")
    return _lag(row.id) or 0.0


def _lag(task_id: UUID) -> float | None:
    [(lag,)] = fetch_all(STARTED_AFTER_SQL, [task_id])
    return None if lag is None else float(lag)
