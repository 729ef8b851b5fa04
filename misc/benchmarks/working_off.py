"""The cases of the benchmark of tasks, once Django is set up."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import psutil

from misc.benchmarks.conditions import wait_until
from misc.benchmarks.contenders import Contender, bare, ours
from misc.benchmarks.peers.contenders import Peers
from misc.benchmarks.processes import START_SECONDS, standing_still
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.service import MILLISECONDS, Meter, spent

UNIT, RATE = "cpu-ms", "/s"
WARM_UP = 50
LONGEST_SECONDS = 120.0
SETTLE_SECONDS = 0.5
"""What Postgres writes behind is written by then."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: so often everybody takes a turn, with so many rounds of so many tasks."""

    turns: int
    rounds: int
    tasks: int


FULL = Effort(turns=2, rounds=3, tasks=2_000)
SHORT = Effort(turns=1, rounds=1, tasks=20)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one task: milliseconds of CPU of who works it off, and of Postgres and the broker; and how many a second."""

    workers: float
    servers: float
    rate: float

    @property
    def cost(self) -> float:
        """All together."""
        return self.workers + self.servers


def rows(meter: Meter, effort: Effort) -> Iterator[Row]:
    """All cases. Whoever is compared takes turns with us."""
    peers = Peers()
    contenders = {
        "ours": ours(),
        "bare": bare(),
        "procrastinate": peers.procrastinate(),
        "django-celery-results": peers.results(),
        "Celery without results": peers.alone(),
    }
    found = measured(contenders, meter, effort)
    yield from against_bare(found["ours"], found["bare"])
    goals = {"procrastinate": (at_most(0.8), at_least(1.2))}
    for peer in list(contenders)[2:]:
        most, least = goals.get(peer, (None, None))
        yield Row(f"run a task: {peer}", UNIT, found["ours"].cost, found[peer].cost, most)
        yield Row(f"tasks run by two processes: {peer}", RATE, found["ours"].rate, found[peer].rate, least)


def rows_on_rabbitmq(meter: Meter, effort: Effort) -> Iterator[Row]:
    """The same on RabbitMQ, beside the least alone."""
    found = measured({"ours": ours(), "bare": bare()}, meter, effort)
    yield from against_bare(found["ours"], found["bare"])
    yield Row(
        "tasks run by two processes, whoever else",
        RATE,
        found["ours"].rate,
        goal=Goal(1000, more_is_better=True),
    )


def against_bare(mine: Measured, least: Measured) -> Iterator[Row]:
    """Beside bare Celery with two guarded UPDATEs."""
    yield Row("run a task", UNIT, mine.cost, least.cost, at_most(1))
    yield Row("run a task: the workers' part", UNIT, mine.workers, least.workers)
    yield Row("run a task: Postgres and the broker", UNIT, mine.servers, least.servers)
    yield Row("tasks run by two processes", RATE, mine.rate, least.rate, at_least(1))


def at_most(bound: float) -> Goal:
    """Of the baseline."""
    return Goal(bound, of_ratio=True)


def at_least(bound: float) -> Goal:
    """Of the baseline."""
    return Goal(bound, of_ratio=True, more_is_better=True)


def measured(contenders: Mapping[str, Contender], meter: Meter, effort: Effort) -> dict[str, Measured]:
    """The medians of all rounds of each, in turns, so that a machine that slows down does so for all."""
    rounds: dict[str, list[Measured]] = defaultdict(list)
    for _ in range(effort.turns):
        for name, contender in contenders.items():
            rounds[name] += _turn(contender, meter, effort)
    return {name: _median(found) for name, found in rounds.items()}


def _turn(contender: Contender, meter: Meter, effort: Effort) -> list[Measured]:
    """Some rounds, after a few tasks that warm it up."""
    with contender.running() as processes:
        wait_until(contender.send(WARM_UP), START_SECONDS, "the first tasks are done")
        return [_round(contender, processes, meter, effort.tasks) for _ in range(effort.rounds)]


def _round(contender: Contender, processes: Sequence[psutil.Process], meter: Meter, count: int) -> Measured:
    """Work off what was sent while nobody worked: its sender costs nothing."""
    with standing_still(processes):
        is_done = contender.send(count)
        time.sleep(SETTLE_SECONDS)
        began, before, servers = time.monotonic(), _spent(processes), meter.spent_by_servers()
    wait_until(is_done, LONGEST_SECONDS, f"{count} tasks are done")
    seconds, each = time.monotonic() - began, MILLISECONDS / count
    return Measured(
        (_spent(processes) - before) * each, (meter.spent_by_servers() - servers) * each, count / seconds
    )


def _spent(processes: Sequence[psutil.Process]) -> float:
    return sum(map(spent, processes))


def _median(rounds: Sequence[Measured]) -> Measured:
    return Measured(
        median(each.workers for each in rounds),
        median(each.servers for each in rounds),
        median(each.rate for each in rounds),
    )
