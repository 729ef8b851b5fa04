"""`/access/` and `/access/check/`."""

from typing import Any

import pytest

from access.pin_words import pin_text
from access.scopes import ALL_SCOPES
from testing.access import make_key, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db


def test_in_open_mode_everybody_may_everything(api: Api) -> None:
    me = api.get("/access/").json
    assert (me["kind"], me["id"], me["project"], me["scopes"]) == (
        "nobody",
        None,
        "default",
        sorted(ALL_SCOPES),
    )


def test_a_key_sees_itself() -> None:
    pins = {"sleep": pin_text({"required": ["seconds"]})}
    key = make_key(
        "submitter", make_project("acme"), name="build", operations=["s*"], max_priority=3, pins=pins
    )
    me = Api(key.text).get("/access/").json
    assert (me["kind"], me["id"], me["name"], me["role"]) == ("key", key.id, "build", "submitter")
    assert (me["project"], me["is_bound"], me["is_frozen"]) == ("acme", True, False)
    assert me["scopes"] == ["files:write", "tasks:read", "tasks:submit"]
    assert (me["operations"], me["max_priority"], me["networks"], me["expires_at"]) == (["s*"], 3, None, None)
    assert me["pins"] == {"sleep": {"required": ["seconds"]}}


def test_in_the_project_that_it_names() -> None:
    make_project("acme", status="frozen")
    me = Api(make_key().text).get("/access/", punctual_project="acme").json
    assert (me["project"], me["is_bound"], me["is_frozen"]) == ("acme", False, True)


def verdict(api: Api, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = api.post("/access/check/", {"method": method, "path": path, "body": body})
    assert answer.status == 200, answer.content
    found: dict[str, Any] = answer.json
    return found


def test_a_scope_that_is_missing() -> None:
    caller = Api(make_key("submitter").text)
    assert verdict(caller, "GET", "/task-schedules/") == {
        "allowed": False,
        "required_scope": "schedules:read",
        "problem": "scope_missing",
        "detail": "this needs the scope schedules:read, which your key does not have",
        "errors": [],
        "quota": None,
        "limit": None,
        "used": None,
    }
    for path in ("/tasks/", "/tasks"):
        assert verdict(caller, "GET", path)["allowed"]
    assert verdict(caller, "GET", "/health/ready/") == {
        "allowed": True,
        "required_scope": None,
        "problem": None,
        "detail": None,
        "errors": [],
        "quota": None,
        "limit": None,
        "used": None,
    }


REQUESTS: list[tuple[str, Any]] = [
    ("/tasks/", {"operation": "sleep", "arguments": {"seconds": 1}, "priority": 3}),
    ("/tasks/", {"operation": "sleep", "arguments": {"seconds": 1}}),
    ("/tasks/", {"operation": "sleep", "arguments": {"seconds": 2}, "priority": 9}),
    ("/tasks/", {"operation": "4+7", "priority": 1}),
    (
        "/task-schedules/",
        {"operation": "sleep", "arguments": {"seconds": 4}, "every_x_days": 1, "priority": 9},
    ),
]


@pytest.mark.parametrize(("path", "body"), REQUESTS)
def test_it_says_what_the_request_itself_would(path: str, body: Any) -> None:
    pins = {"sleep": pin_text({"properties": {"seconds": {"maximum": 3}}})}
    caller = Api(make_key("developer", operations=["sleep"], max_priority=4, pins=pins).text)
    said = verdict(caller, "POST", path, body)
    answer = caller.post(path, body)
    assert said["allowed"] == (answer.status != 403)
    if not said["allowed"]:
        problem = answer.problem(403, said["problem"])
        assert (problem["detail"], problem["errors"]) == (said["detail"], said["errors"])


def test_items_of_a_batch() -> None:
    caller = Api(make_key("developer", max_priority=4).text)
    items = [{"operation": "4+7", "priority": 1}, {"operation": "4+7", "priority": 7}]
    assert [
        each["pointer"] for each in verdict(caller, "POST", "/tasks/batch-request/", items)["errors"]
    ] == ["#/1/priority"]


def test_a_frozen_project() -> None:
    caller = Api(make_key(project=make_project("acme", status="frozen")).text)
    assert verdict(caller, "POST", "/tasks/")["problem"] == "project_frozen"


@pytest.mark.parametrize(
    "body", [7, "x", [7, None], {"operation": 7}, {"operation": "sleep", "arguments": 7, "priority": "a"}]
)
def test_bodies_that_are_none(body: Any) -> None:
    assert verdict(Api(make_key("developer", max_priority=5).text), "POST", "/tasks/", body)["allowed"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/colour/"), ("PUT", "/tasks/"), ("GET", "/swagger/"), ("GET", "/favicon.ico")],
)
def test_nothing_to_check(method: str, path: str, api: Api) -> None:
    api.post("/access/check/", {"method": method, "path": path}).problem(404, "not_found")


@pytest.mark.parametrize(
    "body", [{}, {"method": "GET"}, {"method": "TRACE", "path": "/"}, {"method": "GET", "path": "tasks"}]
)
def test_bad_input(body: Any, api: Api) -> None:
    assert api.post("/access/check/", body).errors()
