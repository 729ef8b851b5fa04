"""Rows by the million are like those that the service writes, and leave the tables as they were."""

from collections import Counter

import pytest
from django.db import connection

from misc.benchmarks import copying, seed
from schedules.models import Occurrence, TaskSchedule
from tasks_api.database import database_now, fetch_all
from tasks_api.models import IN_BACKLOG, Task

pytestmark = pytest.mark.django_db(transaction=True)

INDEXES_SQL = (
    "SELECT indexdef FROM pg_indexes WHERE tablename IN ('task', 'task_schedule', 'occurrence') ORDER BY 1"
)


@pytest.fixture
def filled() -> None:
    """Some of everything."""
    seed.main(["--schedules", "20", "--tasks", "2000", "--waiting", "7"])


def test_there_are_as_many_as_asked_for(filled: None) -> None:
    assert TaskSchedule.objects.count() == 20
    assert Counter(Task.objects.values_list("status", flat=True)) == {
        "SUCCESS": 1900,
        "FAILURE": 80,
        "REVOKED": 20,
        "PENDING": 7,
    }


def test_tasks_of_schedules_have_an_occurrence(filled: None) -> None:
    made = Task.objects.filter(schedule_id__isnull=False)
    assert made.count() == 200
    told = Occurrence.objects.values_list("task_id", "schedule_id", "scheduled_for")
    assert set(told) == set(made.values_list("id", "schedule_id", "scheduled_for"))


def test_schedules_are_due_in_an_hour_and_none_before(filled: None) -> None:
    first = TaskSchedule.objects.earliest("next_run_at")
    assert first.next_run_at is not None
    assert first.next_run_at == first.starts_at == first.sweep_at
    assert 3_000 < (first.next_run_at - database_now()).total_seconds() <= 3_600


def test_all_that_wait_are_for_the_next_sweep(filled: None) -> None:
    assert Task.objects.filter(IN_BACKLOG, status="PENDING", dispatch_count=0).count() == 7


def test_ids_are_in_order_of_their_times(filled: None) -> None:
    created = list(Task.objects.exclude(status="PENDING").order_by("created_at").values_list("id", flat=True))
    seconds = [task_id.int >> 80 for task_id in created]
    assert seconds == sorted(seconds)
    assert all(task_id.version == 7 for task_id in created)


def test_the_indexes_are_there_again() -> None:
    before = fetch_all(INDEXES_SQL, [])
    seed.fill_waiting(3)
    seed.fill_schedules(3)
    assert fetch_all(INDEXES_SQL, []) == before


def test_a_fill_that_fails_changes_nothing() -> None:
    before = fetch_all(INDEXES_SQL, [])
    with pytest.raises(Exception, match="invalid input syntax"):
        copying.copy_in("task", ["no line of a task\n"])
    assert fetch_all(INDEXES_SQL, []) == before
    assert not connection.in_atomic_block
