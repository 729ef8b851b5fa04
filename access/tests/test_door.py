"""Who is let in, and as whom."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from access import guessing, known
from access.key_text import new_key
from access.models import Key
from testing.access import make_key, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/health/live/",
    "/health/ready/",
    "/swagger.json",
    "/openapi.json",
    "/swagger/",
    "/redoc/",
    "/favicon.ico",
]


def refused(api: Api, code: str, status: int = 401, **headers: str) -> str:
    answer = api.get("/tasks/", **headers)
    problem = answer.problem(status, code)
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    return str(problem["detail"])


def test_while_there_is_no_key_nobody_needs_one(api: Api) -> None:
    assert api.get("/tasks/").status == 200
    assert api.post("/tasks/", {"operation": "4+7"}).status == 202


def test_with_a_key_there_nobody_comes_in_without(api: Api) -> None:
    make_key()
    assert "Authorization: Bearer" in refused(api, "key_required")


@pytest.mark.parametrize("path", PUBLIC)
def test_what_is_public_stays_so(path: str, api: Api) -> None:
    make_key()
    assert api.get(path).status == 200


def test_an_unknown_address_is_a_404_for_everybody(api: Api) -> None:
    make_key()
    api.get("/nothing/").problem(404, "not_found")


@pytest.mark.parametrize("ending", ["revoked_at", "expires_at"])
def test_a_service_that_was_closed_stays_closed(ending: str, api: Api) -> None:
    ended: dict[str, Any] = {ending: now()}
    key = make_key(**ended)
    refused(api, "key_required")
    refused(Api(key.text), "key_revoked" if ending == "revoked_at" else "key_expired")


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer {}"}, {"authorization": "bearer  {} "}, {"x_api_key": "{}"}]
)
def test_how_a_key_is_sent(headers: dict[str, str], api: Api) -> None:
    key = make_key()
    assert (
        api.get("/tasks/", **{name: value.format(key.text) for name, value in headers.items()}).status == 200
    )


def test_a_key_in_the_address_is_no_key(api: Api) -> None:
    key = make_key()
    refused(api, "key_required")
    answer = api.get(f"/tasks/?key={key.text}")
    answer.problem(401, "key_required")
    assert key.text.encode() not in answer.content


def test_a_cookie_is_no_key(api: Api) -> None:
    key = make_key()
    refused(api, "key_required", cookie=f"key={key.text}; authorization=Bearer {key.text}")


def test_two_different_keys() -> None:
    one, other = make_key(), make_key()
    assert "two different keys" in refused(Api(one.text), "key_invalid", x_api_key=other.text)
    assert Api(one.text).get("/tasks/", x_api_key=one.text).status == 200


@pytest.mark.parametrize(
    "text", ["pct_x", "pct_short", "secret", "pct_000000000000_000000000000000000000000000000000Jccz"]
)
def test_what_is_no_key_is_seen_without_asking(text: str) -> None:
    make_key()
    refused(Api(), "key_required")
    with CaptureQueriesContext(connection) as asked:
        assert text not in refused(Api(text), "key_invalid")
    assert len(asked) == 0


def test_a_wrong_secret_is_told_as_an_unknown_key() -> None:
    key = make_key(revoked_at=now())
    wrong, unknown = new_key(key.id), new_key()
    assert refused(Api(wrong.text), "key_invalid") == refused(Api(unknown.text), "key_invalid")


def test_while_there_is_no_key_others_credentials_pass(api: Api) -> None:
    for value in ("Basic bmFtZTpwYXNzd29yZA==", "Bearer eyJhbGciOi.e30.x", "Bearer"):
        assert api.get("/tasks/", authorization=value).status == 200
    refused(Api(new_key().text), "key_invalid")
    make_key()
    refused(api, "key_required", authorization="Basic bmFtZTpwYXNzd29yZA==")
    refused(api, "key_invalid", authorization="Bearer eyJhbGciOi.e30.x")


def test_elsewhere_than_on_loopback_nobody_comes_in_while_there_is_no_key(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "OPEN_ACCESS", False)
    assert "manage.py keys create" in refused(api, "key_required")
    api.post("/keys/", {"name": "a", "role": "admin"}).problem(401, "key_required")


def test_a_key_costs_no_statement_for_two_seconds() -> None:
    caller = Api(make_key().text)
    path = "/operations/"
    assert caller.get(path).status == 200
    with CaptureQueriesContext(connection) as asked:
        assert caller.get(path).status == 200
    assert len(asked) == 0


def test_nor_does_open_mode(api: Api) -> None:
    assert api.get("/operations/").status == 200
    with CaptureQueriesContext(connection) as asked:
        assert api.get("/operations/").status == 200
    assert len(asked) == 0


def test_what_others_changed_is_true_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Api(make_key().text)
    assert caller.get("/tasks/").status == 200
    Key.objects.update(revoked_at=now())
    assert caller.get("/tasks/").status == 200
    later = time.monotonic() + known.KEEP_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    refused(caller, "key_revoked")


def test_guessing_does_not_reach_the_database() -> None:
    own = Api(make_key().text)
    assert own.get("/tasks/").status == 200
    for _ in range(guessing.MOST_UNKNOWN):
        refused(Api(new_key().text), "key_invalid")
    with CaptureQueriesContext(connection) as asked:
        answer = Api(new_key().text).get("/tasks/")
    answer.problem(429, "too_many_unknown_keys")
    assert 1 <= int(answer.headers["Retry-After"]) <= guessing.WINDOW_SECONDS + 1
    assert len(asked) == 0
    known.forget()
    assert own.get("/tasks/").status == 200


def test_an_unknown_key_is_asked_for_once() -> None:
    caller = Api(new_key().text)
    refused(caller, "key_invalid")
    with CaptureQueriesContext(connection) as asked:
        refused(caller, "key_invalid")
    assert len(asked) == 0


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 3)
    remembered: known.Remembered[int] = known.Remembered()
    for number in range(9):
        assert remembered.get(number, lambda number=number: number) == number  # type: ignore[misc]
    assert [remembered.is_fresh(number) for number in range(9)] == [False] * 6 + [True] * 3


def test_a_key_of_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    key = make_key(networks=["10.0.0.0/8", "fd00::/8"])
    refused(Api(key.text), "network_forbidden", 403)
    # Anybody can write this.
    refused(Api(key.text), "network_forbidden", 403, x_forwarded_for="10.1.2.3")
    monkeypatch.setattr(settings.ENVIRONMENT, "TRUST_PROXY", True)
    assert Api(key.text).get("/tasks/", x_forwarded_for="192.0.2.1, 10.1.2.3").status == 200
    assert Api(key.text).get("/tasks/", x_forwarded_for="::ffff:10.1.2.3").status == 200
    assert Api(key.text).get("/tasks/", x_forwarded_for="fd00::1").status == 200
    refused(Api(key.text), "network_forbidden", 403, x_forwarded_for="10.1.2.3, 192.0.2.1")
    refused(Api(key.text), "network_forbidden", 403)


def test_a_key_expires_to_the_second() -> None:
    key = make_key(expires_at=now() + timedelta(hours=1))
    assert Api(key.text).get("/tasks/").status == 200
    Key.objects.update(expires_at=now())
    known.forget()
    assert key.id in refused(Api(key.text), "key_expired")


class TestProjects:
    """The header `Punctual-Project`."""

    def test_in_open_mode_it_may_be_named(self, api: Api) -> None:
        make_project("acme")
        assert api.get("/tasks/", punctual_project="acme").status == 200
        assert api.get("/tasks/", punctual_project="default").status == 200

    @pytest.mark.parametrize("slug", ["other", "", "ACME", "acme ", "a'b", "x" * 1000])
    def test_an_unknown_one(self, slug: str, api: Api) -> None:
        make_project("acme")
        [(where, code, _)] = api.get("/tasks/", punctual_project=slug).errors()
        assert (where, code) == ("Punctual-Project", "unknown_project")

    def test_a_key_of_a_project_may_name_its_own(self) -> None:
        caller = Api(make_key(project=make_project("acme")).text)
        make_project("other")
        assert caller.get("/tasks/", punctual_project="acme").status == 200
        for slug in ("other", "default", "missing", ""):
            caller.get("/tasks/", punctual_project=slug).problem(403, "project_forbidden")

    def test_an_installation_key_may_name_any(self) -> None:
        caller = Api(make_key().text)
        make_project("acme")
        assert caller.get("/tasks/", punctual_project="acme").status == 200
        assert caller.get("/tasks/").status == 200
        assert caller.get("/tasks/", punctual_project="missing").errors()

    @pytest.mark.parametrize("of_project", [True, False])
    def test_a_frozen_one_is_read_only(self, of_project: bool) -> None:
        project = make_project("acme", status="frozen")
        caller = Api(make_key(project=project if of_project else None).text)
        body = {"operation": "4+7"}
        assert caller.get("/tasks/", punctual_project="acme").status == 200
        problem = caller.post("/tasks/", body, punctual_project="acme").problem(409, "project_frozen")
        assert "acme" in problem["detail"]
        assert (
            caller.post("/task-schedules/preview/", {"cron": "@daily"}, punctual_project="acme").status == 200
        )
        if not of_project:
            assert caller.post("/tasks/", body).status == 202

    def test_the_first_one_may_be_frozen_too(self, api: Api) -> None:
        from access.models import Project

        Project.objects.filter(id=1).update(status="frozen")
        assert api.get("/tasks/").status == 200
        api.post("/tasks/", {"operation": "4+7"}).problem(409, "project_frozen")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_away")
def test_without_the_database_a_key_is_neither_right_nor_wrong() -> None:
    Api(new_key().text).get("/operations/").problem(503, "database_away")
    assert Api(new_key().text).get("/health/live/").status == 200


@pytest.mark.django_db(transaction=True)
def test_a_known_key_outlives_the_database_for_its_two_seconds(request: pytest.FixtureRequest) -> None:
    caller = Api(make_key().text)
    assert caller.get("/operations/").status == 200
    request.getfixturevalue("database_away")
    assert caller.get("/operations/").status == 200
    known.forget()
    caller.get("/operations/").problem(503, "database_away")


@pytest.mark.urls("rest.tests.urls")
def test_a_view_of_ones_own_wants_any_key(api: Api) -> None:
    """One that nobody marked as an endpoint."""
    assert api.get("/echo/").status == 200
    key = make_key(None, scopes=["audit:read"])
    api.get("/echo/").problem(401, "key_required")
    assert Api(key.text).get("/echo/").status == 200
