"""A task is shown the same, whether its row was read as it is shown, or as a model."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from access.actor import DEFAULT_PROJECT_ID
from rest.json import dump
from tasks_api.api.tasks import represent
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.shown import ShownTask, find_shown
from testing.factories import ago, make_task

pytestmark = pytest.mark.django_db

FULL: dict[str, Any] = {
    "arguments": {"b": [1.5, None, {"é": "😀"}], "a": 10**300},
    "tags": ["a", 'b"{}'],
    "expires_at": ago(-86_400),
    "schedule_id": new_id(),
    "scheduled_for": ago(60),
    "cancel_requested_at": ago(1),
    "created_by": "key:9Zk3TqLw0bXa",
    "request_id": "a request",
    "progress": {"percent": 50.0, "message": "half"},
}


@pytest.mark.parametrize("changes", [{}, FULL, {"result": False}, {"result": ""}, {"result": [None, 1e22]}])
@pytest.mark.parametrize("status", Status)
def test_it_is_the_same(status: Status, changes: dict[str, Any]) -> None:
    task_id = make_task(status, **changes).id
    assert dump(represent(find_shown(task_id, DEFAULT_PROJECT_ID))) == dump(
        represent(Task.objects.get(id=task_id))
    )


def test_it_has_what_the_row_has() -> None:
    task = Task.objects.get(id=make_task(**FULL).id)
    assert find_shown(task.id, DEFAULT_PROJECT_ID) == tuple(getattr(task, name) for name in ShownTask._fields)


def test_it_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    task = make_task()
    with django_assert_num_queries(1):
        find_shown(task.id, DEFAULT_PROJECT_ID)


def test_there_is_none() -> None:
    unknown = new_id()
    with pytest.raises(Task.DoesNotExist, match=f"there is no task {unknown}"):
        find_shown(unknown, DEFAULT_PROJECT_ID)
