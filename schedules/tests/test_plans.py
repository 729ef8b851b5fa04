"""What beat and sweep read of large tables: a few probes, whatever the number of schedules, tasks and occurrences."""

import json
import re
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from schedules.actions import overriding
from schedules.expansion import facts
from schedules.ledger import records as ledger
from schedules.ledger import retention
from schedules.models import TaskSchedule
from schedules.recurrence import parse
from schedules.sweep import waking
from schedules.sweep.sweeper import CHUNK, DUE_SQL, LOOK_SQL
from tasks_api.database import execute
from tasks_api.lifecycle import Status
from testing.factories import ago, make_task
from testing.plans import Reading, empty, explain, readings_of

pytestmark = pytest.mark.django_db

EVERY_ROW: dict[str, Any] = {"left_out": [], "some": None}

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
                           dst_gap, dst_fold, overlap_policy, jitter_seconds, status, next_run_at, sweep_at,
                           runs_created)
SELECT gen_random_uuid(), 1, 1, 'UTC', 'calculate', '{}', 5, '{}', 'run_last', 'auto', 'auto',
       'allow', 0, 'active',
       now() + (n - 5000) * interval '1 second', now() + (n - 5000) * interval '1 second', 0
  FROM generate_series(1, %(count)s) AS n
"""


def test_the_beat_looks_at_two_rows() -> None:
    empty("task", "task_schedule")
    execute(FILL_TASKS_SQL, None)
    execute(FILL_SCHEDULES_SQL, {"count": 10_000})
    make_task(dispatch_at=ago(-5))
    execute("ANALYZE task, task_schedule", None)
    waiting = import_module("schedules.migrations.0016_waiting")
    next_due = re.sub(r"\bannounced\b", "%(announced)s", waiting.NEXT_DUE_SQL)
    readings = explain(f"SELECT {next_due}", {"announced": ago(0)})
    assert {reading.index for reading in readings} == {"task_dispatch", "task_schedule_due"}
    assert sum(reading.rows for reading in readings) <= 2


def test_the_sweep_reads_what_takes_a_turn() -> None:
    """Five thousand are behind, five on time, and of the others none is read."""
    empty("task_schedule")
    execute(FILL_SCHEDULES_SQL, {"count": 10_000})
    execute("ANALYZE task_schedule", None)
    moments = {"now": ago(0), "since": ago(5), "began": ago(0), "left_out": []}
    readings = explain(DUE_SQL, {**moments, "chunk": CHUNK})
    assert {reading.index for reading in readings} == {"task_schedule_due"}
    assert CHUNK < sum(reading.rows for reading in readings) <= CHUNK + 10
    moments |= {"now": ago(6_000), "since": ago(6_005), "began": ago(6_000)}
    assert sum(reading.rows for reading in explain(DUE_SQL, {**moments, "chunk": CHUNK})) == 0


DUE, FEW = 50, 10
ROWS_OF_EACH, ROWS_OF_ONE = 10, 10_000

FILL_LEDGER_SQL = """
INSERT INTO occurrence (id, schedule_id, scheduled_for, last_scheduled_for, count, outcome, task_id)
SELECT gen_random_uuid(), schedule.id, at, at, 1, CASE WHEN n = 0 THEN 'queued' ELSE 'created' END,
       CASE WHEN n > 0 THEN gen_random_uuid() END
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM task_schedule) AS schedule
 CROSS JOIN LATERAL generate_series(CASE WHEN number <= %(queued)s THEN 0 ELSE 1 END,
                                    CASE WHEN number = 1 THEN %(of_one)s ELSE %(of_each)s END) AS n
 CROSS JOIN LATERAL (SELECT now() - interval '10 days' - n * interval '1 minute' AS at) AS instant
"""
GIVE_TASKS_SQL = """
UPDATE task SET schedule_id = schedule.id, finished_at = finished_at - interval '1 day'
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM task_schedule) AS schedule
 WHERE number = CASE WHEN mod(abs(hashtext(task.id::text)), 2) = 0 THEN 1
                     ELSE 1 + mod(abs(hashtext(task.id::text)), 1000) END
"""
PREPARE_SQL = """
UPDATE task_schedule SET pause_after_failures = 3, next_run_at = now(), overlap_policy = 'queue_one',
       created_at = now() - interval '200 days', failures_since = now() - interval '200 days'
