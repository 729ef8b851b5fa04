"""The beat's look costs two index probes, whatever the number of schedules and tasks."""

import pytest

from schedules.beat import NEXT_DUE_SQL
from tasks_api.database import execute
from testing.factories import ago, make_task
from testing.plans import explain

pytestmark = pytest.mark.django_db

FILL_TASKS_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, status, attempt,
                  dispatch_at, dispatch_count, finished_at, created_at, final_attempt, retry_when_lost, version)
SELECT uuidv7(n * interval '-1 second'), 'calculate', '{}', 5, '{}', 3, 30, now(),
       CASE WHEN n % 5 = 0 THEN 'PENDING' ELSE 'SUCCESS' END, 0,
       CASE WHEN n % 5 = 0 THEN now() + (n - 10000) * interval '1 second' END, 0,
       CASE WHEN n % 5 <> 0 THEN now() END, now(), 3, true, 0
  FROM generate_series(1, 20000) AS n
"""
FILL_SCHEDULES_SQL = """
INSERT INTO task_schedule (id, version, every_x_hours, timezone, operation, arguments, priority, tags, misfire_policy,
                           dst_gap, dst_fold, status, next_run_at, sweep_at, runs_created)
SELECT gen_random_uuid(), 1, 1, 'UTC', 'calculate', '{}', 5, '{}', 'run_last', 'auto', 'auto',
       'active',
       now() + (n - 5000) * interval '1 second', now() + (n - 5000) * interval '1 second', 0
  FROM generate_series(1, 10000) AS n
"""


def test_it_works() -> None:
    execute(FILL_TASKS_SQL, None)
    execute(FILL_SCHEDULES_SQL, None)
    make_task(dispatch_at=ago(-5))
    execute("ANALYZE task, task_schedule", None)
    readings = explain(NEXT_DUE_SQL, {"announced": ago(0)})
    assert {reading.index for reading in readings} == {"task_dispatch", "task_schedule_due"}
    assert sum(reading.rows for reading in readings) <= 2
