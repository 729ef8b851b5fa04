"""Whoever asks too often is told so, and when to ask again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from redis import Redis

from access import known
from access.key_text import new_key
from access.models import Project
from access.rates import limits, shared
from access.rates.gcra import Rate
from access.rates.limits import Limiter
from testing.access import Browser, make_key, make_person, make_project
from testing.api import Answer, Api

pytestmark = pytest.mark.django_db

NONE = {"key": None, "project": None, "address": None}
SUM = {"operation": "4+7"}


@pytest.fixture(autouse=True)
def limiter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Limiter]:
    """It counts in the broker, however busy the machine is."""
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 30)
    limiter = Limiter(configured.ENVIRONMENT.CELERY_BROKER_URL)
    monkeypatch.setattr(limits, "limiter", limiter)
    with Redis.from_url(configured.ENVIRONMENT.CELERY_BROKER_URL) as client:
        client.flushdb()
        yield limiter
        client.flushdb()


def set_rates(settings: Settings, **rates: Rate) -> None:
    settings.RATE_LIMITS = {**NONE, **rates}


def keyed(**fields: Any) -> Api:
    return Api(make_key(**fields).text)


def limited(answer: Answer, *policies: str) -> dict[str, Any]:
    problem = answer.problem(429, "rate_limited")
    assert problem["violated-policies"] == list(policies)
    assert int(answer.headers["Retry-After"]) > 0
    assert f"try again in {answer.headers['Retry-After']} s" in problem["detail"]
    return problem


class TestAKey:
    def test_it_may_ask_so_often_as_it_has_a_rate_for(self, settings: Settings) -> None:
        api = keyed(rate={"limit": 2, "window_seconds": 3_600})
        first, second, third = (api.get("/tasks/") for _ in range(3))
        assert (first.status, first.headers["RateLimit"]) == (200, '"key";r=1;t=1800')
        assert first.headers["RateLimit-Policy"] == '"key";q=2;w=3600'
        assert second.headers["RateLimit"] in ('"key";r=0;t=3600', '"key";r=0;t=3599')
        problem = limited(third, "key")
        assert problem["detail"].startswith(
            "too many requests: at most 2 in 3600 s with this key; try again in "
        )
        assert third.headers["RateLimit-Policy"] == '"key";q=2;w=3600'
        assert third.headers["RateLimit"] == f'"key";r=0;t={third.headers["Retry-After"]}'
        assert int(third.headers["Retry-After"]) <= 1_800

    def test_without_one_the_usual_holds(self, settings: Settings) -> None:
        set_rates(settings, key=Rate(1, 60))
        api, other = keyed(), keyed()
        assert api.get("/tasks/").status == 200
        limited(api.get("/tasks/"), "key")
        assert other.get("/tasks/").status == 200

    def test_its_own_counts_more_than_the_usual(self, settings: Settings) -> None:
        set_rates(settings, key=Rate(1, 60))
        api = keyed(rate={"limit": 100, "window_seconds": 60})
        assert [api.get("/tasks/").status for _ in range(3)] == [200] * 3

    def test_what_is_refused_for_another_reason_counts_and_is_told(self) -> None:
        api = keyed(role="viewer", rate={"limit": 2, "window_seconds": 60})
        refused = api.post("/tasks/", SUM)
        assert (refused.status, refused.headers["RateLimit"][:9]) == (403, '"key";r=1')
        assert api.get("/tasks/?colour=red").status == 400
        limited(api.get("/tasks/"), "key")

    def test_a_patch_sets_it_and_takes_it_away(self) -> None:
        admin, key = keyed(), make_key("viewer")
        path = f"/keys/{key.id}/"
        changed = admin.send("PATCH", path, b'{"rate": {"limit": 1, "window_seconds": 60}}')
        assert changed.json["rate"] == {"limit": 1, "window_seconds": 60}
        api = Api(key.text)
        assert [api.get("/tasks/").status for _ in range(2)] == [200, 429]
        assert admin.send("PATCH", path, b'{"rate": null}').json["rate"] is None
        assert api.get("/tasks/").status == 200

    @pytest.mark.parametrize(
        ("rate", "where"),
        [
            ('{"limit": 0, "window_seconds": 60}', "#/rate/limit"),
            ('{"limit": 1000001, "window_seconds": 60}', "#/rate/limit"),
            ('{"limit": 1, "window_seconds": 86401}', "#/rate/window_seconds"),
            ('{"limit": 1.5, "window_seconds": 1}', "#/rate/limit"),
            ('{"limit": 1}', "#/rate/window_seconds"),
            ('{"limit": 1, "window_seconds": 1, "burst": 2}', "#/rate/burst"),
            ('"600/60"', "#/rate"),
        ],
    )
    def test_what_is_no_rate_is_refused(self, rate: str, where: str) -> None:
        answer = keyed().send("POST", "/keys/", f'{{"name": "a", "role": "viewer", "rate": {rate}}}'.encode())
        assert [found for found, _, _ in answer.errors()] == [where]

    @pytest.mark.parametrize(
        ("rate", "status"),
        [
            (None, 403),
            ({"limit": 11, "window_seconds": 60}, 403),
            ({"limit": 10, "window_seconds": 59}, 403),
            ({"limit": 10, "window_seconds": 60}, 201),
        ],
    )
    def test_nobody_gives_a_faster_one_than_they_have(self, rate: Any, status: int) -> None:
        api = keyed(rate={"limit": 10, "window_seconds": 60})
        answer = api.post("/keys/", {"name": "a", "role": "viewer", "rate": rate})
        assert answer.status == status
        if status == 403:
            assert [where for where, _, _ in answer.errors(403, "exceeds_own_key")] == ["#/rate"]

    @pytest.mark.parametrize(("limit", "status"), [(61, 403), (60, 201), (1, 201)])
    def test_who_belongs_to_a_project_gives_none_faster_than_the_usual(
        self, limit: int, status: int, settings: Settings
    ) -> None:
        set_rates(settings, key=Rate(60, 60))
        body = {"name": "a", "role": "viewer", "rate": {"limit": limit, "window_seconds": 60}}
        own = keyed(project=make_project())
        answer = own.post("/keys/", body)
        assert answer.status == status
        assert own.post("/keys/", {"name": "a", "role": "viewer"}).status == 201
        assert keyed().post("/keys/", body).status == 201


class TestAProject:
    def test_all_its_keys_together_have_one(self) -> None:
        project = make_project(rate={"limit": 2, "window_seconds": 60})
        first, second = keyed(project=project), keyed(project=project)
        assert first.get("/tasks/").headers["RateLimit-Policy"] == '"project";q=2;w=60'
        assert second.get("/tasks/").status == 200
        assert "in this project" in limited(first.get("/tasks/"), "project")["detail"]
        assert keyed(project=make_project("other")).get("/tasks/").status == 200

    def test_a_patch_sets_it_and_takes_it_away(self) -> None:
        make_project()
        admin = keyed()
        changed = admin.send("PATCH", "/projects/acme/", b'{"rate": {"limit": 1, "window_seconds": 60}}')
        assert changed.json["rate"] == {"limit": 1, "window_seconds": 60}
        assert [admin.get("/tasks/", punctual_project="acme").status for _ in range(2)] == [200, 429]
        assert admin.send("PATCH", "/projects/acme/", b'{"name": "Acme"}').json["rate"] is not None
        assert admin.send("PATCH", "/projects/acme/", b'{"rate": null}').json["rate"] is None
        assert admin.get("/tasks/", punctual_project="acme").status == 200

    def test_its_own_keys_cannot_change_it(self) -> None:
        own = keyed(project=make_project(rate={"limit": 9, "window_seconds": 60}))
        refused = own.send("PATCH", "/projects/acme/", b'{"rate": null}')
        assert refused.status == 403
        assert Project.objects.get(slug="acme").rate == {"limit": 9, "window_seconds": 60}

    def test_a_new_one_may_have_it(self) -> None:
        rate = {"limit": 9, "window_seconds": 60}
        assert keyed().post("/projects/", {"slug": "lab", "rate": rate}).json["rate"] == rate

    def test_a_key_of_the_installation_is_counted_where_it_acts(self) -> None:
        make_project(rate={"limit": 1, "window_seconds": 60})
        api = keyed()
        assert [api.get("/tasks/", punctual_project="acme").status for _ in range(2)] == [200, 429]
        assert api.get("/tasks/").status == 200

    def test_while_there_is_no_key_the_first_project_has_one_too(self, api: Api) -> None:
        Project.objects.update(rate={"limit": 1, "window_seconds": 60})
        known.forget()
        assert api.get("/tasks/").status == 200
        limited(api.get("/tasks/"), "project")

    def test_both_limits_are_told_and_the_one_that_refuses_is_named(self, settings: Settings) -> None:
        set_rates(settings, project=Rate(100, 60))
        api = keyed(rate={"limit": 1, "window_seconds": 60})
        assert api.get("/tasks/").headers["RateLimit-Policy"] == '"key";q=1;w=60, "project";q=100;w=60'
        refused = api.get("/tasks/")
        limited(refused, "key")
        assert re.fullmatch(r'"key";r=0;t=\d+, "project";r=99;t=1', refused.headers["RateLimit"])


class TestAnAddress:
    def test_it_counts_whoever_comes(self, settings: Settings) -> None:
        set_rates(settings, address=Rate(3, 60))
        first, second, nobody = keyed(), keyed(), Api()
        assert first.get("/tasks/").headers["RateLimit-Policy"] == '"address";q=3;w=60'
        assert second.get("/tasks/").status == 200
        nobody.get("/tasks/").problem(401, "key_required")
        limited(nobody.get("/tasks/"), "address")
        assert "from this address" in limited(first.get("/tasks/"), "address")["detail"]

    def test_wrong_keys_count(self, settings: Settings) -> None:
        set_rates(settings, address=Rate(2, 60))
        make_key()
        for text in (new_key().text, "pct_nonsense"):
            refused = Api(text).get("/tasks/")
            assert (refused.status, refused.headers["RateLimit-Policy"]) == (401, '"address";q=2;w=60')
        limited(Api(new_key().text).get("/tasks/"), "address")

    def test_of_ipv6_a_client_is_a_network(self, settings: Settings) -> None:
        set_rates(settings, address=Rate(1, 60))
        settings.ENVIRONMENT = configured.ENVIRONMENT.model_copy(update={"TRUST_PROXY": True})
        api = Api()
        statuses = [
            api.get("/tasks/", x_forwarded_for=f"203.0.113.9, {address}").status
            for address in (
                "2001:db8::1",
                "2001:db8::ffff:2",
                "2001:db8:0:1::1",
                "192.0.2.1",
                "::ffff:192.0.2.1",
            )
        ]
        assert statuses == [200, 429, 200, 200, 429]

    def test_what_a_client_says_itself_is_not_believed(self, settings: Settings) -> None:
        set_rates(settings, address=Rate(1, 60))
        api = Api()
        assert [api.get("/tasks/", x_forwarded_for=f"192.0.2.{n}").status for n in (1, 2)] == [200, 429]


def test_a_person_meets_all_but_that_of_keys(settings: Settings) -> None:
    set_rates(settings, key=Rate(1, 60), project=Rate(2, 60), address=Rate(9, 60))
    make_person()
    browser = Browser()
    browser.log_in()
    answers = [browser.get("/ui/api/tasks/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"project";q=2;w=60, "address";q=9;w=60'


class TestBatches:
    """They cost by their size."""

    @pytest.mark.parametrize(("items", "cost"), [(1, 1), (99, 1), (100, 2), (250, 3)])
    def test_a_hundred_items_cost_one_more(self, items: int, cost: int) -> None:
        api = keyed(rate={"limit": 10, "window_seconds": 3_600})
        answer = api.post("/tasks/batch-request/", [SUM] * items)
        assert answer.status == 202
        assert answer.headers["RateLimit"].startswith(f'"key";r={10 - cost};')

    def test_what_is_too_much_is_refused_before_it_is_created(self) -> None:
        api = keyed(rate={"limit": 4, "window_seconds": 3_600})
        assert api.post("/tasks/batch-request/", [SUM] * 200).status == 202
        limited(api.post("/tasks/batch-request/", [SUM] * 100), "key")
        assert len(keyed().get("/tasks/?limit=500").json["results"]) == 200

    def test_the_largest_costs_no_more_than_all_of_a_limit(self) -> None:
        api = keyed(rate={"limit": 2, "window_seconds": 3_600})
        answer = api.post("/tasks/batch-request/", [SUM] * 900)
        assert (answer.status, answer.headers["RateLimit"][:9]) == (202, '"key";r=0')

    @pytest.mark.parametrize(("body", "status"), [([], 202), ({}, 400), ("text" * 100, 400), (None, 400)])
    def test_what_is_no_batch_costs_one(self, body: Any, status: int) -> None:
        api = keyed(rate={"limit": 10, "window_seconds": 3_600})
        answer = api.post("/tasks/batch-request/", body)
        assert (answer.status, answer.headers["RateLimit"][:9]) == (status, '"key";r=9')


@pytest.mark.parametrize(
    "path", ["/health/live/", "/health/ready/", "/openapi.json", "/swagger.json", "/swagger/"]
)
def test_what_is_public_is_free(path: str, settings: Settings, api: Api) -> None:
    set_rates(settings, key=Rate(1, 60), project=Rate(1, 60), address=Rate(1, 60))
    answers = [api.get(path) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert "RateLimit" not in answers[0].headers


def test_while_nothing_is_set_nobody_is_asked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "limiter", None)
    for answer in (api.get("/tasks/"), keyed().get("/tasks/")):
        assert answer.status == 200
        assert {"RateLimit", "RateLimit-Policy"}.isdisjoint(answer.headers)


def test_a_limit_costs_no_statement(settings: Settings) -> None:
    api = keyed()
    api.get("/operations/")
    set_rates(settings, key=Rate(9, 60), project=Rate(9, 60), address=Rate(9, 60))
    with CaptureQueriesContext(connection) as statements:
        assert api.get("/operations/").headers["RateLimit-Policy"].count("q=9") == 3
    assert len(statements) == 0
