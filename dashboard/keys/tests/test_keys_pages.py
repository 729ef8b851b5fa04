"""`/ui/keys/`: made, rotated and revoked by the actions of the API."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from access.models import AuditEvent, Key, Person
from access.pin_words import pin_text
from testing.access import Browser, logged_in, make_key, make_person, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\u202e"
MOST_QUERIES = 12


@pytest.fixture
def browser() -> Browser:
    """Of an administrator of everything."""
    make_person()
    return logged_in()


def text_on(answer: Any) -> str:
    """The text of a key that a page shows once."""
    assert answer["Cache-Control"] == "no-store"
    found = re.search(r"pct_\w{12}_\w{38}", answer.content.decode())
    assert found
    return found[0]


class TestList:
    def test_what_is_told_of_each(self, browser: Browser) -> None:
        key = make_key("viewer", make_project("acme"), name="wall", max_priority=3)
        page = browser.read("/ui/keys/")
        for text in ("wall", key.id, "acme", "viewer", "restricted", "never"):
            assert text in page
        assert key.text not in page

    def test_what_others_wrote_is_text(self, browser: Browser) -> None:
        key = make_key(name=HOSTILE)
        for path in ("/ui/keys/", f"/ui/keys/{key.id}/"):
            page = browser.read(path)
            assert HOSTILE not in page
            assert "<script>alert" not in page
            assert "\u202e" not in page

    def test_its_pages(self, browser: Browser) -> None:
        names = [f"number {number}" for number in range(3)]
        for name in names:
            make_key(name=name)
        page = browser.read("/ui/keys/?limit=2")
        assert [name in page for name in names] == [False, True, True]
        [path] = re.findall(r'href="([^"]*cursor[^"]*)" rel="next"', page)
        assert names[0] in browser.read(path.replace("&amp;", "&").replace("http://testserver", ""))

    def test_it_costs_the_same_for_any_number(
        self, browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(20):
            make_key(project=make_project(f"p{number}"))
        with django_assert_max_num_queries(MOST_QUERIES):
            browser.read("/ui/keys/")
        with django_assert_max_num_queries(MOST_QUERIES):
            browser.read("/ui/keys/new/")

    def test_in_open_mode_it_says_what_the_first_one_does(self) -> None:
        assert "manage.py keys create" in Browser().read("/ui/keys/")
        assert "closes this service" in Browser().read("/ui/keys/new/")


class TestNew:
    PATH = "/ui/keys/new/"

    def test_its_text_is_shown_once(self, browser: Browser) -> None:
        answer = browser.send(self.PATH, {"name": "build", "role": "submitter", "days": "30"})
        assert answer.status_code == 201
        text = text_on(answer)
        caller = Api(text)
        assert caller.post("/tasks/", {"operation": "4+7"}).status == 202
        key = Key.objects.get()
        assert (key.name, key.role, key.created_by) == (
            "build",
            "submitter",
            f"person:{Person.objects.get().pk}",
        )
        assert key.expires_at is not None
        assert text not in browser.read("/ui/keys/") + browser.read(f"/ui/keys/{key.public_id}/")
        [event] = AuditEvent.objects.filter(action="key.create")
        assert (event.actor_name, event.target_id) == ("ada", key.public_id)

    def test_with_all_that_a_key_may_be_held_to(self, browser: Browser) -> None:
        make_project("acme")
        assert '<option value="acme">' in browser.read(self.PATH)
        fields = {
            "name": "narrow",
            "role": "scopes",
            "scopes": "tasks:submit",
            "project": "acme",
            "operations": "http_request, send_*",
            "max_priority": "3",
            "networks": "10.20.0.0/16",
            "rate_limit": "600",
            "rate_window_seconds": "30",
            "pins": '{"http_request": {"required": ["url"]}}',
        }
        assert browser.send(self.PATH, fields).status_code == 201
        key = Key.objects.select_related("project").get()
        assert key.project is not None
        assert (key.project.slug, key.scopes, key.role) == ("acme", ["tasks:submit"], None)
        assert (key.operations, key.max_priority) == (["http_request", "send_*"], 3)
        assert (key.networks, key.rate) == (["10.20.0.0/16"], {"limit": 600, "window_seconds": 30})
        assert list(key.pins) == ["http_request"]
        page = browser.read(f"/ui/keys/{key.public_id}/")
        for text in ("http_request", "10.20.0.0/16", "tasks:submit"):
            assert text in page

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"name": ""}, "name"),
            ({"networks": "10.0.0.1/8"}, "a network in CIDR form"),
            ({"max_priority": "x"}, "must be a whole number, got x"),
            ({"max_priority": "10"}, "must be at most 9, got 10"),
            ({"rate_limit": "0"}, "must be at least 1, got 0"),
            ({"pins": "{"}, "must be JSON"),
            ({"pins": '{"sleep": 7}'}, "pins"),
            ({"days": "99999999"}, "must be from 1 to 36500 days"),
            ({"role": "root"}, "role"),
            ({"role": "scopes"}, "scopes"),
            ({"project": "missing"}, "must be the slug of a project"),
        ],
    )
    def test_what_is_wrong_is_told_beside_what_was_given(
        self, fields: dict[str, str], said: str, browser: Browser
    ) -> None:
        answer = browser.send(self.PATH, {"name": "kept", "role": "viewer", **fields})
        assert answer.status_code == 422, answer.content
        page = answer.content.decode()
        assert said in page
        assert ("kept" in page) is ("name" not in fields)
        assert not Key.objects.exists()

    def test_the_first_one_closes_the_service(self) -> None:
        browser = Browser()
        assert browser.send(self.PATH, {"name": "a", "role": "viewer"}).status_code == 422
        answer = browser.send(self.PATH, {"name": "a", "role": "admin"})
        assert answer.status_code == 201
        assert Api(text_on(answer)).get("/keys/").status == 200
        assert Browser().get("/ui/keys/").status_code == 303


class TestOne:
    def test_rotating(self, browser: Browser) -> None:
        old = make_key("viewer")
        path = f"/ui/keys/{old.id}/"
        answer = browser.send(f"{path}rotate/", {"overlap_seconds": "0"}, page=path)
        new = text_on(answer)
        assert Api(new).get("/tasks/").status == 200
        Api(old.text).get("/tasks/").problem(401, "key_invalid")
        assert browser.get(f"{path}rotate/").status_code == 303

    def test_revoking(self, browser: Browser) -> None:
        key = make_key("viewer", name="wall")
        path = f"/ui/keys/{key.id}/"
        answer = browser.send(f"{path}revoke/", {}, page=path)
        assert (answer.status_code, answer["Location"]) == (303, "/ui/keys/")
        Api(key.text).get("/tasks/").problem(401, "key_revoked")
        page = browser.read(path)
        assert "Revoke it" not in page
        again = browser.send(f"{path}rotate/", {}, page="/ui/keys/new/")
        assert again.status_code == 409
        assert "was revoked" in again.content.decode()

    def test_one_that_is_not_there(self, browser: Browser) -> None:
        assert browser.get(f"/ui/keys/{'0' * 12}/").status_code == 404


class TestEdit:
    @pytest.fixture
    def key(self) -> Key:
        text = make_key(
            None,
            name="wall",
            scopes=["tasks:read", "tasks:submit"],
            operations=["send_*"],
            max_priority=3,
            networks=["10.20.0.0/16"],
            rate={"limit": 600, "window_seconds": 30},
            pins={"sleep": pin_text({"required": ["seconds"]})},
        )
        found: Key = Key.objects.get(public_id=text.id)
        return found

    FIELDS: Mapping[str, Any] = {
        "name": "wall",
        "role": "scopes",
        "scopes": ["tasks:read", "tasks:submit"],
        "operations": "send_*",
        "max_priority": "3",
        "networks": "10.20.0.0/16",
        "rate_limit": "600",
        "rate_window_seconds": "30",
        "pins": '{"sleep": {"required": ["seconds"]}}',
        "days": "keep",
    }

    def path(self, key: Key) -> str:
        return f"/ui/keys/{key.public_id}/edit/"

    def test_it_is_filled_in_and_saving_it_changes_nothing(self, browser: Browser, key: Key) -> None:
        page = browser.read(self.path(key))
        for text in ('value="send_*"', 'value="3"', 'value="10.20.0.0/16"', 'value="600"', "required"):
            assert text in page
        assert page.count(" checked") == 3
        assert browser.send(self.path(key), self.FIELDS).status_code == 303
        assert not AuditEvent.objects.filter(action="key.update").exists()

    def test_what_is_emptied_is_taken_away(self, browser: Browser, key: Key) -> None:
        fields = {"name": "door", "role": "viewer", "days": "30"}
        answer = browser.send(self.path(key), fields)
        assert (answer.status_code, answer["Location"]) == (303, f"/ui/keys/{key.public_id}/")
        key.refresh_from_db()
        assert (key.name, key.role, key.scopes) == ("door", "viewer", [])
        assert (key.operations, key.max_priority, key.networks, key.rate, key.pins) == (
            None,
            None,
            None,
            None,
            {},
        )
        assert key.expires_at is not None
        assert browser.send(self.path(key), {**fields, "days": ""}).status_code == 303
        key.refresh_from_db()
        assert key.expires_at is None
        assert AuditEvent.objects.filter(action="key.update").count() == 2

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"name": " "}, "name"),
            ({"scopes": []}, "scopes"),
            ({"max_priority": "10"}, "must be at most 9, got 10"),
            ({"pins": "{"}, "must be JSON"),
            ({"days": "soon"}, "must be a whole number"),
        ],
    )
    def test_what_is_wrong_is_told(
        self, browser: Browser, key: Key, fields: dict[str, Any], said: str
    ) -> None:
        answer = browser.send(self.path(key), {**self.FIELDS, **fields})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not AuditEvent.objects.filter(action="key.update").exists()

    def test_one_that_was_revoked_stays_so(self, browser: Browser, key: Key) -> None:
        Key.objects.update(revoked_at=key.created_at)
        assert browser.send(self.path(key), self.FIELDS).status_code == 409


PATHS = (
    "/ui/keys/",
    "/ui/keys/new/",
    "/ui/keys/{id}/",
    "/ui/keys/{id}/edit/",
    "/ui/keys/{id}/rotate/",
    "/ui/keys/{id}/revoke/",
)


@pytest.mark.parametrize("role", ["viewer", "submitter", "operator", "developer"])
@pytest.mark.parametrize("path", PATHS)
def test_whoever_may_not(role: str, path: str) -> None:
    key = make_key()
    make_person(role=role)
    browser = Browser()
    browser.log_in()
    path = path.format(id=key.id)
    assert browser.get(path).status_code == 403
    token = browser.client.cookies["punctual_csrf"].value
    answer = browser.client.post(path, {"name": "a", "role": "admin"}, headers={"X-CSRFToken": token})
    assert answer.status_code in (403, 405)
    assert [(each.public_id, each.revoked_at, each.rotated_at) for each in Key.objects.all()] == [
        (key.id, None, None)
    ]


def test_another_project_sees_nothing() -> None:
    own, other = make_project("own"), make_project("other")
    theirs, ours = make_key(project=other, name="theirs"), make_key(project=own, name="ours")
    make_person(role=None, own="admin")
    browser = Browser()
    browser.log_in()
    page = browser.read("/ui/keys/")
    assert "ours" in page
    assert "theirs" not in page
    for path in (f"/ui/keys/{theirs.id}/", "/ui/projects/other/keys/"):
        assert browser.get(path).status_code in (400, 404)
    for verb in ("edit", "rotate", "revoke"):
        path = f"/ui/keys/{theirs.id}/{verb}/"
        assert browser.send(path, {}, page=f"/ui/keys/{ours.id}/").status_code == 404
    assert not Key.objects.filter(revoked_at__isnull=False).exists()
    browser.send("/ui/keys/new/", {"name": "a", "role": "viewer", "project": "own"})
    assert Key.objects.latest("number").project_id == own.id
    answer = browser.send("/ui/keys/new/", {"name": "a", "role": "viewer", "project": "other"})
    assert answer.status_code == 422
    assert "the project of your own key" in answer.content.decode()
