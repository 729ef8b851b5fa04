"""Every change of a task's state: one guarded statement each. The row count says who won.

All comparisons of time use the database's clock. Outside of a transaction each statement commits by itself.
What is searched for by time is compared with `statement_timestamp()`: an index serves no `clock_timestamp()`,
which may be another one for each row.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.lifecycle import CLAIM, EXPIRE, FAIL, RESCUE, SUCCEED, Transition
from tasks_api.messages import Message

NODE_LEASE_SECONDS = 10
"""A node that was silent for so long is dead, and its tasks are rescued."""


@dataclass(frozen=True, slots=True)
class Run:
    """One try at a task, as its worker got it from the row."""

    task_id: UUID
    token: UUID
    operation: str
    arguments: dict[str, Any]
    attempt: int
    scheduled_for: datetime | None


def sources(transition: Transition) -> list[str]:
    """The states in which `transition` may begin, as a parameter of a statement."""
    return [str(status) for status in transition.sources]


# The same token may claim again: the answer to the first claim may have been lost after its COMMIT.
CLAIM_SQL = """
UPDATE task SET status = 'STARTED', run_token = %(token)s, node_id = %(node)s, dispatch_at = NULL,
       attempt = attempt + (status <> 'STARTED')::int, started_at = clock_timestamp()
 WHERE id = %(id)s
   AND (status = ANY(%(sources)s) AND priority = %(priority)s AND run_at <= clock_timestamp()
        AND (expires_at IS NULL OR expires_at > clock_timestamp())
        OR status = 'STARTED' AND run_token = %(token)s)
RETURNING id, run_token, operation, arguments::text, attempt, scheduled_for
"""


def claim(task_id: UUID, priority: int, *, token: UUID, node: UUID) -> Run | None:
    """Take a waiting task for one try. None: somebody else has it, it is gone, expired, or its priority changed."""
    parameters = {
        "id": task_id,
        "token": token,
        "node": node,
        "priority": priority,
        "sources": sources(CLAIM),
    }
    row = fetch_one(CLAIM_SQL, parameters)
    if row is None:
        return None
    found_id, found_token, operation, arguments, attempt, scheduled_for = row
    return Run(found_id, found_token, operation, json.loads(arguments), attempt, scheduled_for)


FINISH_SQL = """
UPDATE task SET status = %(target)s, result = %(result)s, error = %(error)s, node_id = NULL, progress = NULL,
       finished_at = clock_timestamp()
 WHERE id = %(id)s AND status = ANY(%(sources)s) AND run_token = %(token)s
"""


def succeed(run: Run, result: str) -> bool:
    """Record what the operation returned, as JSON text. False: this try is not the task's any more."""
    return _finish(run, SUCCEED, result=result, error=None)


def fail(run: Run, error: str) -> bool:
    """Record why the operation failed, as JSON text. False: this try is not the task's any more."""
    return _finish(run, FAIL, result=None, error=error)


def _finish(run: Run, transition: Transition, *, result: str | None, error: str | None) -> bool:
    parameters = {
        "id": run.task_id,
        "token": run.token,
        "sources": sources(transition),
        "target": str(transition.targets[0]),
        "result": result,
        "error": error,
    }
    return execute(FINISH_SQL, parameters) == 1 or _is_recorded(run)


def _is_recorded(run: Run) -> bool:
    """Whether an earlier attempt to record this very try got through, though its answer was lost."""
    row = fetch_one(
        "SELECT run_token = %s AND finished_at IS NOT NULL FROM task WHERE id = %s", [run.token, run.task_id]
    )
    return bool(row and row[0])


