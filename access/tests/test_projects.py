"""`/projects/`."""

import json
from typing import Any

import pytest

from access.models import Project
from testing.access import make_key, make_project
from testing.api import Answer, Api

pytestmark = pytest.mark.django_db


def patch(api: Api, which: str, **changes: Any) -> Answer:
    return api.send("PATCH", f"/projects/{which}/", json.dumps(changes).encode())


def test_the_first_one_is_there(api: Api) -> None:
    [project] = api.get("/projects/").json["results"]
    assert (project["slug"], project["status"]) == ("default", "active")
    assert set(project["quotas"].values()) == {None}
    assert Project.objects.get().id == 1


def test_creating(api: Api) -> None:
    answer = api.post("/projects/", {"slug": "acme", "quotas": {"schedules": 3, "waiting_tasks": None}})
    assert answer.status == 201
    assert answer.headers["Location"] == "http://testserver/projects/acme/"
    assert (answer.json["name"], answer.json["quotas"]["schedules"]) == ("acme", 3)
    assert api.get("/projects/acme/").json == answer.json
    assert Project.objects.get(slug="acme").id > 1
    api.post("/projects/", {"slug": "acme"}).problem(409, "conflict")
    assert [each["slug"] for each in api.get("/projects/").json["results"]] == ["acme", "default"]
    assert api.get("/tasks/", punctual_project="acme").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"slug": ""},
        {"slug": "Acme"},
        {"slug": "-a"},
        {"slug": "a-"},
        {"slug": "a b"},
        {"slug": "a" * 64},
        {"slug": "a", "name": ""},
        {"slug": "a", "quotas": {"colour": 1}},
        {"slug": "a", "quotas": {"schedules": -1}},
        {"slug": "a", "quotas": {"schedules": 1.5}},
        {"slug": "a", "quotas": {"min_interval_seconds": 0}},
    ],
)
def test_what_is_refused(body: dict[str, Any], api: Api) -> None:
    assert api.post("/projects/", body).errors()
    assert Project.objects.count() == 1


def test_changing(api: Api) -> None:
    make_project("acme", quotas={"schedules": 3, "tasks_per_day": 7})
    changed = patch(api, "acme", name="Acme", quotas={"schedules": None, "waiting_tasks": 5}).json
    assert changed["name"] == "Acme"
    assert {name: limit for name, limit in changed["quotas"].items() if limit} == {
        "waiting_tasks": 5,
        "tasks_per_day": 7,
    }
    assert patch(api, "acme").json["name"] == "Acme"
    assert patch(api, "acme", slug="other").errors()
    assert patch(api, "acme", status="gone").errors()
    patch(api, "missing", name="a").problem(404, "not_found")


def test_freezing(api: Api) -> None:
    make_project("acme")
    task = {"operation": "4+7"}
    assert api.post("/tasks/", task, punctual_project="acme").status == 202
    assert patch(api, "acme", status="frozen").json["status"] == "frozen"
    api.post("/tasks/", task, punctual_project="acme").problem(409, "project_frozen")
    assert api.get("/tasks/", punctual_project="acme").status == 200
    assert patch(api, "acme", status="active").status == 200
    assert api.post("/tasks/", task, punctual_project="acme").status == 202


def test_from_within_a_project() -> None:
    own = make_project("own", quotas={"schedules": 3})
    make_project("other")
    caller = Api(make_key(project=own).text)
    assert [each["slug"] for each in caller.get("/projects/").json["results"]] == ["own"]
    caller.get("/projects/other/").problem(404, "not_found")
    patch(caller, "other", name="mine").problem(404, "not_found")
    caller.post("/projects/", {"slug": "new"}).problem(403, "installation_only")
    patch(caller, "own", quotas={"schedules": None}).problem(403, "installation_only")
    patch(caller, "own", status="frozen").problem(403, "installation_only")
    assert patch(caller, "own", name="Ours").json["name"] == "Ours"
