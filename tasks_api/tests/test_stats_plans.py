"""What rolling up and `GET /stats/` read: never all there is."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tasks_api.database import execute
from tasks_api.lifecycle import FINAL, Status
from tasks_api.roll_up import filling, present, totals
from tasks_api.roll_up.periods import MINUTE, Period, floor
from testing.factories import ago, make_task
from testing.filling import fill_tasks
from testing.plans import Reading, empty, readings_of

pytestmark = pytest.mark.django_db

OF_FEW = {"task_finished", "task_deadline", "task_started_node"}
"""Where few are in a status, Postgres may read all of them."""
SECOND = timedelta(seconds=1)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


def rows_of(readings: list[Reading]) -> int:
    return sum(reading.rows for reading in readings)


def test_plans() -> None:
    """Along indexes, and no more than is told: of many that ended, wait for their time, or for room."""
    empty("task")
    fill_tasks(Status.SUCCESS, 40_000, finished_at=ago(86_400))
    fill_tasks(Status.PENDING, 12_000, dispatch_at=ago(-86_400))
    fill_tasks(Status.PENDING, 12_000, dispatch_at="-infinity")
    fill_tasks(Status.STARTED, 0)
    make_task(Status.REVOKED, finished_at=ago(0))
    execute("ANALYZE task", [])
    counting = readings_of(lambda: present.counts(1), "task")
    assert {reading.index for reading in counting} <= {"task_project_status", *OF_FEW}
    assert rows_of(counting) <= 2 * (present.MOST_COUNTED + 1) + 10
    looking = readings_of(lambda: present.oldest_due(1), "task")
    assert None not in {reading.index for reading in looking}
    assert rows_of(looking) <= 14 * present.MOST_LOOKED_AT


def test_plans_of_rolling_up() -> None:
    """A minute's rows, and none of others, along the index that retention has."""
    empty("task")
    minute = floor(ago(3_600), MINUTE)
    fill_tasks(Status.SUCCESS, 40_000, finished_at=minute - SECOND)
    fill_tasks(Status.SUCCESS, 100, finished_at=minute)
    execute("ANALYZE task", [])
    for look in (filling.first_end, filling.last_end):
        readings = readings_of(partial(look, minute, minute + MINUTE), "task")
        assert {reading.index for reading in readings} == {"task_finished"}
        assert rows_of(readings) <= len(FINAL)
    readings = readings_of(lambda: filling.fill(minute), "task")
    assert {reading.index for reading in readings} == {"task_finished"}
    assert rows_of(readings) == 100


FILL_ROLL_UP_SQL = """
INSERT INTO roll_up (minute, project_id, operation, queue, outcome, count, lateness_seconds, waiting_seconds,
                     running_seconds, lateness_counts, waiting_counts, running_counts)
SELECT %(start)s + minute * interval '1 minute', project, 'calculate', 'default', 'success', 1, 1, 1, 1,
       array_fill(1::bigint, ARRAY[21]), array_fill(1::bigint, ARRAY[21]), array_fill(1::bigint, ARRAY[21])
  FROM generate_series(0, 999) AS minute, generate_series(1, 20) AS project
"""


def test_plan_of_reading_the_roll_up() -> None:
    """The rows of the project and the period, and none of others."""
    empty("roll_up")
    execute(FILL_ROLL_UP_SQL, {"start": NOON})
    execute("ANALYZE roll_up", [])
    hour = Period.around(NOON + 5 * MINUTE, NOON + 65 * MINUTE, 15 * MINUTE)
    readings = readings_of(lambda: totals.ended_in(hour, 7), "roll_up")
    assert {reading.index for reading in readings} == {"roll_up_pkey"}
    assert rows_of(readings) == 75
    readings = readings_of(lambda: execute(filling.CLEAR_SQL, {"minute": NOON}), "roll_up")
    assert {reading.index for reading in readings} == {"roll_up_minute"}
    assert rows_of(readings) == 20