# A task that may be tried again waits, due at once; one that may not ends here. The try that was lost counts.
# Without its token, the lost try cannot pass for the one that ended the task, should it still come to an end.
RESCUE_SET = """
UPDATE task SET node_id = NULL, run_token = NULL,
       status = CASE WHEN attempt < max_attempts THEN 'RETRY' ELSE 'FAILURE' END,
       dispatch_at = CASE WHEN attempt < max_attempts THEN clock_timestamp() END,
       dispatch_count = 0,
       finished_at = CASE WHEN attempt < max_attempts THEN NULL ELSE clock_timestamp() END,
       error = jsonb_build_object('type', 'lost', 'permanent', attempt >= max_attempts, 'message',
           'the worker that ran try ' || attempt || ' of ' || max_attempts || ' is gone')
"""

# Not while the database itself has just come back: every node looks dead until it could write again.
RESCUE_DEAD_SQL = (
    RESCUE_SET  # noqa: S608 (no value of anybody's is in it)
    + """
 WHERE id IN (
    SELECT id FROM task
     WHERE status = ANY(%(sources)s) AND started_at < statement_timestamp() - make_interval(secs => %(lease)s)
       AND NOT EXISTS (SELECT FROM worker_node WHERE worker_node.id = task.node_id
                          AND stopped_at IS NULL AND beat_at > clock_timestamp() - make_interval(secs => %(lease)s))
     ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
   AND pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => %(lease)s)
RETURNING id
"""
)

RESCUE_RUN_SQL = RESCUE_SET + " WHERE id = %(id)s AND status = ANY(%(sources)s) AND node_id = %(node)s"


def rescue_from_dead_nodes(limit: int, *, lease_seconds: float = NODE_LEASE_SECONDS) -> list[UUID]:
    """Take tasks back from nodes that are gone. Their ids; those that may be tried again are due at once."""
    parameters = {"sources": sources(RESCUE), "lease": lease_seconds, "limit": limit}
    return [row[0] for row in fetch_all(RESCUE_DEAD_SQL, parameters)]


def rescue_run(task_id: UUID, node: UUID) -> bool:
    """Take one task back from a node that lives on, although the process that ran the task does not."""
    return execute(RESCUE_RUN_SQL, {"sources": sources(RESCUE), "id": task_id, "node": node}) == 1


EXPIRE_SQL = """
UPDATE task SET status = %(target)s, dispatch_at = NULL, finished_at = clock_timestamp(),
       error = jsonb_build_object('type', 'expired', 'permanent', true, 'message', 'expires_at passed before it ran')
 WHERE id IN (
    SELECT id FROM task WHERE status = ANY(%(sources)s) AND expires_at <= statement_timestamp()
     LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""


def expire(limit: int) -> int:
    """Revoke waiting tasks whose `expires_at` has passed. How many."""
    parameters = {"sources": sources(EXPIRE), "target": str(EXPIRE.targets[0]), "limit": limit}
    return execute(EXPIRE_SQL, parameters)


DISPATCH_SQL = """
UPDATE task SET dispatch_count = least(dispatch_count, 32000) + 1,
       dispatch_at = clock_timestamp() + make_interval(secs =>
           (%(resend)s::int[])[least(dispatch_count + 1, cardinality(%(resend)s::int[]))])
 WHERE id IN (
    SELECT id FROM task
     WHERE dispatch_at <= statement_timestamp() AND (dispatch_count = 0) = %(first)s
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, operation, priority, timeout_seconds
"""


def take_due(limit: int, *, first: bool, resend_seconds: Sequence[int]) -> list[Message]:
    """Mark up to `limit` due tasks as handed to the broker. What to publish, the most urgent and oldest first.

    `first`: those that were never sent, whose time has come; otherwise those whose message seems to be lost.
    """
    rows = fetch_all(DISPATCH_SQL, {"first": first, "limit": limit, "resend": list(resend_seconds)})
    messages = [Message(*row) for row in rows]
    return sorted(messages, key=lambda message: (-message.priority, message.task_id))


def forget_sent() -> int:
    """Everything that waits counts as never sent, and is due now: the broker was emptied. How many."""
    return execute(
        "UPDATE task SET dispatch_count = 0, dispatch_at = clock_timestamp() "
        "WHERE dispatch_at IS NOT NULL AND dispatch_count > 0",
        {},
    )
