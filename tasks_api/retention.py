"""Finished tasks do not stay for ever. They go in small batches, each a transaction of its own."""

from collections.abc import Callable
from functools import partial

from django.conf import settings

from tasks_api.database import execute
from tasks_api.lifecycle import FINAL, Status

BATCH = 1_000
MOST_BATCHES = 5
"""In one go, so that a sweep has time for what is due."""

FORGET_SQL = """
WITH old AS (
    SELECT id FROM task
     WHERE status = %(status)s AND finished_at < statement_timestamp() - make_interval(secs => %(seconds)s)
     ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
 tries AS (DELETE FROM attempt USING old WHERE task_id = old.id)
DELETE FROM task USING old WHERE task.id = old.id
"""


def forget_old_tasks() -> int:
    """Remove tasks that ended longer ago than their retention, with their attempts. How many."""
    return sum(in_batches(partial(_forget, status)) for status in FINAL)


def in_batches(forget: Callable[[int], int], *, batch: int = BATCH, most: int = MOST_BATCHES) -> int:
    """Call `forget` with a limit until it finds less than that, but not without end. How many it forgot."""
    total = 0
    for _ in range(most):
        found = forget(batch)
        total += found
        if found < batch:
            break
    return total


def _forget(status: Status, limit: int) -> int:
    days = settings.RETENTION_SUCCESS_DAYS if status is Status.SUCCESS else settings.RETENTION_FAILURE_DAYS
    return execute(FORGET_SQL, {"status": status.value, "seconds": days * 86_400, "limit": limit})
