"""`/ui/projects/`: made, frozen and limited by the actions of the API."""

from collections.abc import Mapping

import pytest
from pytest_django import DjangoAssertNumQueries

from access.api.project_forms import Quotas
from access.models import AuditEvent, Project
from testing.access import Browser, logged_in, make_person, make_project

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\u202e"
LIST = "/ui/projects/"
SETTINGS = "/ui/projects/acme/settings/"
LIMITS: Mapping[str, str] = {"what": "limits", "rate_limit": "", "rate_window_seconds": "60"}


@pytest.fixture
def browser() -> Browser:
    """Of an administrator of everything."""
    make_person()
    return logged_in()


def test_one_is_made(browser: Browser) -> None:
    assert "Default" in browser.read(LIST)
    answer = browser.send(LIST, {"slug": "acme", "name": ""})
    assert (answer.status_code, answer["Location"]) == (303, SETTINGS)
    assert Project.objects.get(slug="acme").name == "acme"
    assert "acme" in browser.read(LIST)
    assert AuditEvent.objects.get(action="project.create").actor_name == "ada"
    # What else is below its name is in it, as before.
    assert browser.get("/ui/projects/acme/tasks/").status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"slug": ""}, "slug"), ({"slug": "A b"}, "slug"), ({"slug": "default"}, "another project has")],
)
def test_what_is_wrong_with_a_new_one(browser: Browser, fields: dict[str, str], said: str) -> None:
    answer = browser.send(LIST, {"name": "kept", **fields})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "kept" in page
    assert Project.objects.count() == 1


def test_it_is_frozen_and_thawed(browser: Browser) -> None:
    make_project("acme")
    assert "Freeze" in browser.read(SETTINGS)
    for status in ("frozen", "active"):
        assert browser.send(SETTINGS, {"status": status}).status_code == 303
        assert Project.objects.get(slug="acme").status == status
    # The one in which somebody is, too.
    own = "/ui/projects/default/settings/"
    for status in ("frozen", "active"):
        assert browser.send(own, {"status": status}).status_code == 303
        assert Project.objects.get(slug="default").status == status


def test_its_limits_are_set_and_taken_away(browser: Browser) -> None:
    make_project("acme", quotas={"schedules": 7})
    page = browser.read(SETTINGS)
    assert 'value="7"' in page
    fields = {**LIMITS, "schedules": "", "waiting_tasks": "100", "rate_limit": "600"}
    assert browser.send(SETTINGS, fields).status_code == 303
    project = Project.objects.get(slug="acme")
    assert (project.quotas, project.rate) == (
        {"waiting_tasks": 100},
        {"limit": 600, "window_seconds": 60},
    )
    assert "Waiting tasks: 100" in browser.read(LIST)
    assert browser.send(SETTINGS, LIMITS).status_code == 303
    project.refresh_from_db()
    assert (project.quotas, project.rate) == ({}, None)


def test_each_quota_that_there_is_can_be_set(browser: Browser) -> None:
    make_project("acme")
    given = {name: str(number) for number, name in enumerate(Quotas.model_fields, start=1)}
    page = browser.read(SETTINGS)
    assert all(f'name="{name}"' in page for name in given)
    assert browser.send(SETTINGS, {**LIMITS, **given}).status_code == 303
    assert {name: str(value) for name, value in Project.objects.get(slug="acme").quotas.items()} == given


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"what": "limits", "schedules": "many"}, "must be a whole number, got many"),
        ({"what": "limits", "schedules": "-1"}, "must be at least 0"),
        ({"what": "limits", "min_interval_seconds": "0"}, "must be at least 1"),
        ({"what": "limits", "rate_limit": "0"}, "must be at least 1"),
        ({"name": ""}, "name"),
        ({"status": "melted"}, "status"),
    ],
)
def test_what_is_wrong_with_a_change(browser: Browser, fields: dict[str, str], said: str) -> None:
    project = make_project("acme", quotas={"schedules": 7})
    answer = browser.send(SETTINGS, fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    project.refresh_from_db()
    assert (project.quotas, project.name, project.status) == ({"schedules": 7}, "acme", "active")


def test_what_others_wrote_is_text(browser: Browser) -> None:
    make_project("acme", name=HOSTILE)
    page = browser.read(LIST)
    assert HOSTILE not in page
    assert "\u202e" not in page
    assert "<script>alert" not in browser.read(SETTINGS)


def test_it_costs_the_same_for_any_number(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_project(f"p{number}")
    for path in (LIST, "/ui/projects/p1/settings/"):
        with django_assert_max_num_queries(12):
            browser.read(path)


def test_who_belongs_to_one_sees_it_alone_and_limits_nothing() -> None:
    make_project("theirs")
    make_person(role=None, acme="admin")
    browser = logged_in()
    page = browser.read("/ui/projects/acme/projects/")
    assert "acme" in page
    assert "theirs" not in page
    assert "Make it" not in page
    assert browser.send(LIST, {"slug": "mine"}, page=SETTINGS).status_code == 403
    assert "Freeze" not in browser.read(SETTINGS)
    assert browser.send(SETTINGS, {"name": "Acme"}).status_code == 303
    for fields in ({"status": "frozen"}, {**LIMITS, "schedules": "9"}):
        assert browser.send(SETTINGS, fields).status_code == 403
    assert browser.get("/ui/projects/theirs/settings/").status_code == 404
    project = Project.objects.get(slug="acme")
    assert (project.name, project.status, project.quotas) == ("Acme", "active", {})


def test_in_open_mode_too() -> None:
    assert Browser().send(LIST, {"slug": "acme"}).status_code == 303
