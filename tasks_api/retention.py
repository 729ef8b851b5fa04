"""Finished tasks do not stay for ever, nor do the rows of processes that are gone.

Tasks go in small batches, each a transaction of its own.
"""

from collections.abc import Callable
from functools import partial

from django.conf import settings

from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.lifecycle import FINAL, Status

NODES_KEPT = "1 day"
BATCH = 1_000
MOST_BATCHES = 5
"""In one go, so that a sweep has time for what is due."""

_OLD = f"""
    SELECT id FROM task
     WHERE status = %(status)s AND finished_at < statement_timestamp() - make_interval(secs => %(seconds)s)
       AND {among()}
     ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
FORGET = SetStatement(
    _OLD,
    f"""
WITH old AS ({_OLD}),
 tries AS (DELETE FROM attempt USING old WHERE task_id = old.id),
 uses AS (DELETE FROM file_use USING old WHERE task_id = old.id)
DELETE FROM task USING old WHERE task.id = old.id RETURNING task.id
""",  # noqa: S608 (a constant)
)


def forget_old_tasks(duty: Duty | None = None) -> int:
    """Remove tasks that ended longer ago than their retention, with their attempts. How many."""
    return sum(in_batches(partial(_forget, status, duty)) for status in FINAL)


def in_batches(forget: Callable[[int], int], *, batch: int = BATCH, most: int = MOST_BATCHES) -> int:
    """Call `forget` with a limit until it finds less than that, but not without end. How many it forgot."""
    total = 0
    for _ in range(most):
        found = forget(batch)
        total += found
        if found < batch:
            break
    return total


def _forget(status: Status, duty: Duty | None, limit: int) -> int:
    days = settings.RETENTION_SUCCESS_DAYS if status is Status.SUCCESS else settings.RETENTION_FAILURE_DAYS
    return len(FORGET.run({"status": status.value, "seconds": days * 86_400, "limit": limit}, duty))


_OLD_NODES = f"""
    SELECT id FROM worker_node
     WHERE beat_at < clock_timestamp() - %(after)s::interval AND {among()}
       AND NOT EXISTS (SELECT FROM task WHERE node_id = worker_node.id AND status = 'STARTED')
     ORDER BY beat_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
FORGET_NODES = SetStatement(
    _OLD_NODES,
    f"DELETE FROM worker_node WHERE id = ANY(ARRAY({_OLD_NODES})) RETURNING id",  # noqa: S608 (a constant)
)


def forget_old_nodes(duty: Duty | None = None) -> int:
    """Remove the rows of processes that ended long ago and left no task behind. How many."""
    return in_batches(partial(_forget_nodes, duty))


def _forget_nodes(duty: Duty | None, limit: int) -> int:
    return len(FORGET_NODES.run({"after": NODES_KEPT, "limit": limit}, duty))
