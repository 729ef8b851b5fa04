"""The cases of the benchmark of statistics, once Django is set up."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction

from access.actor import DEFAULT_PROJECT_ID
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.seed import fill_ended
from misc.benchmarks.service import Meter
from rest.json import dump
from tasks_api.api.stats import StatsQuery, stats
from tasks_api.database import database_now, execute, fetch_all
from tasks_api.roll_up.filling import fill
from tasks_api.roll_up.periods import MINUTE, floor
from tasks_api.roll_up.rolling import roll_up

UNIT = "cpu-ms"
ROUNDS = 5
COUNT_SQL = """
SELECT operation, status, count(*) FROM task WHERE finished_at >= %s AND finished_at < %s
   AND status IN ('SUCCESS', 'FAILURE', 'REVOKED') GROUP BY 1, 2"""

SAME_MINUTE_SQL = """
UPDATE task SET finished_at = %s + random() * interval '59 seconds'
 WHERE id IN (SELECT id FROM task ORDER BY id DESC LIMIT %s)"""


def rows(meter: Meter, *, minute: int, history: int) -> Iterator[Row]:
    """All cases: a day with so many tasks, and one minute of it with so many."""
    fill_ended(history)
    this = floor(database_now(), MINUTE) - 10 * MINUTE
    execute(SAME_MINUTE_SQL, [this, minute])
    execute("VACUUM ANALYZE task", [])  # as autovacuum does a minute later
    rolling = _cost(meter, lambda: _fill(this))
    counting = _cost(meter, lambda: fetch_all(COUNT_SQL, [this, this + MINUTE]))
    yield Row(f"roll up a minute, {minute:,} ended", UNIT, rolling, counting, Goal(6, of_ratio=True))
    while roll_up()[1]:
        pass
    now = database_now()
    telling = _cost(meter, lambda: dump(stats(StatsQuery(), DEFAULT_PROJECT_ID)))
    counting = _cost(meter, lambda: fetch_all(COUNT_SQL, [now - timedelta(days=1), now]), rounds=1)
    yield Row(f"tell of a day, {history:,} ended", UNIT, telling, counting, Goal(0.2, of_ratio=True))


def _cost(meter: Meter, work: Callable[[], object], rounds: int = ROUNDS) -> float:
    work()
    return median(meter.cost(work) for _ in range(rounds))


def _fill(minute: datetime) -> None:
    with transaction.atomic():
        fill(minute)
