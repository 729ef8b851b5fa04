"""GET /tasks/{id}/attempts/"""

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.api import Api
from testing.factories import ago, make_node, make_task

pytestmark = pytest.mark.django_db

ERROR = {"type": "OSError", "message": "OSError: no network", "permanent": False}
WITH_TRACEBACK = {**ERROR, "traceback": "Traceback (most recent call last): ..."}


def attempts(api: Api, task: Task) -> Any:
    answer = api.get(f"/tasks/{task.id}/attempts/")
    assert answer.status == 200, answer.content
    return answer.json["results"]


def outcomes(api: Api, task: Task) -> list[tuple[int, str]]:
    return [(each["number"], each["outcome"]) for each in attempts(api, task)]


def start(task: Task, **changes: Any) -> Run:
    """A worker takes the task, whatever it waits for."""
    Task.objects.filter(id=task.id).update(run_at=ago(1))
    run = transitions.claim(task.id, task.priority, token=new_id(), node=changes.get("node") or new_id())
    assert run is not None
    return run


def test_it_works(api: Api) -> None:
    node = make_node(name="worker@a")
    task = make_task()
    transitions.fail(start(task, node=node.id), json.dumps(WITH_TRACEBACK), retry_in=0)
    second = start(task, node=node.id)
    failed, running = attempts(api, task)
    assert failed == {
        "number": 1,
        "worker": "worker@a",
        "started_at": failed["started_at"],
        "finished_at": failed["finished_at"],
        "outcome": "failed",
        "error": WITH_TRACEBACK,
    }
    assert running == {
        "number": 2,
        "worker": "worker@a",
        "started_at": api.get(f"/tasks/{task.id}/").json["started_at"],
        "finished_at": None,
        "outcome": "running",
        "error": None,
    }
    assert transitions.succeed(second, "11")
    first, last = attempts(api, task)
    assert first == failed
    assert (last["outcome"], last["error"], last["worker"]) == ("success", None, "worker@a")
    assert last["finished_at"] == api.get(f"/tasks/{task.id}/").json["finished_at"]


def test_the_traceback_belongs_to_the_try_alone(api: Api) -> None:
    task = make_task()
    transitions.fail(start(task), json.dumps(WITH_TRACEBACK))
    assert api.get(f"/tasks/{task.id}/").json["error"] == ERROR
    assert api.get("/tasks/").json["results"][0]["error"] == ERROR
    assert attempts(api, task)[0]["error"] == WITH_TRACEBACK


def test_every_way_to_end(api: Api) -> None:
    node = new_id()
    task = make_task(max_attempts=9, final_attempt=9, retry_when_lost=True)
    transitions.fail(start(task), json.dumps(ERROR), outcome="timeout", retry_in=0)
    start(task, node=node)
    assert transitions.rescue_run(task.id, node)
    start(task, node=node)
    assert transitions.hand_back(node) == [task.id]
    run = start(task)
    transitions.cancel([task.id])
    transitions.fail(run, json.dumps(ERROR))
    assert outcomes(api, task) == [(1, "timeout"), (2, "lost"), (3, "interrupted"), (4, "cancelled")]


def test_after_a_retry_they_go_on_counting(api: Api) -> None:
    task = make_task()
    transitions.fail(start(task), json.dumps(ERROR))
    assert api.post(f"/tasks/{task.id}/retry/", {}).status == 202
    assert outcomes(api, task) == [(1, "failed")]
    start(task)
    assert outcomes(api, task) == [(1, "failed"), (2, "running")]


@pytest.mark.parametrize("status", [Status.PENDING, Status.REVOKED])
def test_there_may_be_none(api: Api, status: Status) -> None:
    assert attempts(api, make_task(status)) == []


def test_a_worker_that_is_forgotten_has_no_name(api: Api) -> None:
    (running,) = attempts(api, make_task(Status.STARTED))
    assert (running["outcome"], running["worker"]) == ("running", None)


def test_only_its_own(api: Api) -> None:
    task, other = make_task(), make_task()
    transitions.fail(start(other), json.dumps(ERROR))
    assert attempts(api, task) == []


def test_an_unknown_id(api: Api) -> None:
    api.get(f"/tasks/{new_id()}/attempts/").problem(404, "not_found")


def test_an_unknown_parameter(api: Api) -> None:
    ((where, code, _),) = api.get(f"/tasks/{make_task().id}/attempts/?limit=5").errors()
    assert (where, code) == ("limit", "unknown_field")


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    running, done = make_task(Status.STARTED), make_task(Status.SUCCESS)
    with django_assert_num_queries(2):
        # 1. SELECT ... FROM task 2. SELECT ... FROM attempt
        attempts(api, done)
    with django_assert_num_queries(3):
        # and 3. SELECT name FROM worker_node
        attempts(api, running)
