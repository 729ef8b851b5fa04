"""Logging in and out, and other passwords."""

import re
from unittest.mock import Mock, patch

import pytest

from access.audit.refusals import tally
from access.models import Person
from access.pages.page import CONTENT_SECURITY_POLICY
from access.people import passwords, sessions
from access.tests.logging_in import change_password, is_in
from testing.access import PASSWORD, Browser, make_key, make_person
from testing.api import Api

pytestmark = pytest.mark.django_db


def test_it_leads_to_a_page_with_her_name(ada: Person, browser: Browser) -> None:
    assert not is_in(browser)
    answer = browser.log_in()
    assert (answer.status_code, answer["Location"]) == (303, "/ui/")
    assert "ada" in browser.get("/ui/").content.decode()
    ada.refresh_from_db()
    assert ada.last_login is not None


@pytest.mark.parametrize("name", ["ADA", " ada ", "\uff41\uff44\uff41"])
def test_a_name_may_be_written_otherwise(name: str, ada: Person, browser: Browser) -> None:
    assert browser.log_in(name).status_code == 303


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("ada", PASSWORD.upper()),
        ("ada", f"{PASSWORD} "),
        ("old", PASSWORD),
    ],
)
def test_a_refusal_does_not_tell_why(name: str, password: str, ada: Person, browser: Browser) -> None:
    make_person("old", is_active=False)
    answer = browser.log_in(name, password)
    assert answer.status_code == 422
    assert sessions.COOKIE not in answer.cookies
    page = answer.content.decode()
    assert "do not belong together" in page
    assert password not in page
    reference = browser.log_in("ghost", "wrong").content.decode()
    assert without_token(page.replace(name, "ghost")) == without_token(reference)
    assert not is_in(browser)


