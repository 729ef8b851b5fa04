"""What a request costs: one task, a batch, ten thousand at once, and reading one. The web process and its servers.

The baseline is a DRF view on the same web server that writes the rows by the ORM and sends each message by Celery; for
reading, a view that asks nobody.
"""

from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "djangorestframework", "granian", "psycopg2-binary", "celery", "redis")


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service() as meter:
        from misc.benchmarks import requesting  # needs Django, set up for these servers

        yield from requesting.rows(meter, requesting.SHORT if short else requesting.FULL)
