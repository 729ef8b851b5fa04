"""What a viewer sends is refused, on every page there is."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver

from access.scopes import Role
from dashboard.urls import PAGES
from testing.access import Browser, logged_in, make_person

SAMPLES = {"uuid": str(UUID(int=7)), "id": str(UUID(int=7)), "key": "9Zk3TqLw0bXa", "person": "7"}
"""Of each kind of id in a path; of all others a word will do."""
OF_EVERYBODY = {"zone/"}
"""Cookies of one's own."""
BY_ROW = ("bulk-actions/",)
"""What they need, the row says; here is none."""
pytestmark = pytest.mark.django_db


def paths() -> Iterator[str]:
    for pattern in PAGES:
        assert isinstance(pattern, URLPattern | URLResolver)
        assert isinstance(pattern, URLPattern), "pages stand beside each other"
        yield re.sub(
            r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1], "calculate"), str(pattern.pattern)
        )


def test_every_page_refuses_what_a_viewer_sends() -> None:
    make_person(role="viewer")
    browser = Browser()
    browser.log_in()
    token = browser.token("/ui/")
    answers = {
        path: browser.client.post(
            f"/ui/{path}", {"csrfmiddlewaretoken": token, "action": "retry"}
        ).status_code
        for path in paths()
        if path not in OF_EVERYBODY and not path.startswith(BY_ROW)
    }
    found = {path: status for path, status in answers.items() if status not in (403, 405)}
    assert not found, found
    assert 403 in answers.values()


@pytest.mark.parametrize("role", [*Role])
@pytest.mark.parametrize("is_bound", [True, False])
def test_the_navigation_leads_nowhere_that_refuses(role: Role, *, is_bound: bool) -> None:
    if is_bound:
        make_person(role=None, own=role.value)
    else:
        make_person(role=role.value)
    browser = logged_in()
    links = re.findall(r'<a href="(/ui/[^"]*)"', _navigation(browser.read("/ui/")))
    assert len(links) > 2
    assert {path: browser.get(path).status_code for path in links} == dict.fromkeys(links, 200)
    assert any("people" in path for path in links) is (role is Role.ADMIN and not is_bound)


def _navigation(page: str) -> str:
    found = re.search(r"<nav[^>]*Sections.*?</nav>", page, re.DOTALL)
    assert found
    return found[0]