def without_token(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


@pytest.mark.parametrize("fields", [{}, {"name": "ada"}, {"name": "ada", "password": "x" * 1025}])
def test_a_form_that_is_not_filled_in(fields: dict[str, str], ada: Person, browser: Browser) -> None:
    assert browser.send("/ui/login/", fields).status_code == 422


def test_a_nul_in_a_name(browser: Browser) -> None:
    assert browser.log_in("a\0da").status_code == 422


@pytest.mark.parametrize("name", ["ada", "nobody", "old"])
def test_every_name_takes_one_hash_of_the_same_cost(name: str, ada: Person, browser: Browser) -> None:
    make_person("old", is_active=False)
    with patch.object(passwords, "check_password", Mock(return_value=False)) as check:
        assert browser.log_in(name, "wrong").status_code == 422
    [(_, encoded)] = [call.args for call in check.call_args_list]
    hasher = passwords.Argon2()
    assert not hasher.must_update(encoded)
    assert hasher.decode(encoded)["params"] == hasher.decode(ada.password)["params"]


class TestWhereToGoOn:
    """Only to paths of one's own."""

    @pytest.mark.parametrize("path", ["/ui/password/", "/ui/tasks/?status=FAILURE"])
    def test_own_paths(self, path: str, ada: Person, browser: Browser) -> None:
        assert browser.log_in(next=path)["Location"] == path

    @pytest.mark.parametrize(
        "path",
        [
            "https://evil.example/ui/",
            "//evil.example/ui/",
            "/\\evil.example/",
            "/ui\\..\\..//evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "/ui/\r\nSet-Cookie: a=b",
            "/tasks/",
            "\x00/ui/",
            "",
        ],
    )
    def test_others(self, path: str, ada: Person, browser: Browser) -> None:
        assert browser.log_in(next=path)["Location"] == "/ui/"

    def test_a_page_that_wants_a_log_in_comes_back(self, ada: Person, browser: Browser) -> None:
        answer = browser.get("/ui/password/?a=b&c=%26")
        assert answer["Location"] == "/ui/login/?next=%2Fui%2Fpassword%2F%3Fa%3Db%26c%3D%2526"
        page = browser.get(answer["Location"]).content.decode()
        assert 'value="/ui/password/?a=b&amp;c=%26"' in page

    def test_whoever_is_in_goes_on_at_once(self, hers: Browser) -> None:
        assert hers.get("/ui/login/?next=/ui/password/")["Location"] == "/ui/password/"


class TestOtherSites:
    """Their pages can send no forms here."""

    @pytest.mark.parametrize("path", ["/ui/login/", "/ui/logout/", "/ui/password/"])
    def test_a_form_without_its_token(self, path: str, hers: Browser) -> None:
        answer = hers.client.post(path, {"name": "ada", "password": PASSWORD})
        assert answer.status_code == 403
        assert is_in(hers)

    def test_a_token_of_another_browser(self, hers: Browser) -> None:
        token = Browser().token("/ui/login/")
        answer = hers.client.post("/ui/logout/", {"csrfmiddlewaretoken": token})
        assert answer.status_code == 403
        assert is_in(hers)

    def test_https_that_nobody_told_of_is_refused_with_what_to_do(self, hers: Browser) -> None:
        origin = {"Origin": "https://testserver"}
        answer = hers.send("/ui/logout/", {}, page="/ui/", headers=origin)
        assert answer.status_code == 403
        assert b"TRUST_PROXY" in answer.content

    @pytest.mark.parametrize(
        "headers",
        [
            {"HTTP_ORIGIN": "https://evil.example"},
            {"HTTP_SEC_FETCH_SITE": "cross-site"},
            {"HTTP_ORIGIN": "null"},
        ],
    )
    def test_another_origin(self, headers: dict[str, str], hers: Browser) -> None:
        assert hers.send("/ui/logout/", {}, page="/ui/", **headers).status_code == 403
        assert is_in(hers)

    def test_the_token_changes_with_the_log_in(self, ada: Person, browser: Browser) -> None:
        browser.get("/ui/login/")
        before = browser.client.cookies["punctual_csrf"].value
        browser.log_in()
        assert browser.client.cookies["punctual_csrf"].value != before

    @pytest.mark.parametrize("path", ["/ui/login/", "/ui/password/", "/ui/", "/ui/logout/"])
    def test_headers(self, path: str, hers: Browser) -> None:
        answer = hers.send(path, {}, page="/ui/") if path == "/ui/logout/" else hers.get(path)
        assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"

    def test_nothing_in_a_page_that_the_policy_forbids(self, hers: Browser) -> None:
        for path in ("/ui/", "/ui/password/"):
            page = hers.get(path).content.decode()
            assert "style=" not in page
            assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=", page)
        style = Api().get("/static/access/pages.css")
        assert (style.status, style.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"current": "wrong"}, "This is not your password."),
        ({"again": "a third long password"}, "two different passwords"),
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"new": "password1234", "again": "password1234"}, "too common"),
        ({"new": ""}, "required"),
    ],
)
def test_a_password_that_is_not_taken(fields: dict[str, str], told: str, hers: Browser) -> None:
    answer = change_password(hers, **fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert told in page
    assert PASSWORD not in page
    assert Browser().log_in().status_code == 303
    assert is_in(hers)


def test_a_session_is_no_way_to_find_out_a_password(hers: Browser) -> None:
    answers = [change_password(hers, current="wrong").status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert change_password(hers).status_code == 429


def test_a_person_closes_the_service(api: Api) -> None:
    assert api.get("/tasks/").status == 200
    make_person()
    api.get("/tasks/").problem(401, "key_required")
    Person.objects.update(is_active=False)
    api.get("/tasks/").problem(401, "key_required")


@pytest.mark.django_db(transaction=True)
def test_the_audit_log_tells_of_it(ada: Person, browser: Browser) -> None:
    browser.log_in(password="wrong")
    browser.log_in("my password", "wrong")
    browser.log_in()
    tally.write()
    told = Api(make_key().text).get("/audit/?installation=true")
    events = {event["action"]: event for event in told.json["results"]}
    done, refused = events["person.log_in"], events["access.refuse"]
    assert (done["actor"]["id"], done["target"]["id"]) == (str(ada.pk), str(ada.pk))
    assert (refused["reason"], refused["count"]) == ("wrong_password", 2)
    assert refused["address"] == done["address"] == "127.0.0.1"
    assert "my password" not in told.content.decode()
