"""Quotas: off they cost nothing; set, they are held against what a request brings about."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import known
from access.models import Project
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from testing.access import make_key, make_project
from testing.api import Answer, Api
from testing.factories import make_task

pytestmark = pytest.mark.django_db

TASK = {"operation": "4+7"}
SCHEDULE = {**TASK, "every_x_days": 3}
LONG_AGO = "2026-01-01T00:00:00Z"
PERIOD = {"from": LONG_AGO, "to": "2026-01-08T00:00:00Z"}
"""In which the schedule has three instants."""


def caller(**quotas: int) -> Api:
    """Who acts in a project with these limits."""
    return Api(make_key("developer", make_project("acme", quotas=quotas)).text)


def reached(answer: Answer) -> tuple[str, int, int]:
    problem = answer.problem(409, "quota_reached")
    return problem["quota"], problem["limit"], problem["used"]


def test_waiting_tasks() -> None:
    api = caller(waiting_tasks=2)
    for _ in range(5):
        make_task()  # of another project
    assert api.post("/tasks/batch-request/", [TASK, TASK]).status == 202
    assert reached(api.post("/tasks/", TASK)) == ("waiting_tasks", 2, 2)
    project = Project.objects.get(slug="acme")
    for status in (Status.SUCCESS, Status.STARTED):
        make_task(status, project_id=project.id)
    assert reached(api.post("/tasks/batch-request/", [TASK])) == ("waiting_tasks", 2, 2)
    waiting = api.get("/tasks/?status=PENDING").json["results"][0]
    assert api.delete(f"/tasks/{waiting['id']}/").status == 204
    assert reached(api.post("/tasks/batch-request/", [TASK, TASK])) == ("waiting_tasks", 2, 1)
    assert api.post("/tasks/", TASK).status == 202


def test_tasks_per_day() -> None:
    api = caller(tasks_per_day=3)
    assert api.post("/tasks/batch-request/", [TASK] * 3).status == 202
    assert reached(api.post("/tasks/", TASK)) == ("tasks_per_day", 3, 3)


def test_a_trigger_counts() -> None:
    api = caller(waiting_tasks=0)
    made = api.post("/task-schedules/", SCHEDULE).json
    assert reached(api.post(f"/task-schedules/{made['id']}/trigger/", {})) == ("waiting_tasks", 0, 0)


def test_schedules() -> None:
    api = caller(schedules=1)
    assert api.post("/task-schedules/", {**SCHEDULE, "name": "one"}).status == 201
    assert reached(api.post("/task-schedules/", SCHEDULE)) == ("schedules", 1, 1)
    assert reached(api.post("/task-schedules/?dry_run=true", SCHEDULE)) == ("schedules", 1, 1)
    body = json.dumps(SCHEDULE).encode()
    assert reached(api.send("PUT", "/task-schedules/by-name/two/", body)) == ("schedules", 1, 1)
    assert api.send("PUT", "/task-schedules/by-name/one/", body).status == 200


def test_the_shortest_interval() -> None:
    api = caller(min_interval_seconds=60)
    [(where, _, detail)] = api.post("/task-schedules/", {**TASK, "every_x_seconds": 30}).errors()
    assert where == "#/every_x_seconds"
    assert "60" in detail
    assert api.post("/task-schedules/", {**TASK, "every_x_seconds": 60}).status == 201


def test_a_rule_that_is_there_goes_on() -> None:
    api = caller()
    made = api.post("/task-schedules/", {**TASK, "every_x_seconds": 30}).json
    Project.objects.filter(slug="acme").update(quotas={"min_interval_seconds": 60})
    known.forget()
    path = f"/task-schedules/{made['id']}/"
    assert api.send("PATCH", path, b'{"tags": ["a"]}').status == 200
    assert api.send("PATCH", path, b'{"every_x_seconds": 20}').errors()


def test_of_whoever_names_no_project(api: Api) -> None:
    Project.objects.filter(id=1).update(quotas={"waiting_tasks": 1})
    known.forget()
    assert api.post("/tasks/", TASK).status == 202
    assert reached(api.post("/tasks/", TASK)) == ("waiting_tasks", 1, 1)


def test_without_limits_nothing_is_asked() -> None:
    api = caller()
    api.post("/tasks/", TASK)
    with CaptureQueriesContext(connection) as asked:
        assert api.post("/tasks/", TASK).status == 202
    assert len(asked) == 1


def test_usage() -> None:
    api = caller(schedules=5, waiting_tasks=9)
    api.post("/task-schedules/", SCHEDULE)
    api.post("/tasks/batch-request/", [TASK] * 3)
    make_task()
    shown = Api(make_key().text).get("/projects/acme/usage/").json
    assert shown == {
        "schedules": {"used": 1, "limit": 5},
        "waiting_tasks": {"used": 3, "limit": 9},
        "tasks_per_day": {"used": 3, "limit": None},
        "file_mebibytes": {"used": 0, "limit": None},
    }
    Api(make_key().text).get("/projects/missing/usage/").problem(404, "not_found")


@pytest.mark.parametrize(
    ("quotas", "path", "body"),
    [
        ({"waiting_tasks": 1}, "/tasks/", TASK),
        ({"tasks_per_day": 1}, "/tasks/", TASK),
        ({"tasks_per_day": 2}, "/tasks/batch-request/", [TASK] * 2),
        ({"waiting_tasks": 3}, "/tasks/batch-request/", [TASK] * 2),
        ({"schedules": 1}, "/task-schedules/", SCHEDULE),
        ({"waiting_tasks": 1}, "/task-schedules/{schedule}/trigger/", None),
        ({"waiting_tasks": 1, "tasks_per_day": 1}, "/tasks/{failed}/retry/", None),
        ({"tasks_per_day": 1}, "/tasks/{failed}/retry/", None),
        ({"waiting_tasks": 1}, "/tasks/retry/?status=FAILURE", None),
        ({"waiting_tasks": 2, "tasks_per_day": 1}, "/tasks/retry/?status=FAILURE", None),
        ({"waiting_tasks": 1}, "/tasks/retry/?status=REVOKED", None),
        ({"waiting_tasks": 9, "tasks_per_day": 9, "schedules": 9}, "/tasks/", TASK),
        ({"schedules": 1}, "/task-schedules/by-name/one/", SCHEDULE),
        ({"schedules": 1}, "/task-schedules/by-name/two/", SCHEDULE),
        ({"schedules": 2}, "/task-schedules/by-name/two/", SCHEDULE),
        ({"waiting_tasks": 3}, "/task-schedules/{schedule}/backfill/", PERIOD),
        ({"waiting_tasks": 4}, "/task-schedules/{schedule}/backfill/", PERIOD),
    ],
)
def test_a_check_says_what_the_request_itself_would(quotas: dict[str, int], path: str, body: Any) -> None:
    api = caller()
    owner = Project.objects.get(slug="acme")
    schedule = api.post("/task-schedules/", {**SCHEDULE, "name": "one", "starts_at": LONG_AGO}).json["id"]
    assert api.post("/tasks/", TASK).status == 202
    failed = make_task(Status.FAILURE, project_id=owner.id).id
    Project.objects.filter(id=owner.id).update(quotas=quotas)
    known.forget()
    path = path.format(schedule=schedule, failed=failed)
    method = "PUT" if "by-name" in path else "POST"
    said = api.post("/access/check/", {"method": method, "path": path, "body": body}).json
    answer = api.send(method, path, b"" if body is None else json.dumps(body).encode())
    assert said["allowed"] == (answer.status < 300), answer.content
    if not said["allowed"]:
        assert (said["quota"], said["limit"], said["used"]) == reached(answer)
        assert (said["problem"], said["detail"]) == ("quota_reached", answer.json["detail"])
        assert said["errors"] == []


def test_a_check_of_a_name_reads_it_as_the_request_itself() -> None:
    api = caller(schedules=1)
    assert api.post("/task-schedules/", {**SCHEDULE, "name": "one two"}).status == 201
    allowed = {
        name: api.post(
            "/access/check/", {"method": "PUT", "path": f"/task-schedules/by-name/{name}/", "body": SCHEDULE}
        ).json["allowed"]
        for name in ("one%20two", "one two", "one", "%00", "%ff")
    }
    assert allowed == {"one%20two": True, "one two": True, "one": False, "%00": True, "%ff": False}


@pytest.mark.parametrize("query", ["", "?status=x", "?colour=red", "?operation=nothing", "?status=%00"])
def test_a_check_of_many_that_would_be_invalid_says_nothing_of_that(query: str) -> None:
    api = caller(waiting_tasks=0)
    assert api.post("/access/check/", {"method": "POST", "path": f"/tasks/retry/{query}"}).json["allowed"]


def test_a_check_of_many_with_a_key_that_is_held_to_some() -> None:
    api = Api(make_key("developer", make_project("acme", quotas={"waiting_tasks": 9}), max_priority=3).text)
    body = {"method": "POST", "path": "/tasks/retry/?status=FAILURE"}
    said = api.post("/access/check/", body).json
    assert (said["allowed"], said["problem"]) == (False, "key_restricted")


@pytest.mark.parametrize("body", [None, {}, {"from": "x"}, PERIOD | {"to": "2126-01-08T00:00:00Z"}])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_check_of_a_backfill_that_would_be_invalid_says_nothing_of_that(body: Any, is_there: bool) -> None:
    api = caller(waiting_tasks=9)
    schedule = api.post("/task-schedules/", SCHEDULE).json["id"] if is_there else new_id()
    path = f"/task-schedules/{schedule}/backfill/"
    assert api.post("/access/check/", {"method": "POST", "path": path, "body": body}).json["allowed"]


def test_a_check_of_what_makes_nothing_counts_nothing() -> None:
    api = caller(waiting_tasks=0, tasks_per_day=0, schedules=0)
    with CaptureQueriesContext(connection) as asked:
        for method, path in (
            ("GET", "/tasks/"),
            ("POST", "/tasks/cancel/"),
            ("POST", "/task-schedules/pause/"),
        ):
            assert api.post("/access/check/", {"method": method, "path": path}).json["allowed"]
    assert not [each for each in asked if "FROM task" in each["sql"]]
