"""`/ui/people/`: made and changed by the actions of the API."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from access.models import AuditEvent, Person
from testing.access import PASSWORD, Browser, logged_in, make_person, make_project

pytestmark = pytest.mark.django_db

ANOTHER = "staple battery horse"
HOSTILE = "<script>alert(1)</script>"
MOST_QUERIES = 12


@pytest.fixture
def browser() -> Browser:
    """Of an administrator of everything."""
    make_person()
    return logged_in()


def roles_of(person: Person) -> dict[str, str]:
    return dict(person.roles.values_list("project__slug", "role"))


def test_the_list(browser: Browser) -> None:
    make_person("eve", "viewer", is_active=False, acme="operator")
    page = browser.read("/ui/people/")
    for text in ("ada", "eve", "deactivated", "acme: operator", "never"):
        assert text in page


def test_what_others_wrote_is_text(browser: Browser) -> None:
    person = make_person(HOSTILE, None)
    for path in ("/ui/people/", f"/ui/people/{person.pk}/"):
        page = browser.read(path)
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page


def test_it_costs_the_same_for_any_number(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        roles: Any = {f"project{number}": "viewer"}
        make_person(f"p{number}", None, **roles)
    person = Person.objects.latest("pk")
    for path in ("/ui/people/", "/ui/people/new/", f"/ui/people/{person.pk}/"):
        with django_assert_max_num_queries(MOST_QUERIES):
            browser.read(path)


class TestNew:
    PATH = "/ui/people/new/"

    def test_they_can_log_in(self, browser: Browser) -> None:
        make_project("acme")
        assert '<option value="acme">' in browser.read(self.PATH)
        fields = {
            "name": "Eve",
            "password": PASSWORD,
            "role": "none",
            "project": "acme",
            "project_role": "viewer",
        }
        answer = browser.send(self.PATH, fields)
        person = Person.objects.get(name="eve")
        assert (answer.status_code, answer["Location"]) == (303, f"/ui/people/{person.pk}/")
        assert (person.role, roles_of(person)) == (None, {"acme": "viewer"})
        [event] = AuditEvent.objects.filter(action="person.create")
        assert event.actor_name == "ada"
        logged_in("eve")

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"name": "ada"}, "nobody has yet"),
            ({"name": ""}, "name"),
            ({"password": "short"}, "password"),
            ({"role": "root"}, "role"),
            ({"project": "missing", "project_role": "viewer"}, "must be the slug of a project"),
        ],
    )
    def test_what_is_wrong_is_told(self, fields: dict[str, str], said: str, browser: Browser) -> None:
        answer = browser.send(self.PATH, {"name": "kept", "password": PASSWORD, "role": "none", **fields})
        assert answer.status_code == 422, answer.content
        page = answer.content.decode()
        assert said in page
        assert PASSWORD not in page
        assert Person.objects.count() == 1

    def test_the_first_one_closes_the_service(self) -> None:
        browser = Browser()
        assert "manage.py people create" in browser.read("/ui/people/")
        refused = browser.send(self.PATH, {"name": "ada", "password": PASSWORD, "role": "viewer"})
        assert refused.status_code == 422
        answer = browser.send(self.PATH, {"name": "ada", "password": PASSWORD, "role": "admin"})
        assert answer.status_code == 303
        assert browser.get("/ui/people/").status_code == 303
        logged_in()


class TestOne:
    def test_roles(self, browser: Browser) -> None:
        person = make_person("eve", None, acme="viewer")
        path = f"/ui/people/{person.pk}/"
        for fields, role, roles in (
            ({"role": "operator"}, "operator", {"acme": "viewer"}),
            ({"project": "acme", "project_role": "admin"}, "operator", {"acme": "admin"}),
            ({"project": "acme", "project_role": "none"}, "operator", {}),
            ({"role": "none"}, None, {}),
        ):
            assert browser.send(path, fields).status_code == 303
            person.refresh_from_db()
            assert (person.role, roles_of(person)) == (role, roles)
        assert AuditEvent.objects.filter(action="person.update").count() == 4

    def test_a_password_and_an_end(self, browser: Browser) -> None:
        person = make_person("eve", "viewer")
        path = f"/ui/people/{person.pk}/"
        theirs = logged_in("eve")
        assert browser.send(path, {"password": ANOTHER}).status_code == 303
        assert theirs.get("/ui/").status_code == 303
        theirs.log_in("eve", ANOTHER)
        assert theirs.get("/ui/").status_code == 200
        assert browser.send(path, {"is_active": "false"}).status_code == 303
        assert theirs.get("/ui/").status_code == 303
        assert "deactivated" in browser.read(path)
        assert browser.send(path, {"is_active": "true"}).status_code == 303
        assert Person.objects.get(pk=person.pk).is_active

    def test_what_is_wrong_is_told(self, browser: Browser) -> None:
        person = make_person("eve", "viewer")
        for fields in ({"password": "short"}, {"role": "root"}):
            assert browser.send(f"/ui/people/{person.pk}/", fields).status_code == 422

    def test_the_last_administrator_stays(self, browser: Browser) -> None:
        person = Person.objects.get()
        answer = browser.send(f"/ui/people/{person.pk}/", {"role": "viewer"})
        assert answer.status_code == 409
        assert "last active person" in answer.content.decode()

    def test_one_who_is_not_there(self, browser: Browser) -> None:
        assert browser.get("/ui/people/999999/").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "submitter", "operator", "developer"])
@pytest.mark.parametrize("path", ["/ui/people/", "/ui/people/new/", "/ui/people/{id}/"])
def test_whoever_may_not(role: str, path: str) -> None:
    person = make_person(role=role)
    browser = logged_in()
    path = path.format(id=person.pk)
    assert browser.get(path).status_code == 403
    token = browser.client.cookies["punctual_csrf"].value
    answer = browser.client.post(path, {"role": "admin"}, headers={"X-CSRFToken": token})
    assert answer.status_code in (403, 405)
    assert Person.objects.get().role == role


def test_whoever_belongs_to_a_project_sees_nobody() -> None:
    person = make_person("eve", "viewer")
    make_person(role=None, own="admin")
    browser = logged_in()
    for path in ("/ui/people/", "/ui/people/new/"):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "eve" not in answer.content.decode()
    assert browser.get(f"/ui/people/{person.pk}/").status_code == 404
