"""What there is to do: bodies of tasks and of schedules, and what must come of them. Pure; chance is an argument."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from random import Random
from typing import Any

from testing.misdeeds import MISDEEDS

Body = dict[str, Any]

TRIED = sorted(MISDEEDS.keys() - {"begin and write"})
"""What operations do to their process. The one left out would lock all tasks of the others, which none forbids."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much, and within how many seconds. `rounds`: how often each fault strikes at most. `windows`: how deep the
    backlog is that some faults hit."""

    tasks: int
    schedules: int
    seconds: float
    rounds: int
    windows: int
    batch: int = 25


MISFIRE_POLICIES = ("run_all", "run_last")
OVERLAP_POLICIES = ("allow", "skip", "queue_one", "cancel_running", "allow")

FULL = Load(tasks=5_000, schedules=200, seconds=150, rounds=2, windows=15)
SHORT = Load(tasks=600, schedules=30, seconds=30, rounds=1, windows=5)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A schedule that fires `count` times, every `interval` seconds from `starts_at`."""

    starts_at: datetime
    interval: int
    count: int
    misfire_policy: str
    overlap_policy: str = "allow"

    def instants(self) -> list[datetime]:
        """Every instant there is, by arithmetic."""
        return [self.starts_at + timedelta(seconds=n * self.interval) for n in range(self.count)]

    def body(self, number: int) -> Body:
        """Of `POST /task-schedules/`."""
        return {
            "name": f"chaos {number}",
            "operation": "chaos.quick",
            "arguments": {"number": number},
            "priority": number % 10,
            "rrule": f"FREQ=SECONDLY;INTERVAL={self.interval};COUNT={self.count}",
            "starts_at": self.starts_at.isoformat(),
            "misfire_policy": self.misfire_policy,
            "overlap_policy": self.overlap_policy,
        }


def rhythms(chance: Random, load: Load, starts_at: datetime) -> Iterator[Rhythm]:
    """As many as the load says, of every policy; those that allow overlap and run all make a task of each instant."""
    for number in range(load.schedules):
        interval = chance.randint(2, 10)
        times = max(1, int(load.seconds) // interval)
        misfire, overlap = MISFIRE_POLICIES[number % 2], OVERLAP_POLICIES[number // 2 % 5]
        yield Rhythm(starts_at, interval, times, misfire, overlap)


def bodies(chance: Random) -> Iterator[Body]:
    """Bodies of `POST /tasks/`, without end."""
    kinds, weights = zip(*VARIANTS.items(), strict=True)
    for number in count(1):
        kind = chance.choices(kinds, weights)[0]
        yield kind(chance, number) | {"priority": chance.randint(0, 9)}


def batches(chance: Random, load: Load) -> Iterator[list[Body]]:
    """All tasks of the load, in batches."""
    everything = islice(bodies(chance), load.tasks)
    while batch := list(islice(everything, load.batch)):
        yield batch


def long_ones(number: int) -> list[Body]:
    """Urgent tasks that keep as many processes busy for a while, so that there is somebody to strike."""
    seconds = {"number": number, "seconds": 3.0}
    return [_body("chaos.slow", **seconds) | {"priority": 8, "max_attempts": 8} for _ in range(number)]


def flood(number: int, priority: int) -> list[Body]:
    """Tasks of one priority that are done soon, but not at once, so that they wait in Postgres for a while."""
    each = _body("chaos.slow", number=number, seconds=0.05) | {"priority": priority, "max_attempts": 8}
    return [each] * number


def probe() -> Body:
    """The most urgent task there is, done in no time."""
    return _body("chaos.quick", number=0) | {"priority": 9, "max_attempts": 8}


def _body(operation: str, **arguments: Any) -> Body:
    return {"operation": operation, "arguments": arguments}


def _quick(_: Random, number: int) -> Body:
    return _body("chaos.quick", number=number)


def _slow(chance: Random, number: int) -> Body:
    return _body("chaos.slow", number=number, seconds=round(chance.triangular(0.1, 3, 0.2), 2))


def _flaky(chance: Random, number: int) -> Body:
    return _body("chaos.flaky", number=number, failures=chance.randint(1, 3))


def _doomed(_: Random, number: int) -> Body:
    return _body("chaos.doomed", number=number)


def _hanging(_: Random, number: int) -> Body:
    return _body("chaos.hanging", number=number)


def _once(chance: Random, number: int) -> Body:
    return _body("chaos.once", number=number, seconds=round(chance.uniform(0, 0.3), 2))


def _steps(chance: Random, number: int) -> Body:
    return _body("chaos.steps", number=number, count=chance.randint(1, 8))


def _misdeed(chance: Random, number: int) -> Body:
    return _body("chaos.misdeed", number=number, which=chance.choice(TRIED))


VARIANTS: dict[Callable[[Random, int], Body], int] = {
    _quick: 57,
    _slow: 10,
    _flaky: 8,
    _doomed: 4,
    _hanging: 2,
    _once: 10,
    _steps: 6,
    _misdeed: 3,
}
"""The kinds of tasks, and how many of each in a hundred."""