"""


@pytest.fixture
def due() -> list[UUID]:
    """Some of many schedules, the first of them with most of all tasks and of the ledger."""
    empty("task", "task_schedule", "occurrence")
    execute(FILL_TASKS_SQL, None)
    execute(FILL_SCHEDULES_SQL, {"count": 1_000})
    execute(PREPARE_SQL, None)
    execute(FILL_LEDGER_SQL, {"queued": FEW, "of_each": ROWS_OF_EACH, "of_one": ROWS_OF_ONE})
    execute(GIVE_TASKS_SQL, None)
    execute("ANALYZE task, task_schedule, occurrence", None)
    return list(TaskSchedule.objects.order_by("id").values_list("id", flat=True)[:DUE])


def rows_read(readings: list[Reading], table: str) -> int:
    return sum(reading.rows for reading in readings if reading.table == table)


def indexes(readings: list[Reading], table: str) -> set[str | None]:
    return {reading.index for reading in readings if reading.table == table}


def records(ids: list[UUID]) -> dict[str, Any]:
    """One decision for each schedule, about an instant to come."""
    moment = ago(-3_600).isoformat()
    instants = dict.fromkeys(["scheduled_for", "last_scheduled_for", "behind"], moment)
    rest = {"count": 1, "outcome": "missed", "reason": "late", "task_id": None, "rule": {}}
    rows = [{"id": str(each), "schedule_id": str(each), **instants, **rest} for each in ids]
    return {"records": json.dumps(rows), "waiting": ledger.WAITING_VALUES}


class TestTheSweep:
    def test_whether_there_is_anything_to_do(self, due: list[UUID]) -> None:
        readings = explain(LOOK_SQL)
        assert indexes(readings, "task_schedule") == {"task_schedule_due"}
        assert indexes(readings, "occurrence") == {"occurrence_queued"}
        assert sum(reading.rows for reading in readings) <= 2

    def test_what_waits_or_is_ahead(self, due: list[UUID]) -> None:
        readings = explain(ledger.KNOWN_SQL, {"ids": due, "waiting": ledger.WAITING_VALUES})
        assert indexes(readings, "occurrence") == {"occurrence_once", "occurrence_waiting"}
        assert rows_read(readings, "occurrence") == FEW

    def test_what_has_not_ended(self, due: list[UUID]) -> None:
        readings = explain(facts.UNFINISHED_SQL, [due])
        assert indexes(readings, "task") == {"task_unfinished"}
        assert 0 < rows_read(readings, "task") <= DUE

    def test_what_failed(self, due: list[UUID]) -> None:
        readings = explain(facts.FAILURES_SQL, [due])
        assert indexes(readings, "task") == {"task_judged"}
        assert 0 < rows_read(readings, "task") <= 3 * DUE

    def test_what_failed_before_it_was_resumed_is_not_read(self, due: list[UUID]) -> None:
        TaskSchedule.objects.update(failures_since=ago(60))
        assert rows_read(explain(facts.FAILURES_SQL, [due]), "task") == 0

    def test_whom_the_end_of_a_task_wakes(self, due: list[UUID]) -> None:
        readings = explain(waking.WAKE_QUEUED.sql, {"limit": waking.CHUNK, **EVERY_ROW})
        assert indexes(readings, "occurrence") == {"occurrence_queued"}
        assert indexes(readings, "task") == {"task_unfinished"}
        assert rows_read(readings, "occurrence") + rows_read(readings, "task") <= 2 * FEW

    @pytest.mark.parametrize("limit", [None, 3])
    def test_whom_a_failure_wakes(self, due: list[UUID], limit: int | None) -> None:
        """Where nobody asked for it, nothing is read for it."""
        TaskSchedule.objects.update(pause_after_failures=limit)
        TaskSchedule.objects.filter(id=due[0]).update(status="active")
        for _ in range(FEW):
            make_task(Status.FAILURE, schedule_id=due[0], finished_at=ago(1))
        readings = explain(waking.WAKE_FAILED.sql, {"back": 30, "limit": waking.CHUNK, **EVERY_ROW})
        assert indexes(readings, "task") <= {"task_finished", "task_judged"}
        assert FEW <= rows_read(readings, "task") <= FEW + (limit or 0)

    def test_decisions_about_what_waited(self, due: list[UUID]) -> None:
        readings = explain(ledger.DECIDE_SQL, records(due))
        assert None not in indexes(readings, "occurrence")
        assert rows_read(readings, "occurrence") <= DUE

    def test_ranges_that_go_on(self, due: list[UUID]) -> None:
        readings = explain(ledger.EXTEND_SQL, records(due))
        assert indexes(readings, "occurrence") == {"occurrence_once", "occurrence_pkey"}
        assert rows_read(readings, "occurrence") <= 2 * DUE

    @pytest.mark.parametrize("old_rows", [0, 500])
    def test_what_is_forgotten(self, due: list[UUID], old_rows: int) -> None:
        seconds = 10 * 86_400 + (ROWS_OF_ONE - old_rows) * 60 - 30
        limits = {"seconds": seconds, "limit": 1_000, "waiting": ledger.WAITING_VALUES}
        readings = explain(retention.FORGET.sql, {**limits, **EVERY_ROW})
        assert indexes(readings, "occurrence") == {"occurrence_age", "occurrence_pkey"}
        assert 2 * old_rows <= rows_read(readings, "occurrence") <= 2 * old_rows + FEW
        assert rows_read(readings, "task_schedule") <= 2 * old_rows + FEW


OVERRIDE_SQL = """
INSERT INTO occurrence (id, schedule_id, scheduled_for, last_scheduled_for, outcome, changes, count)
SELECT gen_random_uuid(), %(id)s, at, at, CASE WHEN n = 1 THEN 'changed' ELSE 'overridden' END, '{"arguments": {}}', 1
  FROM generate_series(1, 2) AS n
 CROSS JOIN LATERAL (SELECT date_trunc('hour', now()) + (n + 1) * interval '1 hour' AS at) AS instant
"""


class TestOverrides:
    """An edit or an override reads what is to come, however long the ledger of the schedule is."""

    @pytest.fixture
    def schedule(self, due: list[UUID]) -> TaskSchedule:
        """The one with most of the ledger. Two of its occurrences are overridden."""
        execute(OVERRIDE_SQL, {"id": due[0]})
        TaskSchedule.objects.filter(id=due[0]).update(
            starts_at=ago(0).replace(minute=0, second=0, microsecond=0)
        )
        return TaskSchedule.objects.get(id=due[0])

    def test_what_an_edit_would_drop(self, schedule: TaskSchedule) -> None:
        rule = parse(schedule.spec)
        readings = readings_of(
            lambda: overriding.drop_meaningless(schedule, rule, ago(0), other_operation=True), "occurrence"
        )
        assert 0 < rows_read(readings, "occurrence") <= FEW

    def test_what_is_left_out(self, schedule: TaskSchedule) -> None:
        rule, start = parse(schedule.spec), ago(0)
        readings = readings_of(lambda: overriding.first_open(schedule, rule, start), "occurrence")
        assert indexes(readings, "occurrence") == {"occurrence_once"}
        assert rows_read(readings, "occurrence") == 2
