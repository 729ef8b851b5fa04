"""How often one may guess."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.db import connection
from django.db.models import F

from access.models import LogInAttempts, Person
from access.people import attempts
from access.people.attempts import OF_ADDRESS, OF_BROWSER, OF_NAME, TooManyAttempts
from testing.access import PASSWORD, Browser, make_person
from testing.web import Web, running_web

GUESSES = 60


def later(seconds: float) -> None:
    """As if so much time had passed."""
    LogInAttempts.objects.update(free_at=F("free_at") - timedelta(seconds=seconds))


def seconds_to_wait(name: str, address: str | None = "192.0.2.1", browser: str | None = None) -> int:
    try:
        attempts.take(name, address, browser)
    except TooManyAttempts as error:
        return error.seconds
    return 0


@pytest.mark.django_db
class TestBuckets:
    def test_a_few_at_once_and_then_one_every_so_often(self) -> None:
        assert [seconds_to_wait("ada") for _ in range(OF_NAME.at_once)] == [0] * OF_NAME.at_once
        assert 0 < seconds_to_wait("ada") <= OF_NAME.seconds
        later(OF_NAME.seconds)
        assert seconds_to_wait("ada") == 0
        assert seconds_to_wait("ada") > 0

    def test_what_is_refused_adds_nothing(self) -> None:
        for _ in range(OF_NAME.at_once + 50):
            wait = seconds_to_wait("ada", None, "known")
        assert wait <= OF_BROWSER.seconds

    def test_it_decays(self) -> None:
        for _ in range(OF_NAME.at_once):
            seconds_to_wait("ada")
        later(OF_NAME.at_once * OF_NAME.seconds)
        assert [seconds_to_wait("ada") for _ in range(OF_NAME.at_once)] == [0] * OF_NAME.at_once

    def test_of_one_address(self) -> None:
        waits = [seconds_to_wait(f"name {number}") for number in range(OF_ADDRESS.at_once + 1)]
        assert waits[:-1] == [0] * OF_ADDRESS.at_once
        assert 0 < waits[-1] <= OF_ADDRESS.seconds
        assert seconds_to_wait("name 0", "192.0.2.2") == 0

    def test_of_one_name_from_everywhere(self) -> None:
        waits = [seconds_to_wait("ada", f"192.0.2.{number}") for number in range(OF_NAME.at_once + 1)]
        assert waits[:-1] == [0] * OF_NAME.at_once
        assert waits[-1] > 0
        assert seconds_to_wait("bob", "192.0.2.200") == 0

    def test_names_are_not_kept(self) -> None:
        seconds_to_wait("my password")
        assert not LogInAttempts.objects.filter(bucket__contains="password").exists()

    def test_what_says_nothing_any_more_is_taken_away(self) -> None:
        for number in range(8):
            seconds_to_wait(f"name {number}")
        later(100_000)
        seconds_to_wait("ada")
        assert LogInAttempts.objects.count() == 2


@pytest.mark.django_db
class TestLogIn:
    def test_too_many_are_told_when_to_come_again(self) -> None:
        make_person()
        guesser = Browser()
        assert [guesser.log_in(password="wrong").status_code for _ in range(OF_NAME.at_once)] == [
            422
        ] * OF_NAME.at_once
        answer = guesser.log_in()
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) in range(1, OF_NAME.seconds + 1)
        assert "try again" in answer.content.decode()

    def test_it_is_the_same_for_a_name_that_nobody_has(self) -> None:
        guesser = Browser()
        answers = [guesser.log_in("nobody").status_code for _ in range(OF_NAME.at_once + 1)]
        assert answers == [422] * OF_NAME.at_once + [429]

    def test_whoever_was_here_before_comes_in_while_others_guess(self) -> None:
        make_person()
        known, stranger = Browser(), Browser()
        assert known.log_in().status_code == 303
        known.send("/ui/logout/", {}, page="/ui/")
        while stranger.log_in(password="wrong").status_code == 422:
            pass
        assert stranger.log_in().status_code == 429
        assert known.log_in().status_code == 303

    def test_a_browser_is_known_for_its_own_name_only(self) -> None:
        make_person()
        make_person("bob")
        mine = Browser()
        mine.log_in("bob")
        mine.send("/ui/logout/", {}, page="/ui/")
        for _ in range(OF_NAME.at_once):
            Browser().log_in(password="wrong")
        assert mine.log_in().status_code == 429

    def test_a_cookie_of_ones_own_making_is_none(self) -> None:
        make_person()
        for _ in range(OF_NAME.at_once):
            Browser().log_in(password="wrong")
        mine = Browser()
        mine.client.cookies["punctual_browser"] = "WzEsImEiXQ:1abc:forged"
        assert mine.log_in().status_code == 429


@pytest.mark.django_db(transaction=True)
def test_those_who_guess_at_the_same_time_get_no_more(tmp_path: Path) -> None:
    """Of two processes, each with many threads."""
    make_person()
    began = time.monotonic()
    with running_web(tmp_path, WEB_PROCESSES=2) as (web, _), ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda number: guess(web, f"wrong {number}"), range(GUESSES)))
        assert guess(web, PASSWORD) == 429
    allowed = OF_NAME.at_once + (time.monotonic() - began) // OF_NAME.seconds + 1
    assert set(statuses) == {422, 429}
    assert OF_NAME.at_once <= statuses.count(422) <= allowed
    connection.close()
    Person.objects.all().delete()


def guess(web: Web, password: str) -> int:
    with httpx.Client(base_url=web.url, timeout=120) as client:
        token = client.get("/ui/login/").cookies["punctual_csrf"]
        fields = {"name": "ada", "password": password, "csrfmiddlewaretoken": token}
        return client.post("/ui/login/", data=fields).status_code
