"""How an attempt ends without a result: what becomes of the task, and the record of the attempt. One statement."""

from dataclasses import dataclass

CANCELLED = """jsonb_build_object('type', 'cancelled', 'permanent', true, 'message', 'it was cancelled')"""


def milliseconds(interval: str) -> str:
    """An interval as a number, in SQL."""
    return f"round(extract(epoch FROM {interval}) * 1000, 1)::float8"


@dataclass(frozen=True, slots=True)
class Ending:
    """One reason for an attempt to end, in SQL. A task that was asked to stop is REVOKED, whatever the reason."""

    again: str
    """Condition under which the task is tried again."""
    outcome: str
    """Of the attempt: an expression."""
    error: str
    """Of the attempt, and of the task: a jsonb expression."""
    fingerprint: str
    """Of the failure, where the task is not tried again: an expression."""
    wait_seconds: str = "0"
    """Until the next attempt."""
    more: str = ""
    """Further columns to set, each with a comma in front."""

    def statement(self, where: str) -> str:
        """End the attempts of the rows `where`; returns a row for each, as `Ended` takes it."""
        over = f"(cancel_requested_at IS NOT NULL OR NOT ({self.again}))"
        # The same moment wherever it stands: nothing is handed over before it may run.
        next_try = f"statement_timestamp() + make_interval(secs => {self.wait_seconds})"
        # No value of anybody's is in this text: the parts are constants of this package.
        return f"""
WITH ended AS (
    UPDATE task SET
           status = CASE WHEN cancel_requested_at IS NOT NULL THEN 'REVOKED'
                         WHEN {self.again} THEN 'RETRY' ELSE 'FAILURE' END,
           error = CASE WHEN cancel_requested_at IS NOT NULL THEN {CANCELLED} ELSE {self.error} END,
           fingerprint = CASE WHEN cancel_requested_at IS NULL AND NOT ({self.again}) THEN {self.fingerprint} END,
           result = NULL, node_id = NULL, deadline_at = NULL, version = version + 1, dispatch_count = 0,
           run_at = CASE WHEN {over} THEN run_at ELSE {next_try} END,
           dispatch_at = CASE WHEN {over} THEN NULL ELSE {next_try} END,
           finished_at = CASE WHEN {over} THEN clock_timestamp() END{self.more}
     WHERE status = ANY(%(sources)s) AND {where}
    RETURNING id, operation, attempt, started_at, clock_timestamp() AS ended_at, status, run_at, error,
              CASE WHEN cancel_requested_at IS NULL THEN {self.outcome} ELSE 'cancelled' END AS outcome,
              (SELECT name FROM worker_node WHERE worker_node.id = old.node_id) AS worker),
recorded AS (
    INSERT INTO attempt (task_id, number, worker, started_at, finished_at, outcome, error)
    SELECT id, attempt, worker, started_at, ended_at, outcome, error FROM ended
        ON CONFLICT (task_id, number) DO UPDATE SET finished_at = excluded.finished_at)
SELECT id, operation, attempt, outcome, {milliseconds("ended_at - started_at")}, status,
       CASE WHEN status = 'RETRY' THEN round(extract(epoch FROM run_at - statement_timestamp()), 1)::float8 END,
       error->>'type', worker
  FROM ended
"""  # noqa: S608
