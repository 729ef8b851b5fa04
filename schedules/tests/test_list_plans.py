"""What a page of GET /task-schedules/ reads among many schedules: of what is common, of what is rare, of nothing."""

import itertools
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from access.actor import DEFAULT_PROJECT_ID
from schedules.api.filters import ManySchedulesQuery, listed, selected
from schedules.filters import ScheduleFilter, filtered
from schedules.models import ScheduleName, ScheduleStatus, TaskSchedule
from schedules.searching import FEW as FEW_DUE
from schedules.searching import LOOK
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.database import execute
from testing.factories import ago
from testing.plans import Reading, empty, readings_of

PAGE, ONE, MANY = 51, 10, 20_000
"""A page and whether there are more, a row or none, and the crowd."""
LOOKED = 3 * LOOK + 1
"""The ids of those that are looked through, these, and whether there are more."""
PROBED = FEW_DUE + 1
"""Whether few are due."""

FILL_SQL = """
INSERT INTO task_schedule (id, version, name, every_x_hours, timezone, operation, arguments, priority, tags,
                           misfire_policy, overlap_policy, jitter_seconds, dst_gap, dst_fold, status, next_run_at,
                           sweep_at, runs_created)
SELECT uuidv7(n * interval '-1 second'), 1, %s || n, 1, 'UTC', 'calculate', '{}', 5, '{}',
       'run_last', 'allow', 0, 'auto', 'auto', 'active', at, at, 0
  FROM generate_series(1, %s) AS n
 CROSS JOIN LATERAL (SELECT now() + interval '1 day' + n * 7919 %% 10007 * interval '1 minute' AS at) AS next
"""
OLDEST_ARE_DUE_SQL = """
UPDATE task_schedule SET next_run_at = now(), sweep_at = now()
 WHERE id IN (SELECT id FROM task_schedule ORDER BY id LIMIT %s)
"""
FEW_SLEEP_SQL = """
UPDATE task_schedule SET operation = 'sleep' WHERE id IN (SELECT id FROM task_schedule ORDER BY id LIMIT 10)
"""


@pytest.fixture
def crowd(db: None) -> None:
    """Many schedules, none of which is due today."""
    fill(None)


@pytest.fixture
def named_crowd(db: None) -> None:
    """They have names, too."""
    fill("daily report number ")


def fill(name: str | None) -> None:
    empty("task_schedule", "task_schedule_name")
    execute(FILL_SQL, [name, MANY])
    execute("ANALYZE task_schedule, task_schedule_name", [])


def page(
    order: str = "-id", *, project_id: int = DEFAULT_PROJECT_ID, **wanted: Any
) -> tuple[list[TaskSchedule], list[Reading]]:
    """A first page, and what was read for it."""
    rows, read = listed(ScheduleFilter(**wanted), project_id)

    def first() -> list[TaskSchedule]:
        return read(rows.order_by(order), PAGE)

    return first(), readings_of(first, "task_schedule") + readings_of(first, "task_schedule_name")


def rows_read(readings: list[Reading]) -> int:
    return sum(reading.rows for reading in readings)


@pytest.mark.usefixtures("crowd")
class TestDueBefore:
    def test_none(self) -> None:
        found, readings = page(due_before=ago(-60).isoformat())
        assert (found, rows_read(readings)) == ([], 0)
        assert "task_schedule_due" in {reading.index for reading in readings}

    @pytest.mark.parametrize("more", [{}, {"operation": "calculate"}, {"status": ["active"]}])
    @pytest.mark.parametrize("looked_at", [60, 0], ids=["that a sweep has not seen", "of a long catch-up"])
    def test_few(self, new_schedule: NewSchedule, looked_at: float, more: dict[str, Any]) -> None:
        due = new_schedule(rrule="FREQ=DAILY")
        TaskSchedule.objects.filter(id=due.id).update(next_run_at=ago(60), sweep_at=ago(looked_at))
        for time in (ago(30), ago(-60)):
            found, readings = page(due_before=time.isoformat(), **more)
            assert found == [due]
            assert rows_read(readings) <= ONE

    def test_nearly_all(self) -> None:
        found, readings = page(due_before="2999-01-01T00:00:00Z")
        assert len(found) == PAGE
        assert rows_read(readings) <= LOOK + PROBED + 2 * PAGE

    def test_the_oldest(self) -> None:
        """What a walk from the newest would meet last."""
        execute(OLDEST_ARE_DUE_SQL, [1_000])
        execute("ANALYZE task_schedule", [])
        found, readings = page(due_before=ago(-60).isoformat())
        assert len(found) == PAGE
        assert rows_read(readings) <= LOOKED + 3 * 1_000 + 2 * PAGE


