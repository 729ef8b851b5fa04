"""What the facts of an installation mean."""

from datetime import UTC, datetime

import pytest

from tasks_api.broker.server_facts import version_of
from tasks_api.health.checks import judging
from tasks_api.health.checks.found import Found
from tasks_api.health.checks.judging import Room

NOW = datetime(2026, 11, 29, tzinfo=UTC)
GB = 10**9


def skewed(seconds: float) -> Found:
    return judging.clocks({"web": 0.01, "worker@a": seconds})


def free(share: float, total: int = 100 * GB) -> Found:
    return judging.disk([Room("files", int(share * total), total)], 5 * GB, sees_database=False)


def connected(connected: int, most: int = 97, slots: int = 2) -> Found:
    return judging.connections(most, connected, web=27, slots=slots, workers=1, others=2)


def zones(stored: str | None = "2026.2", own: str = "2026.2", **nodes: str | None) -> Found:
    return judging.time_zone_data(own, stored, nodes, NOW)


@pytest.mark.parametrize(
    ("found", "verdict", "said"),
    [
        (skewed(0.4), "ok", "at most 0.40 s"),
        (skewed(-1.5), "warn", "worker@a by -1.5 s"),
        (skewed(7), "fail", "worker@a by +7.0 s"),
        (judging.eviction("noeviction", 0, 5_000_000), "ok", "5.0 MB"),
        (judging.eviction("noeviction", 100, 91), "warn", "91 B of 100 B"),
        (judging.eviction("allkeys-lru", 0, 0), "warn", "allkeys-lru"),
        (judging.eviction("allkeys-lru", 100, 0), "fail", "dropped"),
        (judging.eviction(None, 0, 0), "warn", "does not tell"),
        (judging.priorities(sorts=True), "ok", "came first"),
        (judging.priorities(sorts=False), "fail", "did not"),
        (connected(20), "ok", "20 of 97 connections are in use; at most 39 are needed"),
        (connected(20, slots=100), "warn", "at most 235 are needed"),
        (connected(90), "warn", "90 of 97"),
        (connected(97), "fail", "97 of 97"),
        (free(0.5), "ok", "50.0 GB of 100.0 GB are free for files"),
        (free(0.05), "warn", "the database has 5.0 GB"),
        (free(0.01), "fail", "cannot be seen from here"),
        (free(0.05, 2_000 * GB), "ok", "100.0 GB of 2.0 TB"),
        (judging.versions("1.2.0", {"a": "1.2.0"}), "ok", "1 process are of version 1.2.0"),
        (judging.versions("1.2.0", {"a": "1.1.0"}), "warn", "web is 1.2.0, but a is 1.1.0"),
        (judging.versions("1.2.0", {"a": None}), "warn", "a is of before"),
        (judging.postgres_version(180_001), "ok", "Postgres 18.1"),
        (judging.postgres_version(170_006), "fail", "Postgres 17.6 is older than 18"),
        (judging.broker_version("Valkey", (9, 0, 1)), "ok", "Valkey 9.0.1"),
        (judging.broker_version("Redis", (6, 2)), "fail", "Redis 6.2 is older than 7"),
        (judging.broker_version("RabbitMQ", (3, 9, 1)), "fail", "older than 3.10"),
        (judging.broker_version("Redis", None), "warn", "does not tell"),
        (judging.broker_version("Qpid", (1,)), "warn", "Qpid is not known"),
        (judging.broker_away("no answer for 12 s"), "warn", "no answer for 12 s"),
        (zones(a="2026.2", b=None), "ok", "release 2026.2"),
        (zones(None), "ok", "release 2026.2"),
        (zones(a="2026.1"), "warn", "web has 2026.2, but a has 2026.1"),
        (zones("2026.1"), "warn", "computed by 2026.1"),
        (zones("2024.1", own="2024.1"), "warn", "2024.1 is old"),
        (judging.open_access(is_open=True, is_reachable=True), "fail", "may do everything"),
        (judging.open_access(is_open=True, is_reachable=False), "ok", "only this machine"),
        (judging.open_access(is_open=False, is_reachable=True), "ok", "nobody comes in"),
        (judging.audit_log(None), "ok", "sealed"),
        (judging.audit_log(61), "warn", "61 s"),
        (judging.audit_log(7_200), "fail", "7200 s"),
        (judging.processes([], {}), "ok", "alive"),
        (judging.processes(["sweeper", "beat"], {}), "fail", "no sweeper and no beat is alive"),
        (judging.processes([], {"sweeper": "1 left out"}), "warn", "sweeper: 1 left out"),
        (judging.schedules(0, 1_000), "ok", "no schedule"),
        (judging.schedules(1, 1_000), "warn", "1 schedule is set aside"),
        (judging.schedules(7, 1_000), "warn", "7 schedules are"),
        (judging.schedules(1_000, 1_000), "warn", "1,000 or more"),
    ],
)
def test_what_facts_mean(found: Found, verdict: str, said: str) -> None:
    assert (found.verdict, said in found.detail) == (verdict, True), found.detail
    assert (found.how_to_mend is None) is (verdict == "ok")


def test_of_many_the_first_few_are_told() -> None:
    found = judging.versions("2", {f"worker@{number}": "1" for number in range(9)})
    assert found.detail.endswith("worker@4 is 1, and 4 more")


@pytest.mark.parametrize(
    ("text", "version"),
    [("9.0.1", (9, 0, 1)), ("4.0.0-rc.1", (4, 0, 0)), ("7", (7,)), (None, None), ("latest", None)],
)
def test_versions_of_servers(text: str | None, version: tuple[int, ...] | None) -> None:
    assert version_of(text) == version
