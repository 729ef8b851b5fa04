"""`GET /health/checks/`: each check on its own, in bounded time."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.api import checks
from schedules.models import TaskSchedule, ZoneData
from schedules.recurrence.zone_data import RELEASE
from tasks_api.broker.publisher import Publisher
from tasks_api.health import probes
from tasks_api.health.checks.check import Check, carry_out
from tasks_api.health.checks.facts import asking, is_this_machine
from tasks_api.health.checks.found import Found, ok
from tasks_api.models import SERVICE_ROLES, Role
from testing.access import make_key, make_project
from testing.api import Api
from testing.broker import Lists
from testing.factories import ago, make_node
from testing.openapi import Auditor
from values.version import VERSION

# One of them changes a setting of the Valkey that all processes of the test run share.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("settings of valkey")]

SCHEDULE = {"operation": "4+7", "cron": "* * * * *"}


@pytest.fixture(autouse=True)
def new_probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of the broker nothing is known from before; and a busy machine has all the time that it needs to ask it."""
    monkeypatch.setattr(probes, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(probes, "KEEP_SECONDS", 0.5)
    asking.reset()
    yield
    asking.reset()


def found(api: Api) -> dict[str, Any]:
    """By their names."""
    return {each["name"]: each for each in api.get("/health/checks/").json["results"]}


def alive() -> None:
    for role in SERVICE_ROLES:
        make_node(
            role,
            version=VERSION,
            time_zone_data=RELEASE,
            clock_offset_seconds=0.01,
            slots=2,
            beat_at=ago(-60),
        )


def test_all_is_well(auditor: Auditor, broker: Lists) -> None:
    alive()
    results = found(auditor)
    # What this machine has free is not known to a test.
    assert {name: each["status"] for name, each in results.items() if name != "disk"} == {
        "processes": "ok",
        "versions": "ok",
        "clocks": "ok",
        "postgres_version": "ok",
        "connections": "ok",
        "broker_version": "ok",
        "eviction": "ok",
        "priorities": "ok",
        "audit_log": "ok",
        "open_access": "ok",
        "schedules": "ok",
        "time_zone_data": "ok",
    }
    assert results["broker_version"]["detail"].startswith("Valkey ")
    assert broker.client.keys("punctual.check*") == []


def test_what_is_wrong_is_told(auditor: Auditor, broker: Lists) -> None:
    make_node(
        Role.WORKER,
        version="0.0.1",
        time_zone_data="2001.1",
        clock_offset_seconds=-9,
        slots=2,
        beat_at=ago(-60),
    )
    make_node(Role.WORKER, beat_at=ago(60), version="0.0.2")
    ZoneData.objects.update_or_create(id=1, defaults={"version": RELEASE, "digests": {}})
    auditor.post("/task-schedules/", SCHEDULE)
    TaskSchedule.objects.update(status="error", sweep_at=None, error="it is gone")
    broker.client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        results = found(auditor)
    finally:
        broker.client.config_set("maxmemory-policy", "noeviction")
    wrong = {name: each["detail"] for name, each in results.items() if each["status"] != "ok"}
    assert "no sweeper and no beat" in wrong["processes"]
    assert "worker@test is 0.0.1" in wrong["versions"]
    assert "worker@test by -9.0 s" in wrong["clocks"]
    assert "worker@test has 2001.1" in wrong["time_zone_data"]
    assert "1 schedule is set aside" in wrong["schedules"]
    assert "allkeys-lru" in wrong["eviction"]
    assert all(each["how_to_mend"] for name, each in results.items() if name in wrong)


def test_a_broker_that_is_away_is_a_warning(auditor: Auditor, broker_away: Publisher) -> None:
    results = found(auditor)
    for name in ("broker_version", "eviction", "priorities"):
        assert (results[name]["status"], "could not be asked" in results[name]["detail"]) == ("warn", True)
    assert results["postgres_version"]["status"] == "ok"


def test_a_database_that_is_away_is_a_503(auditor: Auditor, database_away: None) -> None:
    auditor.get("/health/checks/").problem(503, "database_away")


def test_one_that_fails_costs_itself(
    auditor: Auditor, broker: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Found:
        raise ZeroDivisionError

    monkeypatch.setattr(checks, "CHECKS", (Check("broken", fail), *checks.CHECKS))
    results = found(auditor)
    assert results["broken"]["detail"] == "it could not be checked: ZeroDivisionError"
    assert results["postgres_version"]["status"] == "ok"


def test_checks_are_carried_out_in_order() -> None:
    told = carry_out([Check("one", lambda _: ok("a")), Check("two", lambda _: ok("b"))], None)
    assert [each["name"] for each in told] == ["one", "two"]


def test_it_costs_few_statements(
    api: Api, broker: Lists, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    api.get("/health/checks/")
    with django_assert_max_num_queries(6):
        api.get("/health/checks/")


def test_it_is_for_the_installation() -> None:
    Api(make_key("operator", make_project()).text).get("/health/checks/").problem(403, "installation_only")
    Api(make_key("viewer").text).get("/health/checks/").problem(403, "scope_missing")
    assert Api(make_key("operator").text).get("/health/checks/").status == 200


@pytest.mark.parametrize("host", ["", "localhost", "/run/postgresql", "127.0.0.1", "[::1]"])
def test_hosts_of_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["db", "192.0.2.1", "0.0.0.0"])  # noqa: S104
def test_other_hosts(host: str) -> None:
    assert not is_this_machine(host)
