"""What the release before says to the database and to the broker, as text.

It does so while a new release is put in place, and after it was taken back. To be copied anew from its code when
`RELEASE_BEFORE` in `testing/migrations.py` moves on.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from kombu.connection import Connection

from tasks_api.database import execute, fetch_all, fetch_one

RESEND_SECONDS = [5, 20, 80, 320, 600]

INSERT_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, expires_at,
                  schedule_id, scheduled_for, previous_scheduled_for, next_scheduled_for, status, attempt,
                  final_attempt, retry_when_lost, version, dispatch_at, dispatch_count, created_at)
SELECT gen_random_uuid(), 'add', '{"x": 1, "y": 2}', %(priority)s, '{}', 3, 30, now() + %(delay)s::interval, NULL,
       NULL, NULL, NULL, NULL, 'PENDING', 0,
       3, true, 0, now() + greatest(%(delay)s::interval, '5 s'), (%(delay)s::interval <= '0 s')::int, now()
  FROM generate_series(1, %(count)s)
RETURNING id
"""
TAKE_DUE_SQL = """
UPDATE task SET dispatch_count = least(dispatch_count, 32000) + 1,
       dispatch_at = clock_timestamp() + make_interval(secs =>
           (%(resend)s::int[])[least(dispatch_count + 1, cardinality(%(resend)s::int[]))])
 WHERE id = ANY(ARRAY(
    SELECT id FROM task
     WHERE dispatch_at <= statement_timestamp() AND dispatch_count = 0
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING id, operation, priority, timeout_seconds
"""
FORGET_SENT_SQL = """
UPDATE task SET dispatch_count = 0, dispatch_at = clock_timestamp()
 WHERE id IN (
    SELECT id FROM task WHERE dispatch_at IS NOT NULL AND dispatch_count > 0 LIMIT 10000 FOR UPDATE SKIP LOCKED)
"""
ANY_OVERDUE_SQL = """
SELECT true FROM task WHERE dispatch_at <= statement_timestamp() AND dispatch_count > 0 ORDER BY dispatch_at LIMIT 1
"""
COUNT_SENT_SQL = "SELECT count(*) FROM task WHERE dispatch_at IS NOT NULL AND dispatch_count > 0"
NEXT_DUE_SQL = """
SELECT least((SELECT min(sweep_at) FROM task_schedule WHERE sweep_at > '1970-01-01+00'),
             (SELECT min(dispatch_at) FROM task WHERE dispatch_at > '1970-01-01+00'))
"""
CLAIM_SQL = """
UPDATE task SET status = 'STARTED', run_token = %(token)s, node_id = %(node)s, dispatch_at = NULL, progress = NULL,
       attempt = attempt + (status <> 'STARTED')::int, version = version + (status <> 'STARTED')::int,
       started_at = clock_timestamp(),
       deadline_at = clock_timestamp() + make_interval(secs => timeout_seconds + 30)
 WHERE id = %(id)s
   AND (status = ANY('{PENDING,RETRY}') AND priority = %(priority)s AND run_at <= clock_timestamp()
        AND (expires_at IS NULL OR expires_at > clock_timestamp())
        OR status = 'STARTED' AND run_token = %(token)s)
RETURNING id
"""
SUCCEED_SQL = """
UPDATE task SET status = 'SUCCESS', result = '3', error = NULL, node_id = NULL, deadline_at = NULL,
       worker = (SELECT name FROM worker_node WHERE worker_node.id = task.node_id),
       version = version + 1, finished_at = clock_timestamp()
 WHERE id = %(id)s AND status = ANY('{STARTED}') AND run_token = %(token)s
"""
AGAIN_SQL = """
UPDATE task SET status = 'RETRY', error = '{"type": "failed", "message": "it was to fail", "permanent": false}',
       result = NULL, node_id = NULL, deadline_at = NULL, version = version + 1, dispatch_count = 0,
       run_at = statement_timestamp(), dispatch_at = statement_timestamp(), finished_at = NULL
 WHERE id = %(id)s AND status = ANY('{STARTED}') AND run_token = %(token)s
"""
EDIT_SQL = """
UPDATE task SET priority = %(priority)s, version = version + 1,
       dispatch_at = greatest(run_at, now()), dispatch_count = 0
 WHERE id = %(id)s AND status = ANY('{PENDING,RETRY}')
"""
CANCEL_SQL = """
UPDATE task SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), version = version + 1,
       status = 'REVOKED', error = '{"type": "cancelled", "permanent": true, "message": "it was cancelled"}',
       finished_at = clock_timestamp(), dispatch_at = NULL
 WHERE id = %(id)s AND status = ANY('{PENDING,RETRY}')
"""

BROKER_OPTIONS = {"priority_steps": list(range(10)), "queue_order_strategy": "priority"}
EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def insert(count: int, *, priority: int = 5, delay: str = "0") -> list[UUID]:
    """Submit so many tasks that are due after a delay. Those that are due at once count as sent."""
    return [row[0] for row in fetch_all(INSERT_SQL, {"count": count, "priority": priority, "delay": delay})]


def take_due(limit: int = 2_000) -> list[UUID]:
    """What its sweep hands over, the most urgent and oldest first, as it has never been sent."""
    rows = fetch_all(TAKE_DUE_SQL, {"limit": limit, "resend": RESEND_SECONDS})
    return [row[0] for row in sorted(rows, key=lambda row: (-row[2], row[0]))]


def claim(task_id: UUID, token: UUID, priority: int = 5) -> bool:
    """Whether its worker may run it."""
    named = {"id": task_id, "token": token, "node": uuid4(), "priority": priority}
    return fetch_one(CLAIM_SQL, named) is not None


def change(statement: str, **named: Any) -> bool:
    """Whether one of the other statements found its task."""
    return execute(statement, named) == 1


def publish(url: str, ids: Sequence[UUID], priority: int = 5) -> None:
    """Send messages of tasks to Redis, as it writes them."""
    with Connection(url, transport_options=BROKER_OPTIONS) as connection:
        for task_id in map(str, ids):
            connection.Producer(serializer="json").publish(
                ([task_id, priority], {}, EMBED),
                routing_key="tasks",
                priority=9 - priority,
                headers=_headers(task_id, priority),
                correlation_id=task_id,
            )


def put_canary(url: str) -> None:
    """Send Redis the message that stands for all others: while it is there, the broker was not emptied."""
    with Connection(url) as connection:
        connection.Producer().publish("if this is gone, so is everything else", routing_key="punctual.canary")


def _headers(task_id: str, priority: int) -> dict[str, Any]:
    return {
        "lang": "py",
        "task": "tasks_api.run",
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "eta": None,
        "expires": None,
        "retries": 0,
        "timelimit": [40.0, 30.0],
        "argsrepr": f"add, priority {priority}",
        "kwargsrepr": "",
        "origin": "punctual",
        "ignore_result": True,
    }
