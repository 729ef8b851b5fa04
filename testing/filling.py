"""Many tasks at once, for tests of plans."""

from typing import Any

from tasks_api.database import execute
from tasks_api.lifecycle import Status

FILL_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, status, attempt,
                  dispatch_at, dispatch_count, started_at, finished_at, created_at, final_attempt, retry_when_lost,
                  version)
SELECT uuidv7(n * interval '-1 second'), 'calculate', '{}', n %% 10, '{}', 3, 30, now(), %(status)s, 1,
       %(dispatch_at)s, %(sent)s, now(), %(finished_at)s, now(), 3, true, 0
  FROM generate_series(1, %(count)s) AS n
"""


def fill_tasks(status: Status, count: int, **changes: Any) -> None:
    """So many in this state, of all priorities, a second apart. `changes`: of the columns that depend on it."""
    fields = {"dispatch_at": None, "finished_at": None, "sent": 0}
    execute(FILL_SQL, {**fields, **changes, "status": status, "count": count})
