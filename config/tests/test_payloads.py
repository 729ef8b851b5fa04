"""Without the scope `payloads:read`, nothing of what tasks work with or say is seen, whatever is asked."""

import json
from typing import Any

import pytest

from access.payloads import without_payloads
from access.scopes import SCOPES_OF_ROLES, Scope
from config.tests.test_access_matrix import ROUTES, path_of
from rest.guarding import PUBLIC
from rest.openapi.described import Described
from schedules.models import TaskSchedule
from tasks_api.models import Attempt, Task
from testing.access import make_key, make_project
from testing.api import Api
from testing.factories import ago

CANARY = "swordfish"
BLIND = sorted(set(Scope) - {Scope.PAYLOADS_READ})
NO_ANSWER = ("/keys/",)
READ = [route for route in ROUTES if route.endpoint.scope != PUBLIC and not route.path.startswith(NO_ANSWER)]
FAILED = {"type": "OSError", "message": CANARY, "permanent": False, "traceback": CANARY}


def plant() -> None:
    """Everything that a task or a schedule may hold of its own says it."""
    Task.objects.update(
        arguments={"expression": CANARY},
        result={CANARY: CANARY},
        error=FAILED,
        progress={"percent": 50.0, "message": CANARY},
        tags=["seen"],
    )
    for task in Task.objects.all():
        Attempt.objects.create(
            task_id=task.id, number=9, started_at=ago(9), finished_at=ago(8), outcome="failed", error=FAILED
        )
    TaskSchedule.objects.update(
        arguments={"expression": "{{ scheduled_for }}" + CANARY}, error=CANARY, tags=["seen"]
    )


@pytest.mark.django_db
@pytest.mark.parametrize("route", READ, ids=[f"{route.method.upper()} {route.path}" for route in READ])
def test_no_route_tells_them(route: Described) -> None:
    project = make_project("own")
    path = path_of(route, project)
    if route.path in ("/tasks/", "/task-schedules/"):
        path_of(next(each for each in ROUTES if "{task_id}" in each.path), project)
        path_of(next(each for each in ROUTES if "{schedule_id}" in each.path), project)
    plant()
    body = next(iter(route.endpoint.body.examples.values())) if route.endpoint.body else {}
    key = make_key(None, project, scopes=[scope.value for scope in BLIND])
    content = b"" if route.method in ("get", "delete") else json.dumps(body).encode()
    answer = Api(key.text).send(route.method.upper(), path, content)
    assert answer.status < 500
    assert CANARY.encode() not in answer.content
    if (
        route.method == "get"
        and "task" in path
        and not path.endswith(("/attempts/", "/occurrences/", "/forecast/"))
    ):
        assert b"seen" in answer.content
        seeing = Api(make_key("admin", project).text).get(path).content
        assert CANARY.encode() in seeing


@pytest.mark.django_db
def test_what_one_sends_is_not_told_either() -> None:
    caller = Api(make_key("submitter").text)
    body = {"operation": "calculate", "arguments": {"expression": "4+7"}}
    assert caller.post("/tasks/", body).json["arguments"] is None
    assert caller.post("/tasks/batch-request/", [body]).json["tasks"][0]["arguments"] is None
    again = [caller.post("/tasks/", body, idempotency_key='"k"').json for _ in range(2)]
    assert [each["arguments"] for each in again] == [None, None]
    assert Task.objects.filter(arguments={"expression": "4+7"}).count() == 3


@pytest.mark.django_db
def test_an_overridden_occurrence() -> None:
    project = make_project()
    other = Api(make_key("developer", project).text)
    made = other.post("/task-schedules/", {"operation": "4+7", "every_x_days": 3}).json
    instant = made["upcoming"][1]["at"]
    path = f"/task-schedules/{made['id']}/occurrences/"
    own = {"arguments": {"expression": "1+1"}}
    assert (
        other.send("PUT", f"{path}{instant}/", json.dumps(own).encode()).json["arguments"] == own["arguments"]
    )
    viewer = Api(make_key("viewer", project).text).get(path).json["results"]
    assert all(each["arguments"] is None for each in viewer)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/tasks/", "/task-schedules/"])
def test_what_hides_them_is_another_answer(path: str) -> None:
    seeing, blind = Api(make_key("admin").text), Api(make_key("viewer").text)
    made = seeing.post(path, {"operation": "4+7"} | ({"every_x_days": 3} if "schedules" in path else {}))
    one = f"{path}{made.json['id']}/"
    tags = [caller.get(one).headers["ETag"] for caller in (seeing, blind)]
    assert len(set(tags)) == 2
    for caller, own, other in ((seeing, tags[0], tags[1]), (blind, tags[1], tags[0])):
        assert caller.get(one, if_none_match=own).status == 304
        assert caller.get(one, if_none_match=other).status == 200
    if "schedules" in path:
        changed = seeing.send("PATCH", one, b'{"priority": 3}', if_match=tags[1])
        assert changed.status == 200


def test_who_may_see_them() -> None:
    assert {role for role, scopes in SCOPES_OF_ROLES.items() if Scope.PAYLOADS_READ in scopes} == {
        "developer",
        "admin",
    }


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"arguments": {"a": 1}, "tags": ["t"]}, {"arguments": None, "tags": ["t"]}),
        (
            {"error": FAILED},
            {"error": {"type": "OSError", "message": None, "permanent": False, "traceback": None}},
        ),
        ({"error": None, "result": 3}, {"error": None, "result": None}),
        ({"error": "text"}, {"error": None}),
        ({"results": [{"result": 3}], "next": "u"}, {"results": [{"result": None}], "next": "u"}),
        ({"progress": {"percent": 5.0, "message": "x"}}, {"progress": {"percent": 5.0, "message": None}}),
        ({"task_schedule": {"arguments": {}}}, {"task_schedule": {"arguments": None}}),
        (b"written", b"written"),
        (None, None),
    ],
)
def test_what_is_left(body: Any, shown: Any) -> None:
    before = json.dumps(body, default=str)
    assert without_payloads(body) == shown
    assert json.dumps(body, default=str) == before
