"""PATCH /tasks/{id}/"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, WAITING, Status
from tasks_api.models import Task
from tasks_api.transitions import take_due
from testing.api import Answer, Api
from testing.factories import ago, make_task

pytestmark = pytest.mark.django_db

FAR_AHEAD = "2998-01-02T03:04:05Z"


def change(api: Api, task: Task, body: Any) -> Answer:
    return api.send("PATCH", f"/tasks/{task.id}/", json.dumps(body).encode())


def due() -> list[tuple[str, int]]:
    messages = take_due(10, resend_seconds=RESEND_SECONDS)
    return [(str(message.task_id), message.priority) for message in messages]


def test_it_works(api: Api) -> None:
    task, other = make_task(tags=["old"]), make_task()
    answer = change(api, task, {"priority": 9, "run_at": FAR_AHEAD, "tags": ["new", "ü"]})
    assert answer.status == 200
    assert answer.json == api.get(f"/tasks/{task.id}/").json
    body = answer.json
    assert (body["priority"], body["run_at"], body["tags"]) == (9, FAR_AHEAD, ["new", "ü"])
    assert Task.objects.get(id=other.id).priority == 5


@pytest.mark.parametrize("status", WAITING)
@pytest.mark.parametrize("change_to", [{"priority": 0}, {"run_at": FAR_AHEAD}, {"tags": ["x"]}])
def test_what_is_not_named_stays(api: Api, status: Status, change_to: dict[str, Any]) -> None:
    task = make_task(status, tags=["old"])
    before = api.get(f"/tasks/{task.id}/").json
    assert change(api, task, change_to).json == {**before, **change_to}


def test_nothing_named_changes_nothing(api: Api) -> None:
    task = make_task()
    before = api.get(f"/tasks/{task.id}/").json
    assert change(api, task, {}).json == before
    assert Task.objects.get().version == task.version


def test_null_stands_for_the_default(api: Api) -> None:
    task = make_task(priority=9, tags=["a"], run_at=datetime(2998, 1, 1, tzinfo=UTC), dispatch_at=ago(-999))
    body = change(api, task, {"priority": None, "tags": None, "run_at": None}).json
    assert (body["priority"], body["tags"]) == (5, [])
    assert datetime.fromisoformat(body["run_at"]) <= ago(0)
    assert due() == [(str(task.id), 5)]


def test_it_is_handed_over_by_its_new_priority(api: Api) -> None:
    task = make_task()
    change(api, task, {"priority": 9})
    assert due() == [(str(task.id), 9)]


def test_it_is_not_handed_over_for_its_tags(api: Api) -> None:
    change(api, make_task(), {"tags": ["a"]})
    assert due() == []


def test_it_waits_for_its_new_time(api: Api) -> None:
    change(api, make_task(Status.RETRY), {"run_at": FAR_AHEAD})
    assert due() == []


@pytest.mark.parametrize("status", [status for status in Status if status not in WAITING])
@pytest.mark.parametrize("body", [{"priority": 9}, {"tags": []}, {}])
def test_one_that_does_not_wait_stays(api: Api, status: Status, body: Any) -> None:
    task = make_task(status)
    problem = change(api, task, body).problem(409, "conflict")
    assert problem["detail"] == f"the task is {status}: only a waiting task can be changed"
    assert Task.objects.get().version == task.version


@pytest.mark.parametrize("body", [{"priority": 9}, {"run_at": FAR_AHEAD}, {}])
def test_an_unknown_id(api: Api, body: Any) -> None:
    api.send("PATCH", f"/tasks/{new_id()}/", json.dumps(body).encode()).problem(404, "not_found")


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"priority": 10}, "#/priority", "max_value"),
        ({"priority": "9"}, "#/priority", "invalid_type"),
        ({"priority": True}, "#/priority", "invalid_type"),
        ({"run_at": "2998-01-02T03:04:05"}, "#/run_at", "invalid_datetime"),
        ({"tags": ["a"] * 21}, "#/tags", "max_length"),
        ({"tags": [""]}, "#/tags/0", "min_length"),
        ({"expires_at": FAR_AHEAD}, "#/expires_at", "unknown_field"),
        ({"priority": 9, "operation": "4+7"}, "#/operation", "unknown_field"),
        ([], "#", "invalid_type"),
        (None, "#", "invalid_type"),
    ],
)
def test_it_refuses(api: Api, body: Any, where: str, code: str) -> None:
    task = make_task()
    assert [error[:2] for error in change(api, task, body).errors()] == [(where, code)]
    assert Task.objects.get().version == task.version


def test_it_must_run_before_it_expires(api: Api) -> None:
    task = make_task(expires_at=datetime(2997, 1, 1, tzinfo=UTC))
    detail = f"must be earlier than expires_at, 2997-01-01T00:00:00Z, got {FAR_AHEAD}"
    assert change(api, task, {"run_at": FAR_AHEAD}).errors() == [("#/run_at", "too_late", detail)]
    assert change(api, task, {"run_at": "2996-01-01T00:00:00Z"}).status == 200


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    task = make_task()
    with django_assert_num_queries(4):
        # UPDATE task SET ... WHERE id = ... AND status = ANY(...), INSERT INTO audit_event, around both a transaction
        change(api, task, {"priority": 9})
    with django_assert_num_queries(5):
        # before them: SELECT expires_at FROM task
        change(api, task, {"run_at": FAR_AHEAD})
