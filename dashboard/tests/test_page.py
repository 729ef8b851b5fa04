"""Who may see a page, and what is said to who may not."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import AuditEvent
from dashboard.shell import strip
from testing.access import Browser, make_key, make_person, make_project
from testing.seeds import seed

pytestmark = pytest.mark.django_db


def test_in_open_mode_nobody_logs_in() -> None:
    answer = Browser().get("/ui/")
    assert answer.status_code == 200
    assert "open mode" in answer.content.decode()


def test_with_a_key_people_log_in() -> None:
    make_key()
    answer = Browser().get("/ui/account/")
    assert (answer.status_code, answer["Location"]) == (303, "/ui/login/?next=%2Fui%2Faccount%2F")


def test_a_part_of_an_open_page_leads_all_of_it_to_the_form() -> None:
    make_key()
    answer = Browser().get("/ui/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/ui/login/")


def log_in(**roles: str) -> Browser:
    make_person(role=None, is_active=True, **roles)
    browser = Browser()
    browser.log_in()
    return browser


def test_who_lacks_the_scope_is_told_so_in_words_and_the_audit_log_is_told() -> None:
    browser = log_in(acme="submitter")
    answer = browser.get("/ui/workers/")
    assert answer.status_code == 403
    assert "text/html" in answer["Content-Type"]
    assert "this needs the scope workers:read" in answer.content.decode()
    event = AuditEvent.objects.get(action="access.refuse")
    assert (event.target_id, event.reason) == ("GET /ui/workers/", "scope_missing: workers:read")
    assert event.address


def test_the_navigation_shows_what_somebody_may() -> None:
    page = log_in(acme="submitter").get("/ui/").content.decode()
    assert "/ui/tasks/" in page
    assert "/ui/workers/" not in page
    assert 'id="strip"' not in page


def test_a_project_is_in_the_path_and_others_are_unknown() -> None:
    make_project("other")
    browser = log_in(acme="viewer", second="admin")
    page = browser.get("/ui/projects/second/").content.decode()
    assert 'href="/ui/projects/second/tasks/"' in page
    assert 'href="/ui/projects/acme/"' in page
    answer = browser.get("/ui/projects/other/")
    assert answer.status_code == 400
    assert "must be the slug of a project" in answer.content.decode()


def test_a_page_without_forms_takes_none() -> None:
    browser = Browser()
    token = browser.token("/ui/")
    assert browser.client.post("/ui/account/", {"csrfmiddlewaretoken": token}).status_code == 405


def test_nothing_at_an_address_is_told_by_a_page_to_people_and_by_a_problem_to_programs() -> None:
    page = Browser().get("/ui/nothing/")
    assert page.status_code == 404
    assert "there is no page" in page.content.decode()
    assert Browser().get("/nothing/")["Content-Type"] == "application/problem+json"
    assert Browser().get("/ui/api/nothing/")["Content-Type"] == "application/problem+json"


def test_a_page_that_is_not_new_is_not_sent_again() -> None:
    browser = Browser()
    first = browser.get("/ui/account/")
    again = browser.get("/ui/account/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_htmx_gets_the_content_alone() -> None:
    part = Browser().get("/ui/account/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "<h1>" in part


def test_the_policy_for_content_has_no_exceptions() -> None:
    for path in ("/ui/", "/ui/nothing/", "/ui/login/"):
        policy = Browser().get(path)["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "nonce" not in policy


def test_files_have_names_by_their_content_and_stay() -> None:
    browser = Browser()
    page = browser.get("/ui/").content.decode()
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page)):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer["Cache-Control"]
        answer.close()
        other = re.sub(r"\.[0-9a-f]{12}\.", ".000000000000.", address)
        assert browser.get(other).status_code == 404


def test_the_strip_costs_two_statements_and_then_none_for_a_while() -> None:
    seed()
    browser = Browser()
    strip.forget()
    with CaptureQueriesContext(connection) as first:
        page = browser.get("/ui/strip/").content.decode()
    with CaptureQueriesContext(connection) as second:
        browser.get("/ui/strip/")
    assert len(first) <= 3
    assert len(second) == 0
    assert ">20<" in page  # PENDING and RETRY


def test_a_zone_is_chosen_by_a_form_without_a_script() -> None:
    browser = Browser()
    answer = browser.send("/ui/zone/", {"zone": "Europe/Berlin", "next": "/ui/account/"}, page="/ui/")
    assert (answer.status_code, answer["Location"]) == (303, "/ui/account/")
    assert browser.client.cookies["punctual_zone"].value == "Europe/Berlin"
    browser.send("/ui/zone/", {"zone": "no/zone", "next": "https://evil.example/"}, page="/ui/")
    assert browser.client.cookies["punctual_zone"].value == "Europe/Berlin"
