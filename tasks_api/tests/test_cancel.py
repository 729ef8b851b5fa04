"""POST /tasks/{id}/cancel/"""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, WAITING, Status
from tasks_api.models import Attempt, Task
from testing.api import Api
from testing.factories import make_task, run_of

pytestmark = pytest.mark.django_db

CANCELLED = {"type": "cancelled", "message": "it was cancelled", "permanent": True}


def cancel(api: Api, task: Task) -> Any:
    answer = api.post(f"/tasks/{task.id}/cancel/", {})
    assert answer.status == 200, answer.content
    return answer.json


def test_it_works(api: Api) -> None:
    task, other = make_task(), make_task()
    body = cancel(api, task)
    assert (body["id"], body["status"], body["error"]) == (str(task.id), "REVOKED", CANCELLED)
    assert body["finished_at"]
    assert body == api.get(f"/tasks/{task.id}/").json
    assert Task.objects.get(id=other.id).status == Status.PENDING


@pytest.mark.parametrize("status", WAITING)
def test_one_that_waits_is_over_at_once(api: Api, status: Status) -> None:
    task = make_task(status)
    assert cancel(api, task)["status"] == "REVOKED"
    assert transitions.claim(task.id, task.priority, token=new_id(), node=new_id()) is None


def test_one_that_runs_is_asked_and_told_as_it_stands(api: Api) -> None:
    task = make_task(Status.STARTED)
    body = cancel(api, task)
    assert (body["status"], body["error"], body["finished_at"]) == ("STARTED", None, None)
    assert (
        body["cancel_requested_at"] == api.get(f"/tasks/{task.id}/").json["cancel_requested_at"] is not None
    )
    assert task.node_id
    assert transitions.cancelled_on(task.node_id) == [task.id]
    assert transitions.fail(run_of(task), '{"type": "stopped"}')
    body = api.get(f"/tasks/{task.id}/").json
    assert (body["status"], body["error"]) == ("REVOKED", CANCELLED)
    assert Attempt.objects.get().outcome == "cancelled"


def test_asking_twice_is_no_error(api: Api) -> None:
    task = make_task(Status.STARTED)
    assert cancel(api, task)["status"] == cancel(api, task)["status"] == "STARTED"


@pytest.mark.parametrize("status", FINAL)
def test_a_final_one_stays(api: Api, status: Status) -> None:
    task = make_task(status)
    problem = api.post(f"/tasks/{task.id}/cancel/", {}).problem(409, "conflict")
    assert problem["detail"] == f"the task is {status}, which is final"
    assert Task.objects.get().status == status


def test_an_unknown_id(api: Api) -> None:
    number = new_id()
    problem = api.post(f"/tasks/{number}/cancel/", {}).problem(404, "not_found")
    assert problem["detail"] == f"there is no task {number}"


@pytest.mark.parametrize("content", [b"", b"{}", b" {} ", b"null"])
def test_it_takes_an_empty_body(api: Api, content: bytes) -> None:
    assert api.send("POST", f"/tasks/{make_task().id}/cancel/", content).status == 200


@pytest.mark.parametrize("content", [b'{"reason": "no"}', b"[]", b"x", b"{}" + b" " * 100])
def test_it_takes_no_other_body(api: Api, content: bytes) -> None:
    path = f"/tasks/{make_task().id}/cancel/"
    ((where, code, _),) = api.send("POST", path, content).errors()
    assert (where, code) == ("#", "unexpected_body")
    assert Task.objects.get().status == Status.PENDING


def test_it_takes_no_parameter(api: Api) -> None:
    ((where, code, _),) = api.post(f"/tasks/{make_task().id}/cancel/?force=true", {}).errors()
    assert (where, code) == ("force", "unknown_field")
    assert Task.objects.get().status == Status.PENDING


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    task = make_task()
    with django_assert_num_queries(1):  # UPDATE task ... and INSERT INTO audit_event
        cancel(api, task)
