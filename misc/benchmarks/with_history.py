"""The cases of the benchmark of history, once Django is set up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from misc.benchmarks import requesting, working_off
from misc.benchmarks.alike import create_alike
from misc.benchmarks.conditions import wait_until
from misc.benchmarks.contenders import ADDED, ours
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.requesting import ONE, Request, Web, made_task, our_web
from misc.benchmarks.seed import fill_ended
from misc.benchmarks.service import Meter
from schedules.sweep.sweeper import Sweeper
from tasks_api.database import database_now, execute

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
    reading = Request(web, "GET", f"/tasks/{made_task(web)}/")
    post, get = bench.costs(
        effort.requests, Request(web, "POST", "/tasks/", json.dumps(ONE).encode()), reading
    )
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
    first, *_ = create_alike(number, {"operation": "add", "arguments": ADDED, "every_x_hours": 4})
    due = first.next_run_at
    assert due is not None  # noqa: S101 (it has just begun)
    wait_until(lambda: database_now() > due, PATIENCE_SECONDS, "they are due")
    return meter.cost(lambda: _sweep(sweeper, number)) / number


def _sweep(sweeper: Sweeper, number: int) -> None:
    created = 0
    while created < number:
        swept = sweeper.sweep()
        assert swept.created, f"{created} of {number}"  # noqa: S101 (else it would never end)
        created += swept.created
