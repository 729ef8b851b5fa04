"""The cases of the benchmark of history, once Django is set up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from misc.benchmarks import requesting, working_off
from misc.benchmarks.conditions import wait_until
from misc.benchmarks.contenders import ADDED, ours
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.requesting import ONE, Web, made_task, our_web
from misc.benchmarks.seed import fill_ended
from misc.benchmarks.service import Meter
from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from tasks_api.database import database_now, execute
from tasks_api.ids import new_id

UNIT, GOAL = "cpu-ms", Goal(1.2, of_ratio=True)
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds with so many requests, tasks and schedules that are due; so many tasks that ended."""

    rounds: int
    requests: int
    tasks: int
    due: int
    history: int


FULL = Effort(rounds=3, requests=2_000, tasks=2_000, due=1_000, history=3_000_000)
SHORT = Effort(rounds=1, requests=8, tasks=10, due=5, history=500)


def rows(meter: Meter, effort: Effort) -> Iterator[Row]:
    """All cases, before and after."""
    with our_web() as web:
        before = _costs(meter, web, effort)
        fill_ended(effort.history)
        execute("CHECKPOINT", None)
        after = _costs(meter, web, effort)
    for what, cost in after.items():
        yield Row(f"{what}, {effort.history:,} of history", UNIT, cost, before[what], GOAL)


def _costs(meter: Meter, web: Web, effort: Effort) -> Mapping[str, float]:
    """Of each kind of work. What the first ones leave waiting is worked off before the last is measured."""
    due = median(_cost_of_due(meter, effort.due) for _ in range(effort.rounds))
    bench = requesting.Bench(meter, requesting.Effort(effort.rounds, effort.requests, 0, 0))
    post = bench.each(web, "POST", "/tasks/", json.dumps(ONE).encode(), effort.requests)
    get = bench.each(web, "GET", f"/tasks/{made_task(web)}/", None, effort.requests)
    run = working_off.measured({"ours": ours()}, meter, working_off.Effort(1, effort.rounds, effort.tasks))
    return {
        "POST of one task": post,
        "GET of one task": get,
        "a due schedule": due,
        "run a task": run["ours"].cost,
    }


def _cost_of_due(meter: Meter, number: int) -> float:
    """Milliseconds for each of so many schedules whose first instant has just come."""
    sweeper = Sweeper()
    sweeper.sweep()  # takes note of what is new
    one = editing.create(forms.definition({"operation": "add", "arguments": ADDED, "every_x_hours": 4}))
    columns: dict[str, Any] = dict(TaskSchedule.objects.values().get(id=one.id))
    one.delete()
    TaskSchedule.objects.bulk_create(TaskSchedule(**columns | {"id": new_id()}) for _ in range(number))
    wait_until(lambda: database_now() > columns["next_run_at"], PATIENCE_SECONDS, "they are due")
    return meter.cost(lambda: _sweep(sweeper, number)) / number


def _sweep(sweeper: Sweeper, number: int) -> None:
    created = 0
    while created < number:
        swept = sweeper.sweep()
        assert swept.created, f"{created} of {number}"  # noqa: S101 (else it would never end)
        created += swept.created
