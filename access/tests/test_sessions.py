"""Cookies, and what ends a session."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.db.models import F
from django.test import Client

from access.actions import people
from access.actions.people import Changes
from access.actor import SYSTEM
from access.models import Person, Session
from access.people import passwords, sessions
from access.tests.logging_in import OTHER, change_password, is_in
from testing.access import PASSWORD, Browser

pytestmark = pytest.mark.django_db


class TestCookies:
    """Nobody else gets them."""

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_attributes(self, scheme: str, ada: Person) -> None:
        secure = scheme == "https"
        client = Client(enforce_csrf_checks=True)
        token = client.get("/ui/login/", secure=secure).cookies["punctual_csrf"]
        fields = {"name": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token.value}
        answer = client.post(
            "/ui/login/", fields, secure=secure, headers={"Origin": f"{scheme}://testserver"}
        )
        assert answer.status_code == 303
        paths = {"punctual_session": "/ui/", "punctual_csrf": "/ui/", "punctual_browser": "/ui/login/"}
        assert set(answer.cookies) == set(paths)
        for name, path in paths.items():
            cookie = answer.cookies[name]
            assert (cookie["path"], cookie["samesite"], cookie["domain"]) == (path, "Lax", "")
            assert cookie["httponly"]
            assert bool(cookie["secure"]) is secure, name
        assert answer.cookies["punctual_session"]["max-age"] == ""

    def test_behind_a_proxy(self, ada: Person, settings: LazySettings) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        answer = Browser(x_forwarded_proto="https").get("/ui/login/")
        assert answer.cookies["punctual_csrf"]["secure"]

    def test_only_a_hash_is_kept(self, hers: Browser) -> None:
        value = hers.client.cookies[sessions.COOKIE].value
        assert len(value) >= 43
        [session] = Session.objects.all()
        assert value.encode() not in bytes(session.digest)
        assert len(bytes(session.digest)) == 32

    def test_one_that_somebody_has_put_there_is_not_taken(self, ada: Person, browser: Browser) -> None:
        browser.client.cookies[sessions.COOKIE] = "chosen"
        assert not is_in(browser)
        assert browser.log_in().status_code == 303
        assert browser.client.cookies[sessions.COOKIE].value != "chosen"
        thief = Browser()
        thief.client.cookies[sessions.COOKIE] = "chosen"
        assert not is_in(thief)

    def test_the_session_before_is_over(self, hers: Browser) -> None:
        before = hers.client.cookies[sessions.COOKIE].value
        token = hers.token("/ui/password/")
        hers.client.post("/ui/login/", {"name": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token})
        assert Session.objects.count() == 1
        thief = Browser()
        thief.client.cookies[sessions.COOKIE] = before
        assert not is_in(thief)
        assert is_in(hers)


class TestWhatEndsASession:
    """At once."""

    def test_logging_out(self, hers: Browser) -> None:
        value = hers.client.cookies[sessions.COOKIE].value
        answer = hers.send("/ui/logout/", {}, page="/ui/")
        assert (answer.status_code, answer["Location"]) == (303, "/ui/login/")
        assert not is_in(hers)
        hers.client.cookies[sessions.COOKIE] = value
        assert not is_in(hers)
        assert not Session.objects.exists()

    def test_logging_out_by_a_link_does_nothing(self, hers: Browser) -> None:
        assert hers.get("/ui/logout/").status_code == 405
        assert is_in(hers)

    @pytest.mark.parametrize("changes", [Changes(password=OTHER), Changes({"is_active": False})])
    def test_what_an_administrator_does(self, changes: Changes, ada: Person, hers: Browser) -> None:
        people.change(SYSTEM, ada.pk, changes)
        assert not is_in(hers)
        assert not Session.objects.exists()
        assert hers.log_in().status_code == 422

    def test_another_password_ends_the_others(self, hers: Browser) -> None:
        elsewhere = Browser()
        elsewhere.log_in()
        value = hers.client.cookies[sessions.COOKIE].value
        assert change_password(hers).status_code == 303
        assert is_in(hers)
        assert hers.client.cookies[sessions.COOKIE].value != value
        assert not is_in(elsewhere)
        assert elsewhere.log_in().status_code == 422
        assert elsewhere.log_in(password=OTHER).status_code == 303

    def test_a_log_in_that_was_checked_before_the_change_comes_too_late(
        self, ada: Person, browser: Browser
    ) -> None:
        def checked(person: Person | None, password: str) -> bool:
            people.change(SYSTEM, ada.pk, Changes(password=OTHER))
            return True

        with patch.object(passwords, "is_right", checked):
            assert browser.log_in().status_code == 422
        assert not Session.objects.exists()

    @pytest.mark.parametrize("limit", ["SESSION_SECONDS", "SESSION_IDLE_SECONDS"])
    def test_time(self, limit: str, hers: Browser, settings: LazySettings) -> None:
        setattr(settings, limit, 1_000)
        column = "began_at" if limit == "SESSION_SECONDS" else "used_at"
        Session.objects.update(**{column: F(column) - timedelta(seconds=990)})
        assert is_in(hers)
        Session.objects.update(**{column: F(column) - timedelta(seconds=1_010)})
        assert not is_in(hers)

    def test_use_is_noted_once_a_minute(self, hers: Browser) -> None:
        [before] = Session.objects.values_list("used_at", flat=True)
        assert is_in(hers)
        assert [before] == list(Session.objects.values_list("used_at", flat=True))
        Session.objects.update(used_at=F("used_at") - timedelta(minutes=2))
        assert is_in(hers)
        [after] = Session.objects.values_list("used_at", flat=True)
        assert after >= before

    def test_those_that_are_over_are_taken_away(self, hers: Browser) -> None:
        Session.objects.update(began_at=F("began_at") - timedelta(days=400))
        Browser().log_in()
        assert Session.objects.count() == 1
