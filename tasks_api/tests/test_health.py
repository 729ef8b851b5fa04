"""GET /health/live/ and GET /health/ready/"""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import ANY

import pytest
from pytest_django import DjangoAssertNumQueries

from rest.json import instant_text
from tasks_api.broker.publisher import Publisher
from tasks_api.database import fetch_all
from tasks_api.models import SERVICE_ROLES, Role
from testing.api import Api
from testing.broker import Lists
from testing.factories import ago, make_node

pytestmark = pytest.mark.usefixtures("new_health")

OK = {"status": "ok", "since": ANY, "checked_at": ANY}
NOT_REACHED = {
    "status": "away",
    "since": ANY,
    "checked_at": ANY,
    "reason": "it cannot be reached; the log of the web process says why",
}
AWAY = {"status": "away", "since": ANY}


class TestLive:
    @pytest.mark.parametrize("path", ["/health/live/", "/health/live"])
    def test_it_works(self, api: Api, path: str) -> None:
        answer = api.get(path)
        assert (answer.status, answer.json) == (200, {"status": "ok"})

    def test_it_needs_nothing(self, api: Api, database_away: None, broker_away: Publisher) -> None:
        assert api.get("/health/live/").status == 200

    def test_an_unknown_parameter(self, api: Api) -> None:
        assert api.get("/health/live/?deep=true").errors()


@pytest.mark.django_db(transaction=True)
class TestReady:
    def test_it_works(self, api: Api, broker: Lists) -> None:
        nodes = {role: make_node(role) for role in SERVICE_ROLES}
        answer = api.get("/health/ready/")
        assert answer.status == 200
        roles = {
            role.value: {"status": "ok", "since": instant_text(node.started_at), "count": 1}
            for role, node in nodes.items()
        }
        assert answer.json == {"status": "ok", "database": OK, "broker": OK, **roles}

    @pytest.mark.parametrize("role", SERVICE_ROLES)
    def test_each_part_counts(self, api: Api, role: Role) -> None:
        for other in set(SERVICE_ROLES) - {role}:
            make_node(other)
        body = api.get("/health/ready/").json
        assert (body["status"], body[role]) == ("degraded", {**AWAY, "count": 0})

    @pytest.mark.parametrize(
        "changes", [{"beat_at": ago(11)}, {"beat_at": ago(3_600)}, {"stopped_at": ago(0)}]
    )
    def test_a_part_that_is_gone_tells_since_when(self, api: Api, changes: dict[str, Any]) -> None:
        node = make_node(Role.WORKER, **changes)
        since = instant_text(node.stopped_at or node.beat_at)
        assert api.get("/health/ready/").json["worker"] == {"status": "away", "since": since, "count": 0}

    def test_a_part_is_well_as_long_as_one_is(self, api: Api) -> None:
        older = make_node(Role.WORKER, started_at=ago(100))
        make_node(Role.WORKER)
        make_node(Role.WORKER, started_at=ago(1_000), beat_at=ago(500))
        assert api.get("/health/ready/").json["worker"] == {
            "status": "ok",
            "since": instant_text(older.started_at),
            "count": 2,
        }

    def test_a_part_that_is_there_and_fails_tells_what(self, api: Api, broker: Lists) -> None:
        for role in SERVICE_ROLES:
            make_node(role)
        node = make_node(Role.SWEEPER, failing_since=ago(60), failure="expiring tasks: KeyError")
        answer = api.get("/health/ready/")
        assert (answer.status, answer.json["status"]) == (200, "degraded")
        assert answer.json["sweeper"] == {
            "status": "degraded",
            "since": instant_text(node.failing_since),
            "count": 2,
            "reason": "expiring tasks: KeyError",
        }

    def test_without_a_broker_it_still_accepts(self, api: Api, broker_away: Publisher) -> None:
        for role in SERVICE_ROLES:
            make_node(role)
        answer = api.get("/health/ready/")
        assert answer.status == 200
        assert (answer.json["status"], answer.json["broker"]) == ("degraded", NOT_REACHED)
        assert answer.json["database"] == OK

    def test_an_unknown_parameter(self, api: Api) -> None:
        assert api.get("/health/ready/?deep=true").errors()

    def test_what_cannot_tell_of_itself_is_watched(self, api: Api) -> None:
        first, second = (api.get("/health/ready/").json["database"]["since"] for _ in range(2))
        assert first == second <= instant_text(datetime.now(UTC))

    def test_query_budget(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        queries: list[str] = []

        def counted(sql: str, parameters: object) -> list[tuple[object, ...]]:
            queries.append(sql)
            return fetch_all(sql, parameters)

        monkeypatch.setattr("tasks_api.node.heartbeat.fetch_all", counted)
        api.get("/health/ready/")
        # 1. SELECT role, ... FROM worker_node
        assert len(queries) == 1

    def test_the_request_itself_needs_no_connection(
        self, api: Api, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            api.get("/health/ready/")


def test_without_a_database_it_is_not_ready(api: Api, database_away: None) -> None:
    answer = api.get("/health/ready/")
    problem = answer.problem(503, "database_away")
    assert answer.headers["Retry-After"] == "5"
    assert (problem["database"], problem["broker"]) == (NOT_REACHED, OK)
    assert all(problem[role]["status"] == "away" for role in SERVICE_ROLES)
