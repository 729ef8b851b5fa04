"""`/people/`."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils.timezone import now

from access import known
from access.known import Openness
from access.models import Person, Session
from testing.access import PASSWORD, Browser, make_key, make_person, make_project
from testing.api import Answer, Api
from testing.concurrency import apart, eventually

pytestmark = pytest.mark.django_db

BOB = {"name": "bob", "password": "a password of his own"}


@pytest.fixture
def admin() -> Api:
    """The holder of an installation key for everything."""
    return Api(make_key().text)


def patch(api: Api, person: Person, **changes: Any) -> Answer:
    return api.send("PATCH", f"/people/{person.pk}/", json.dumps(changes).encode())


def patch_as(browser: Browser, person: Person, **changes: Any) -> Any:
    headers = {"X-CSRFToken": browser.token("/ui/")}
    return browser.client.patch(f"/ui/api/people/{person.pk}/", changes, "application/json", headers=headers)


def test_create_and_read(admin: Api) -> None:
    make_project("acme")
    answer = admin.post("/people/", {**BOB, "name": "Bob@Example.com", "roles": {"acme": "operator"}})
    assert answer.status == 201
    body = answer.json
    assert (body["name"], body["role"], body["roles"]) == ("bob@example.com", None, {"acme": "operator"})
    assert answer.headers["Location"].endswith(f"/people/{body['id']}/")
    assert "password" not in body
    assert admin.get(f"/people/{body['id']}/").json == body
    assert admin.get("/people/").json["results"] == [body]
    browser = Browser()
    assert browser.log_in("bob@example.com", BOB["password"]).status_code == 303
    assert browser.get("/ui/projects/acme/api/tasks/").status_code == 200
    assert admin.get("/people/").json["results"][0]["last_login_at"] is not None


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"name": "two words"}, "#/name", "invalid_name"),
        ({"name": ""}, "#/name", "invalid_name"),
        ({"name": "a\u202eb"}, "#/name", "invalid_name"),
        ({"name": "x" * 151}, "#/name", "invalid_name"),
        ({"name": 7}, "#/name", "invalid_type"),
        ({"password": "a few"}, "#/password", "weak_password"),
        ({"password": "password1234"}, "#/password", "weak_password"),
        ({"password": "x" * 1025}, "#/password", "max_length"),
        ({"role": "king"}, "#/role", "invalid_choice"),
        ({"roles": {"nothing": "viewer"}}, "#/roles/nothing", "unknown_project"),
        ({"is_active": True}, "#/is_active", "unknown_field"),
    ],
)
def test_bad_input(change: dict[str, Any], where: str, code: str, admin: Api) -> None:
    answer = admin.post("/people/", {**BOB, **change})
    [(place, found, _)] = answer.errors()
    assert (place, found) == (where, code)
    assert not Person.objects.exists()
    assert BOB["password"] not in answer.content.decode()


@pytest.mark.parametrize("name", ["bob", "BOB", " bob "])
def test_a_name_is_taken_once(name: str, admin: Api) -> None:
    assert admin.post("/people/", BOB).status == 201
    answer = admin.post("/people/", {**BOB, "name": name})
    assert answer.errors(409, "conflict")[0][:2] == ("#/name", "not_unique")


def test_an_id_that_is_none(admin: Api) -> None:
    for number in ("0", "999999999999999999", "9" * 5000, "x"):
        admin.get(f"/people/{number}/").problem(404, "not_found")


class TestTheFirst:
    """It closes the service."""

    def test_it_needs_no_key(self, api: Api) -> None:
        assert api.post("/people/", {**BOB, "role": "admin"}).status == 201
        api.get("/tasks/").problem(401, "key_required")
        api.post("/people/", {**BOB, "name": "eve", "role": "admin"}).problem(401, "key_required")
        assert Browser().log_in("bob", BOB["password"]).status_code == 303

    @pytest.mark.parametrize("roles", [{}, {"role": "viewer"}, {"roles": {"default": "admin"}}])
    def test_it_must_be_an_administrator(self, roles: dict[str, Any], api: Api) -> None:
        assert api.post("/people/", {**BOB, **roles}).errors()[0][:2] == ("#/role", "not_the_first")
        assert api.get("/tasks/").status == 200

    @pytest.mark.parametrize("make", [make_key, make_person])
    def test_when_another_process_made_one_meanwhile(self, make: Any, api: Api) -> None:
        make()
        known.openness.keep(None, Openness(is_open=True), float("inf"))
        api.post("/people/", {**BOB, "role": "admin"}).problem(401, "key_required")
        api.post("/keys/", {"name": "a", "role": "admin"}).problem(401, "key_required")


class TestNobodyGivesMoreThanTheyHave:
    @pytest.fixture
    def limited(self) -> Api:
        """Who may make people, and do what a viewer and a submitter may."""
        viewer = ["tasks:read", "schedules:read", "stats:read", "workers:read"]
        scopes = ["people:admin", *viewer, "tasks:submit", "files:write"]
        return Api(make_key(None, scopes=scopes).text)

    def test_roles(self, limited: Api) -> None:
        make_project("acme")
        assert limited.post("/people/", {**BOB, "role": "viewer"}).status == 201
        for more in ({"role": "admin"}, {"roles": {"acme": "operator"}}):
            limited.post("/people/", {**BOB, "name": "eve", **more}).problem(403, "exceeds_own_key")
        bob = Person.objects.get()
        patch(limited, bob, role="developer").problem(403, "exceeds_own_key")
        patch(limited, bob, roles={"acme": "admin"}).problem(403, "exceeds_own_key")
        assert patch(limited, bob, role="submitter").status == 200

    @pytest.mark.parametrize("roles", [{"role": "admin"}, {"role": None, "acme": "admin"}])
    @pytest.mark.parametrize("changes", [{"password": BOB["password"]}, {"is_active": False}, {"role": None}])
    def test_somebody_who_has_more_is_not_touched(
        self, roles: dict[str, Any], changes: dict[str, Any], limited: Api
    ) -> None:
        ada = make_person(**roles)
        patch(limited, ada, **changes).problem(403, "exceeds_own_key")
        assert Browser().log_in().status_code == 303

    @pytest.mark.parametrize(
        "held",
        [
            {"operations": ["sleep"]},
            {"max_priority": 5},
            {"networks": ["127.0.0.0/8"]},
            {"expires_at": now() + timedelta(days=1)},
        ],
    )
    def test_a_key_that_is_restricted(self, held: dict[str, Any]) -> None:
        """A person would be free of it."""
        ada = make_person(role="viewer")
        restricted = Api(make_key("admin", **held).text)
        restricted.post("/people/", BOB).problem(403, "exceeds_own_key")
        patch(restricted, ada, password=BOB["password"]).problem(403, "exceeds_own_key")
        assert restricted.get(f"/people/{ada.pk}/").status == 200

    def test_a_key_of_a_project_sees_nobody(self) -> None:
        ada = make_person()
        bound = Api(make_key("admin", make_project("acme")).text)
        bound.get("/people/").problem(403, "installation_only")
        bound.post("/people/", BOB).problem(403, "installation_only")
        bound.get(f"/people/{ada.pk}/").problem(404, "not_found")
        patch(bound, ada, role="viewer").problem(404, "not_found")

    @pytest.mark.parametrize("role", ["viewer", "submitter", "operator", "developer"])
    def test_only_administrators(self, role: str) -> None:
        make_person(role=role)
        browser = Browser()
        browser.log_in()
        assert browser.get("/ui/api/people/").json()["required_scope"] == "people:admin"


class TestChanges:
    def test_what_is_not_named_stays(self, admin: Api) -> None:
        ada = make_person(role="viewer", acme="operator", lab="viewer")
        body = patch(admin, ada, roles={"acme": None, "default": "developer"}).json
        assert (body["role"], body["roles"]) == ("viewer", {"lab": "viewer", "default": "developer"})
        assert patch(admin, ada, role=None).json["role"] is None
        assert patch(admin, ada).json["roles"] == body["roles"]

    def test_roles_are_true_at_once(self, admin: Api) -> None:
        ada = make_person(role="viewer")
        browser = Browser()
        browser.log_in()
        assert browser.get("/ui/api/tasks/").status_code == 200
        patch(admin, ada, role=None)
        assert browser.get("/ui/api/tasks/").status_code == 403

    @pytest.mark.parametrize("changes", [{"password": BOB["password"]}, {"is_active": False}])
    def test_sessions_end(self, changes: dict[str, Any], admin: Api) -> None:
        ada = make_person()
        make_person("bob")
        Browser().log_in()
        assert patch(admin, ada, role="viewer").status == 200
        assert Session.objects.count() == 1
        assert patch(admin, ada, **changes).status == 200
        assert not Session.objects.exists()

    def test_an_old_password_of_a_deactivated_person(self, admin: Api) -> None:
        ada = make_person(role="viewer")
        patch(admin, ada, is_active=False)
        assert Browser().log_in().status_code == 422
        patch(admin, ada, is_active=True)
        assert Browser().log_in().status_code == 303


class TestTheLastAdministrator:
    @pytest.mark.parametrize("changes", [{"role": "viewer"}, {"role": None}, {"is_active": False}])
    def test_they_do_not_shut_themselves_out(self, changes: dict[str, Any]) -> None:
        ada = make_person()
        make_person("old", is_active=False)
        browser = Browser()
        browser.log_in()
        assert patch_as(browser, ada, **changes).status_code == 409
        ada.refresh_from_db()
        assert (ada.role, ada.is_active) == ("admin", True)
        make_person("bob")
        assert patch_as(browser, ada, **changes).status_code == 200

    def test_nor_does_a_key(self, admin: Api) -> None:
        ada, bob = make_person(), make_person("bob", role="viewer")
        patch(admin, ada, role="viewer").problem(409, "conflict")
        assert patch(admin, bob, is_active=False).status == 200
        assert patch(admin, ada, password=BOB["password"]).status == 200

    def test_where_there_is_none_others_are_changed(self, admin: Api) -> None:
        assert patch(admin, make_person(role="viewer"), is_active=False).status == 200


def take_away(browser: Browser, person: Person) -> int:
    return int(patch_as(browser, person, role="viewer").status_code)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_take_each_others_right_away() -> None:
    people = [make_person("ada"), make_person("bob")]
    browsers = [Browser(), Browser()]
    for browser, person in zip(browsers, people, strict=True):
        assert browser.log_in(person.name, PASSWORD).status_code == 303
    attempts = [
        apart(partial(take_away, browser, other))
        for browser, other in zip(browsers, reversed(people), strict=True)
    ]
    eventually(lambda: all(each.done() for each in attempts))
    assert Person.objects.filter(role="admin").count() >= 1
    assert min(each.result() for each in attempts) == 200
