"""GET /tasks/{id}/"""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from rest.json import instant_text
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from testing.api import Api
from testing.factories import EXPIRED, LOST, ago, make_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status)
def test_it_works(api: Api, status: Status) -> None:
    task = make_task(status)
    answer = api.get(f"/tasks/{task.id}/")
    assert answer.status == 200
    assert (answer.json["id"], answer.json["status"]) == (str(task.id), status)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.PENDING, {"attempt": 0, "result": None, "error": None, "started_at": None}),
        (Status.STARTED, {"attempt": 1, "result": None, "error": None, "finished_at": None}),
        (Status.RETRY, {"attempt": 1, "result": None, "error": LOST, "finished_at": None}),
        (Status.SUCCESS, {"attempt": 1, "result": 11, "error": None}),
        (Status.REVOKED, {"attempt": 0, "result": None, "error": EXPIRED, "started_at": None}),
    ],
)
def test_what_it_tells_of_each_state(api: Api, status: Status, expected: dict[str, Any]) -> None:
    found = api.get(f"/tasks/{make_task(status).id}/").json
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("result", [0, "", False, None, [], {}, {"a": ["é", 1.5, None]}, 10**300])
def test_a_result_is_any_json(api: Api, result: Any) -> None:
    task = make_task(Status.SUCCESS, result=result)
    assert api.get(f"/tasks/{task.id}/").json["result"] == result


def test_it_tells_of_the_schedule(api: Api) -> None:
    task = make_task(schedule_id=new_id(), scheduled_for=ago(60))
    found = api.get(f"/tasks/{task.id}/").json
    assert found["schedule"] == str(task.schedule_id)
    assert found["scheduled_for"] == instant_text(task.scheduled_for)


def test_it_does_not_tell_how_it_is_kept(api: Api) -> None:
    found = api.get(f"/tasks/{make_task(Status.STARTED).id}/").json
    assert {"run_token", "node_id", "dispatch_at", "dispatch_count"}.isdisjoint(found)


def test_an_unknown_id(api: Api) -> None:
    unknown = new_id()
    problem = api.get(f"/tasks/{unknown}/").problem(404, "not_found")
    assert problem["detail"] == f"there is no task {unknown}"


@pytest.mark.parametrize("task_id", ["7", "nothing", "%00", "0" * 32])
def test_what_is_no_id(api: Api, task_id: str) -> None:
    api.get(f"/tasks/{task_id}/").problem(404, "not_found")


def test_an_unknown_parameter(api: Api) -> None:
    detail = "is not a known parameter; known are: wait"
    path = f"/tasks/{make_task().id}/?waiting=3"
    assert api.get(path).errors() == [("waiting", "unknown_field", detail)]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_other_methods(api: Api, method: str) -> None:
    api.send(method, f"/tasks/{make_task().id}/").problem(405, "method_not_allowed")


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    task = make_task()
    with django_assert_num_queries(1):
        # 1. SELECT ... FROM task WHERE id = ...
        api.get(f"/tasks/{task.id}/")
