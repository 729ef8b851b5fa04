"""Every route that a page may ask for, for a person of every role, in their project and in another."""

import json

import pytest
from django.db import transaction

from access.scopes import SCOPES_OF_ROLES, Role
from config.tests.test_access_matrix import GUARDED, path_of
from rest.guarding import ANY_ACTOR
from rest.openapi.described import Described
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import Browser, make_person, make_project
from testing.api import Answer
from testing.factories import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    return Browser()


def send(browser: Browser, route: Described, path: str) -> Answer:
    body = next(iter(route.endpoint.body.examples.values())) if route.endpoint.body else {}
    content = b"" if route.method in ("get", "delete") else json.dumps(body).encode()
    response = browser.client.generic(
        route.method.upper(),
        path,
        content,
        "application/json",
        headers={"X-CSRFToken": browser.token("/ui/")},
    )
    return Answer(response.status_code, response.headers, response.getvalue())


@pytest.mark.parametrize("role", Role)
def test_a_role_in_a_project_may_what_it_may(role: Role, browser: Browser) -> None:
    project = make_project("own")
    make_person(role=None, own=role.value)
    browser.log_in()
    for route in GUARDED:
        before = transaction.savepoint()
        answer = send(browser, route, f"/ui/projects/own/api{path_of(route, project)}")
        transaction.savepoint_rollback(before)
        scope = route.endpoint.scope
        if scope == ANY_ACTOR or scope in SCOPES_OF_ROLES[role]:
            assert answer.status != 401
            assert answer.status != 403 or answer.json["code"] != "scope_missing" or scope == ANY_ACTOR
        else:
            assert answer.problem(403, "scope_missing")["required_scope"] == scope


def test_another_project_is_not_there(browser: Browser) -> None:
    make_project("foreign")
    make_person(role=None, own="admin")
    browser.log_in()
    for route in GUARDED:
        path = route.path if "{" not in route.path else "/tasks/"
        send(browser, route, f"/ui/projects/foreign/api{path}").problem(400, "invalid_input")
        send(browser, route, f"/ui/projects/nothing/api{path}").problem(400, "invalid_input")


def test_a_role_for_all_projects(browser: Browser) -> None:
    make_project("acme")
    make_person(role="viewer", acme="operator")
    browser.log_in()
    csrf = {"X-CSRFToken": browser.token("/ui/")}
    for slug, status in (("default", 403), ("acme", 200)):
        path = f"/ui/projects/{slug}/api/tasks/"
        assert browser.get(path).status_code == 200
        path = f"{path}cancel/?status=PENDING"
        assert browser.client.post(path, {}, "application/json", headers=csrf).status_code == status


def test_whoever_has_no_role_may_nothing(browser: Browser) -> None:
    make_person(role=None)
    browser.log_in()
    assert "no role in any project" in browser.get("/ui/").content.decode()
    assert browser.get("/ui/api/tasks/").json()["required_scope"] == "tasks:read"


def test_rows_say_who_made_them(browser: Browser) -> None:
    person = make_person(role=None, own="developer")
    browser.log_in()
    csrf = {"X-CSRFToken": browser.token("/ui/")}
    answer = browser.client.post("/ui/api/tasks/", {"operation": "4+7"}, "application/json", headers=csrf)
    assert answer.status_code == 202
    [(author, project)] = Task.objects.values_list("created_by", "project_id")
    assert author == f"person:{person.pk}"
    make_task(Status.SUCCESS)
    assert [row["id"] for row in browser.get("/ui/api/tasks/").json()["results"]] == [answer.json()["id"]]
    assert project == person.roles.get().project_id
