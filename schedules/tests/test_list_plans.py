"""What a page of GET /task-schedules/ reads among many schedules: of what is common, of what is rare, of nothing."""

from typing import Any

import pytest

from schedules.api.filters import ScheduleFilter, filtered
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.database import execute
from testing.factories import ago
from testing.plans import Reading, empty, readings_of

PAGE, FEW, MANY = 51, 10, 20_000

FILL_SQL = """
INSERT INTO task_schedule (id, version, name, every_x_hours, timezone, operation, arguments, priority, tags,
                           misfire_policy, overlap_policy, jitter_seconds, dst_gap, dst_fold, status, next_run_at,
                           sweep_at, runs_created)
SELECT uuidv7(n * interval '-1 second'), 1, 'daily report number ' || n, 1, 'UTC', 'calculate', '{}', 5, '{}',
       'run_last', 'allow', 0, 'auto', 'auto', 'active', at, at, 0
  FROM generate_series(1, %s) AS n
 CROSS JOIN LATERAL (SELECT now() + interval '1 day' + n * 7919 %% 10007 * interval '1 minute' AS at) AS next
"""


@pytest.fixture
def crowd(db: None) -> None:
    """Many schedules, none of which is due today."""
    empty("task_schedule")
    execute(FILL_SQL, [MANY])
    execute("ANALYZE task_schedule", [])


def page(**wanted: Any) -> tuple[list[TaskSchedule], list[Reading]]:
    """A first page, and what was read for it."""
    rows = filtered(ScheduleFilter(**wanted)).order_by("-id")[:PAGE]
    return list(rows), readings_of(lambda: list(rows.all()), "task_schedule")


def rows_read(readings: list[Reading]) -> int:
    return sum(reading.rows for reading in readings)


@pytest.mark.usefixtures("crowd")
class TestDueBefore:
    def test_none(self) -> None:
        found, readings = page(due_before=ago(-60).isoformat())
        assert (found, rows_read(readings)) == ([], 0)
        assert {reading.index for reading in readings} == {"task_schedule_due"}

    @pytest.mark.parametrize("more", [{}, {"operation": "calculate"}, {"status": ["active"]}])
    @pytest.mark.parametrize("looked_at", [60, 0], ids=["that a sweep has not seen", "of a long catch-up"])
    def test_few(self, new_schedule: NewSchedule, looked_at: float, more: dict[str, Any]) -> None:
        due = new_schedule(rrule="FREQ=DAILY")
        TaskSchedule.objects.filter(id=due.id).update(next_run_at=ago(60), sweep_at=ago(looked_at))
        for time in (ago(30), ago(-60)):
            found, readings = page(due_before=time.isoformat(), **more)
            assert found == [due]
            assert rows_read(readings) <= FEW

    def test_nearly_all(self) -> None:
        found, readings = page(due_before="2999-01-01T00:00:00Z")
        assert len(found) == PAGE
        assert rows_read(readings) <= 2 * PAGE


@pytest.mark.django_db(transaction=True)
def test_a_long_catch_up_is_due_before_now(new_schedule: NewSchedule) -> None:
    """A sweep puts it behind those that are on time; its `next_run_at` is still past."""
    schedule = new_schedule(misfire_policy="run_all")
    long_ago = ago(3_600).replace(microsecond=0)
    TaskSchedule.objects.update(starts_at=long_ago, next_run_at=long_ago, sweep_at=long_ago)
    Sweeper().sweep()
    before = ago(1_800)
    found = TaskSchedule.objects.get(id=schedule.id)
    assert found.next_run_at is not None
    assert found.sweep_at is not None
    assert long_ago < found.next_run_at < before < found.sweep_at
    assert list(filtered(ScheduleFilter.model_validate({"due_before": before.isoformat()}))) == [schedule]
