"""Finished tasks go when they are old, with their attempts; whatever is not final stays."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries

from tasks_api import retention
from tasks_api.database import database_now
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Attempt, Task
from testing.factories import make_task

pytestmark = pytest.mark.django_db


def ended(status: Status, days: float) -> Task:
    """A final task that ended so many days ago, with one attempt on record."""
    task = make_task(status)
    end = database_now() - timedelta(days=days)
    Task.objects.filter(id=task.id).update(finished_at=end)
    Attempt.objects.create(
        task_id=task.id, number=1, started_at=end, finished_at=end, outcome="failed", error={"type": "x"}
    )
    return task


def test_it_works(settings: LazySettings) -> None:
    settings.RETENTION_SUCCESS_DAYS, settings.RETENTION_FAILURE_DAYS = 30, 90
    kept = [ended(Status.SUCCESS, 29), ended(Status.FAILURE, 89), ended(Status.REVOKED, 31)]
    for status, days in ((Status.SUCCESS, 31), (Status.FAILURE, 91), (Status.REVOKED, 91)):
        ended(status, days)
    assert retention.forget_old_tasks() == 3
    assert set(Task.objects.all()) == set(kept)
    assert {row.task_id for row in Attempt.objects.all()} == {task.id for task in kept}


@pytest.mark.parametrize("status", [status for status in Status if status not in FINAL])
def test_what_is_not_final_stays_however_old(status: Status) -> None:
    task = make_task(status)
    Task.objects.filter(id=task.id).update(created_at=database_now() - timedelta(days=4_000))
    assert retention.forget_old_tasks() == 0
    assert Task.objects.filter(id=task.id).exists()


def test_it_works_in_batches_and_stops(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    found = iter([10, 10, 3, 10])
    assert retention.in_batches(lambda _limit: next(found), batch=10, most=5) == 23
    assert retention.in_batches(lambda _limit: 10, batch=10, most=5) == 50
    with django_assert_num_queries(3):  # one for each final state, when there is nothing to do
        retention.forget_old_tasks()
