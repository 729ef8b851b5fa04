"""What a request costs: one task, a batch, ten thousand at once, and reading one. The web process and its servers.

The baseline is a DRF view on the same web server that writes the rows by the ORM and sends each message by Celery; for
reading, a view that asks nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "djangorestframework", "granian", "psycopg2-binary", "celery", "redis")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds with so many requests, of which batches are fewer; the size of the largest batch."""

    rounds: int
    requests: int
    batches: int
    largest: int


FULL = Effort(rounds=5, requests=2_000, batches=40, largest=10_000)
SHORT = Effort(rounds=1, requests=10, batches=2, largest=200)


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service() as meter:
        from misc.benchmarks import requesting

        yield from requesting.rows(meter, SHORT if short else FULL)
