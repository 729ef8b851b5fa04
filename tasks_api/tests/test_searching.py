"""Tasks by what no index knows."""

from typing import Any

import pytest

from tasks_api import searching
from tasks_api.filters import TaskFilter
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.searching import Free, TookTooLong, search
from testing.factories import make_task

pytestmark = pytest.mark.django_db


def found(free: Free, query: TaskFilter | None = None, **more: Any) -> list[Task]:
    return search(query or TaskFilter(), 1, free, 10, **more)


def test_by_arguments() -> None:
    one = make_task(arguments={"customer": {"id": 42}, "name": "a b", "flag": True})
    make_task(arguments={"customer": {"id": 43}, "name": "a"})
    make_task(arguments={"customer": {"id": 42}}, project_id=7)
    for path, value in ((("customer", "id"), "42"), (("name",), "a b"), (("flag",), "true")):
        assert found(Free([(path, value)])) == [one]
    assert found(Free([(("customer", "id"), "42"), (("name",), "x")])) == []
    assert found(Free([(("'; drop table task; --",), "%s")])) == []


def test_by_the_text_of_an_error() -> None:
    full = {"type": "OSError", "message": "Disk 100% full", "permanent": False}
    one = make_task(Status.FAILURE, error=full)
    make_task(Status.FAILURE)
    for text in ("disk 100%", "oserror", "FULL"):
        assert one in found(Free(errors=[text]))
    assert found(Free(errors=["disk 1_0"])) == []


def test_in_the_order_of_pages_and_within_filters() -> None:
    tasks = [make_task(status, arguments={"n": 1}) for status in (Status.PENDING, Status.FAILURE) * 2]
    free = Free([(("n",), "1")])
    assert found(free) == tasks[::-1]
    assert found(free, before=tasks[2].id) == [tasks[1], tasks[0]]
    assert found(free, after=tasks[1].id) == [tasks[2], tasks[3]]
    assert found(free, TaskFilter(status=[Status.FAILURE])) == [tasks[3], tasks[1]]
    assert found(free, TaskFilter(operation="calculate", status=[Status.FAILURE])) == [tasks[3], tasks[1]]


def test_only_the_newest_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 2)
    tasks = [make_task(arguments={"n": 1}) for _ in range(3)]
    assert found(Free([(("n",), "1")])) == [tasks[2], tasks[1]]


@pytest.mark.django_db(transaction=True)
def test_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        searching,
        "_SEARCH",
        "SELECT id, pg_sleep(60) FROM ({branches}) AS b WHERE {wanted} AND {beyond} LIMIT %s",
    )
    monkeypatch.setattr(searching, "LONGEST_MILLISECONDS", 20)
    make_task(arguments={"n": 1})
    with pytest.raises(TookTooLong):
        found(Free([(("n",), "1")]))
    assert Task.objects.count() == 1