RARE = {"NUMBER 12345": 1, "number 777": 11, "z": 0, "%": 0, "rz": 0, "reports": 0, "x" * 200: 0}
"""Parts of names, and how many of the crowd have them."""


@pytest.mark.usefixtures("named_crowd")
class TestName:
    @pytest.mark.parametrize("more", [{}, {"status": ["active"]}, {"operation": "calculate"}])
    def test_rare_ones(self, more: dict[str, Any]) -> None:
        for (name, count), order in itertools.product(RARE.items(), ("-id", "id")):
            found, readings = page(order, name=name, **more)
            assert len(found) == count, (name, order)
            assert rows_read(readings) <= LOOKED + 300, (name, order)
            [by_name] = [reading for reading in readings if reading.table == "task_schedule_name"]
            assert by_name.index == "task_schedule_name_in_project", (name, order)

    def test_common_ones_need_no_index(self) -> None:
        for name in ("report", "R", "daily report number 1"):
            found, readings = page(name=name)
            assert len(found) == PAGE, name
            assert rows_read(readings) <= LOOK + 200, name
            assert {reading.table for reading in readings} == {"task_schedule"}, name

    def test_the_oldest(self) -> None:
        """What a walk from the newest would meet last."""
        found, readings = page(name="number 19")
        assert len(found) == PAGE
        assert rows_read(readings) <= LOOKED + 2 * 1_200

    def test_among_few_of_an_operation_no_name_is_asked_for(self) -> None:
        execute(FEW_SLEEP_SQL, [])
        found, readings = page(name="reports", operation="sleep")
        assert found == []
        assert rows_read(readings) <= 5 * ONE

    def test_that_is_due(self) -> None:
        found, readings = page(name="z", due_before="2999-01-01T00:00:00Z")
        assert found == []
        assert rows_read(readings) <= LOOKED + PROBED

    def test_among_few_that_are_due_no_name_is_asked_for(self) -> None:
        found, readings = page(name="report", due_before=ago(-60).isoformat())
        assert (found, rows_read(readings)) == ([], 0)

    def test_to_pause_many(self) -> None:
        """As the ids of those that a request means are found."""

        def ids() -> list[Any]:
            return list(
                selected(ManySchedulesQuery(name="number 777"), DEFAULT_PROJECT_ID)
                .order_by("id")
                .values_list("id")[:10_000]
            )

        assert len(ids()) == 11
        assert rows_read(readings_of(ids, "task_schedule")) <= 2 * ONE
        assert rows_read(readings_of(ids, "task_schedule_name")) <= 300


@pytest.mark.usefixtures("named_crowd")
class TestASmallProject:
    """Among the many schedules of others, which have all that it asks for."""

    WANTED: list[dict[str, Any]] = [
        {},
        {"operation": "calculate"},
        {"status": ["active"]},
        {"tag": "common"},
        {"name": "report"},
        {"name": "R"},
        {"name": "report", "status": ["active"]},
        {"due_before": "2999-01-01T00:00:00Z"},
        {"due_before": "2999-01-01T00:00:00Z", "name": "report"},
    ]

    @pytest.fixture(autouse=True)
    def neighbours(self, named_crowd: None) -> None:
        execute("UPDATE task_schedule SET tags = '{common}'", [])

    @pytest.mark.parametrize("wanted", WANTED, ids=str)
    def test_it_reads_its_own(self, wanted: dict[str, Any]) -> None:
        own = list(TaskSchedule.objects.order_by("id").values_list("id", flat=True)[:3])
        TaskSchedule.objects.filter(id__in=own).update(project_id=7)
        ScheduleName.objects.filter(schedule_id__in=own).update(project_id=7)
        execute("ANALYZE task_schedule, task_schedule_name", [])
        found, readings = page(project_id=7, **wanted)
        assert len(found) == 3
        assert rows_read(readings) <= 5 * ONE

    @pytest.mark.parametrize("wanted", WANTED, ids=str)
    def test_one_without_a_schedule_reads_nothing(self, wanted: dict[str, Any]) -> None:
        execute("ANALYZE task_schedule, task_schedule_name", [])
        found, readings = page(project_id=7, **wanted)
        assert (found, rows_read(readings)) == ([], 0)


def test_other_lists_ask_once(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows, read = listed(ScheduleFilter(status=[ScheduleStatus.ACTIVE], tag="report"), DEFAULT_PROJECT_ID)
    with django_assert_num_queries(1):
        read(rows.order_by("-id"), PAGE)


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
    assert list(
        filtered(ScheduleFilter.model_validate({"due_before": before.isoformat()}), DEFAULT_PROJECT_ID)
    ) == [schedule]
