"""The cases of the benchmark of lags, once Django is set up."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from misc.benchmarks.alike import create_alike
from misc.benchmarks.conditions import wait_until
from misc.benchmarks.contenders import ADDED, ROLES
from misc.benchmarks.processes import running_roles
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.seed import fill_schedules
from tasks_api.database import database_now, fetch_all

UNIT = "ms"
EACH_GOAL, LAST_GOAL = Goal(30), Goal(300)
PATIENCE_SECONDS = 60.0
A_SECOND = 5
APART_SECONDS = 5

LAGS_SQL = """
SELECT scheduled_for, extract(epoch FROM started_at - scheduled_for)::float * 1000
  FROM task WHERE schedule_id IS NOT NULL AND scheduled_for >= %s AND scheduled_for < %s AND started_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: seconds with some due in each; so many at one instant, and so often; among so many.

    `warm_up`: seconds from the making of schedules to the first instant.
    """

    warm_up: int
    seconds: int
    at_once: int
    instants: int
    among: int


FULL = Effort(warm_up=4, seconds=40, at_once=200, instants=5, among=1_000_000)
SHORT = Effort(warm_up=1, seconds=2, at_once=5, instants=1, among=100)


def rows(effort: Effort) -> Iterator[Row]:
    """All cases, one after the other."""
    with running_roles(*ROLES):
        lags = _lags(effort, A_SECOND, every_seconds=1, times=effort.seconds)
        yield from _of_each(f"due to started, {A_SECOND} a second", lags)
        lags = _lags(effort, effort.at_once, every_seconds=APART_SECONDS, times=effort.instants)
        at_once = f"due to started, {effort.at_once} at one instant"
        yield Row(f"{at_once}: p50", UNIT, median(each for lag in lags for each in lag))
        yield Row(f"{at_once}: the last", UNIT, median(max(each) for each in lags), goal=LAST_GOAL)
    fill_schedules(effort.among)
    with running_roles(*ROLES):
        lags = _lags(effort, 1, every_seconds=1, times=effort.seconds)
        yield from _of_each(f"due to started, 1 a second among {effort.among:,}", lags)


def _of_each(what: str, lags: Sequence[Sequence[float]]) -> Iterator[Row]:
    """How late the tasks are, whatever their instant."""
    percent = quantiles([each for lag in lags for each in lag], n=100, method="inclusive")
    yield Row(f"{what}: p50", UNIT, percent[49])
    yield Row(f"{what}: p95", UNIT, percent[94])
    yield Row(f"{what}: p99", UNIT, percent[98], goal=EACH_GOAL)


def _lags(effort: Effort, count: int, *, every_seconds: int, times: int) -> list[list[float]]:
    """Milliseconds from due to started of so many schedules, for each of so many instants that they have in common."""
    period = timedelta(seconds=every_seconds)
    first = database_now().replace(microsecond=0) + timedelta(seconds=effort.warm_up)
    end = first + period * times
    begins = {"starts_at": (first - period).isoformat(), "ends_at": (end - period).isoformat()}
    body = {"operation": "add", "arguments": ADDED, "every_x_seconds": every_seconds, **begins}
    create_alike(count, body)
    time.sleep((end - database_now()).total_seconds())
    wait_until(lambda: len(_started(first, end)) == count * times, PATIENCE_SECONDS, "all have started")
    lags: dict[datetime, list[float]] = defaultdict(list)
    for instant, lag in _started(first, end):
        lags[instant].append(lag)
    return list(lags.values())


def _started(first: datetime, end: datetime) -> list[tuple[datetime, float]]:
    return [(instant, lag) for instant, lag in fetch_all(LAGS_SQL, [first, end])]
