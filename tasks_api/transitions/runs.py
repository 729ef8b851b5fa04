"""What a worker does to the row of the task that it runs: claim, report, succeed, fail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.fingerprints import fingerprint_of
from tasks_api.lifecycle import CLAIM, FAIL, SUCCEED, Transition
from tasks_api.postgres import Prepared
from tasks_api.transitions.attempt_log import Ended, log_attempts
from tasks_api.transitions.ending import Ending, milliseconds

WATCHDOG_SECONDS = 30
"""How much longer than its time limit an attempt may last before the sweep ends it; signals should have done so."""


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at a task, as its worker got it from the row."""

    task_id: UUID
    token: UUID
    operation: str
    arguments: Mapping[str, Any]
    attempt: int
    final_attempt: int
    max_attempts: int
    scheduled_for: datetime | None = None
    previous_scheduled_for: datetime | None = None
    next_scheduled_for: datetime | None = None

    @property
    def tries(self) -> int:
        """How many attempts of its present allowance have begun: fewer than `attempt` where it was retried."""
        return self.attempt - (self.final_attempt - self.max_attempts)


def sources(transition: Transition) -> list[str]:
    """The states in which `transition` may begin, as a parameter of a statement."""
    return [str(status) for status in transition.sources]


# The same token may claim again: the answer to the first claim may have been lost after its COMMIT.
CLAIM_SQL = Prepared(
    "claim",
    """
UPDATE task SET status = 'STARTED', run_token = %(token)s, node_id = %(node)s, dispatch_at = NULL, progress = NULL,
       attempt = attempt + (status <> 'STARTED')::int, version = version + (status <> 'STARTED')::int,
       started_at = clock_timestamp(),
       deadline_at = clock_timestamp() + make_interval(secs => timeout_seconds + %(watchdog)s)
 WHERE id = %(id)s
   AND (status = ANY(%(sources)s) AND priority = %(priority)s AND run_at <= clock_timestamp()
        AND (expires_at IS NULL OR expires_at > clock_timestamp())
        OR status = 'STARTED' AND run_token = %(token)s)
RETURNING id, run_token, operation, arguments::text, attempt, final_attempt, max_attempts,
          scheduled_for, previous_scheduled_for, next_scheduled_for
""",
)


def claim(task_id: UUID, priority: int, *, token: UUID, node: UUID) -> Run | None:
    """Take a waiting task for one attempt. None: somebody else has it, it is gone, expired, or its priority changed."""
    parameters = {
        "id": task_id,
        "token": token,
        "node": node,
        "priority": priority,
        "sources": sources(CLAIM),
        "watchdog": WATCHDOG_SECONDS,
    }
    row = fetch_one(CLAIM_SQL, parameters)
    if row is None:
        return None
    found_id, found_token, operation, arguments, *rest = row
    return Run(found_id, found_token, operation, json.loads(arguments), *rest)


LIFT_TIME_LIMIT_SQL = """
UPDATE task SET deadline_at = NULL WHERE id = %(id)s AND status = 'STARTED' AND run_token = %(token)s
"""


def lift_time_limit(run: Run) -> None:
    """Let this attempt last as long as it likes: somebody looks into it."""
    execute(LIFT_TIME_LIMIT_SQL, {"id": run.task_id, "token": run.token})


REPORT_SQL = """
UPDATE task SET progress = %(progress)s, version = version + 1
 WHERE id = %(id)s AND status = 'STARTED' AND run_token = %(token)s
RETURNING cancel_requested_at IS NOT NULL
"""


def report(run: Run, progress: str) -> bool:
    """Record how far this attempt is, as JSON text. True: stop, as somebody cancelled it or it is ours no more."""
    row = fetch_one(REPORT_SQL, {"id": run.task_id, "token": run.token, "progress": progress})
    return row is None or bool(row[0])


IS_CANCELLED_SQL = """
SELECT EXISTS (SELECT FROM task WHERE id = %(id)s AND status = 'STARTED' AND run_token = %(token)s
               AND cancel_requested_at IS NULL)
"""


def is_cancelled(run: Run) -> bool:
    """Whether this attempt is to stop, as somebody cancelled the task or it is ours no more."""
    row = fetch_one(IS_CANCELLED_SQL, {"id": run.task_id, "token": run.token})
    return not (row and row[0])


# What the operation told last of its progress may not have been written yet.
SUCCEED_SQL = Prepared(
    "succeed",
    f"""
UPDATE task SET status = 'SUCCESS', result = %(result)s, error = NULL, node_id = NULL, deadline_at = NULL,
       worker = (SELECT name FROM worker_node WHERE worker_node.id = task.node_id),
       version = version + 1, finished_at = clock_timestamp(),
       progress = coalesce(%(progress)s::jsonb, progress)
 WHERE id = %(id)s AND status = ANY(%(sources)s) AND run_token = %(token)s
RETURNING {milliseconds("finished_at - started_at")}, worker
""",  # noqa: S608 (a constant)
)


def succeed(run: Run, result: str, *, progress: str | None = None) -> bool:
    """Record what the operation returned and its last progress, as JSON text.

    False: this attempt is not the task's any more.
    """
    parameters = {
        "id": run.task_id,
        "token": run.token,
        "sources": sources(SUCCEED),
        "result": result,
        "progress": progress,
    }
    row = fetch_one(SUCCEED_SQL, parameters)
    if row is None:
        return _is_recorded(run, "success")
    lasted, worker = row
    log_attempts(
        [Ended(run.task_id, run.operation, run.attempt, "success", lasted, "SUCCESS", worker=worker)]
    )
    return True


FAIL_SQL = Prepared(
    "fail",
    Ending(
        again="%(wait)s::float8 IS NOT NULL",
        wait_seconds="%(wait)s::float8",
        outcome="%(outcome)s",
        error="%(error)s::jsonb",
        fingerprint="%(fingerprint)s",
        more=", progress = coalesce(%(progress)s::jsonb, progress)",
    ).statement("id = %(id)s AND run_token = %(token)s"),
)


def fail(
    run: Run,
    error: str,
    *,
    outcome: str = "failed",
    retry_in: float | None = None,
    progress: str | None = None,
) -> bool:
    """Record why the operation failed, as JSON text, and when it is tried again (seconds; None: never).

    `progress`: the last that it told, as JSON text.

    False: this attempt is not the task's any more.
    """
    parameters = {
        "id": run.task_id,
        "token": run.token,
        "sources": sources(FAIL),
        "error": error,
        "fingerprint": fingerprint_of(run.operation, json.loads(error)),
        "outcome": outcome,
        "wait": retry_in,
        "progress": progress,
    }
    return bool(log_attempts(Ended(*row) for row in fetch_all(FAIL_SQL, parameters))) or _is_recorded(
        run, outcome
    )


def _is_recorded(run: Run, outcome: str) -> bool:
    """Whether the end of this very attempt was recorded already, though the answer to that was lost."""
    row = fetch_one(
        "SELECT run_token = %s AND status <> 'STARTED' FROM task WHERE id = %s", [run.token, run.task_id]
    )
    if not (row and row[0]):
        return False
    log_attempts([Ended(run.task_id, run.operation, run.attempt, outcome)])
    return True
