"""Limits are counted for all processes in the broker, and by each process where that is away or is no Redis."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from access.rates import shared
from access.rates.gcra import Ask, Limit, Rate
from access.rates.limits import Limiter
from access.rates.shared import PREFIX, Away, Shared, redis_url
from testing.away import LOOPBACK, closed_port
from testing.servers import running_valkey

RATE = Rate(20, 3_600)
PROCESSES = 4
ASKING = """
import sys
from access.rates import shared
from access.rates.gcra import Ask, Limit, Rate
shared.PATIENCE_SECONDS = 60
counts = shared.Shared(sys.argv[1])
asks = [Ask(Limit("key", "of all", Rate(20, 3600)), 1)]
print(sum(counts.take(asks).passes for _ in range(15)))
"""


def asks(of: str = "a", cost: int = 1, kind: str = "key", rate: Rate = RATE) -> list[Ask]:
    return [Ask(Limit(kind, of, rate), cost)]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes no broker away."""
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 30)


@pytest.fixture
def url() -> Iterator[str]:
    url = os.environ["CELERY_BROKER_URL"]
    with Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


def kept(url: str) -> dict[str, int]:
    """How many milliseconds each key has left."""
    with Redis.from_url(url, decode_responses=True) as client:
        return {key: client.pttl(key) for key in client.scan_iter(f"{PREFIX}:*")}


def test_many_processes_share_one_limit(url: str) -> None:
    command = [sys.executable, "-c", ASKING, url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    passed = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(passed) == RATE.limit


def test_many_threads_share_one_limit(url: str) -> None:
    limiter = Limiter(url)
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: limiter.take(asks()).passes, range(100)))
    assert sum(passed) == RATE.limit


def test_all_that_a_request_meets_is_one_round_trip(url: str) -> None:
    counts = Shared(url)
    several = [*asks("k"), *asks("1", kind="project"), *asks("192.0.2.1", kind="address")]
    counts.take(several)
    with Redis.from_url(url) as client:
        before = client.info("stats")["total_commands_processed"]
        assert counts.take(several).passes
        # The script, and what it does in the server; and this question.
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] >= 2
        sent = client.info("stats")["total_commands_processed"] - before
    assert sent <= 1 + 1 + 2 * len(several) + 2


def test_what_is_kept_ends_when_the_limit_is_whole_again(url: str) -> None:
    counts = Shared(url)
    counts.take(asks(cost=5))
    counts.take(asks("2001:db8::/64", kind="address", rate=Rate(60, 60)))
    left = kept(url)
    assert 890_000 < left[f"{PREFIX}:key:a"] <= 900_000
    assert 0 < left[f"{PREFIX}:address:2001:db8::/64"] <= 1_000


def test_what_was_refused_leaves_nothing_behind(url: str) -> None:
    assert not Shared(url).take(asks(cost=21)).passes
    assert kept(url) == {}


def test_flushall_only_forgets(url: str) -> None:
    limiter = Limiter(url)
    assert limiter.take(asks(cost=20)).passes
    assert not limiter.take(asks()).passes
    with Redis.from_url(url) as client:
        client.flushdb()
        client.script_flush()
    assert limiter.take(asks(cost=20)).passes
    assert not limiter.take(asks()).passes


def test_a_key_that_somebody_spoilt_refuses_nobody(url: str) -> None:
    limiter = Limiter(url)
    with Redis.from_url(url) as client:
        client.set(f"{PREFIX}:key:a", "nonsense")
        assert limiter.take(asks()).passes
        client.delete(f"{PREFIX}:key:a")
        client.lpush(f"{PREFIX}:key:a", "a list")
        assert limiter.take(asks()).passes


@pytest.mark.parametrize("scheme", ["amqp", "pyamqp"])
def test_what_is_no_redis_is_not_asked(scheme: str) -> None:
    limiter = Limiter(f"{scheme}://{LOOPBACK}:{closed_port()}")
    assert [limiter.take(asks()).passes for _ in range(25)].count(True) == RATE.limit


class TestAway:
    """Nobody is refused because the broker is, and it is not asked by each request."""

    def test_nobody_listens(self, caplog: pytest.LogCaptureFixture) -> None:
        limiter = Limiter(f"redis://{LOOPBACK}:{closed_port()}/0")
        with caplog.at_level(logging.WARNING):
            assert [limiter.take(asks()).passes for _ in range(25)].count(True) == RATE.limit
        assert [record.getMessage()[:40] for record in caplog.records] == [
            "the broker does not count requests, so e"
        ]

    def test_somebody_listens_and_never_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of all who ask, one waits."""
        monkeypatch.setattr(shared, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(shared, "PAUSE_SECONDS", 3_600)
        with socket.create_server((LOOPBACK, 0)) as silent:
            limiter = Limiter(f"redis://{LOOPBACK}:{silent.getsockname()[1]}/0")
            assert [limiter.take(asks()).passes for _ in range(25)].count(True) == RATE.limit
            silent.settimeout(10)
            silent.accept()[0].close()
            silent.settimeout(0.01)
            with pytest.raises(TimeoutError):
                silent.accept()

    def test_after_a_pause_one_asks_again_and_the_others_do_not_wait(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counts = Shared(f"redis://{LOOPBACK}:{closed_port()}/0")
        now = 1_000.0
        monkeypatch.setattr("time.monotonic", lambda: now)
        with pytest.raises(Away) as first:
            counts.take(asks())
        assert first.value.__cause__ is not None
        for moment, is_asked in ((0.5, False), (1.0, True), (1.5, False), (2.0, True)):
            now = 1_000.0 + moment
            with pytest.raises(Away) as caught:
                counts.take(asks())
            assert (caught.value.__cause__ is not None) is is_asked

    def test_it_stops_and_comes_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shared, "PAUSE_SECONDS", 0)
        with running_valkey() as url, Redis.from_url(url) as client:
            counts = Shared(url)
            assert counts.take(asks()).passes
            limiter = Limiter(url)
            limiter._shared = counts
            client.config_set("maxmemory", "1")  # as good as away: it takes nothing more
            with pytest.raises(Away):
                counts.take(asks())
            assert limiter.take(asks()).passes
            client.config_set("maxmemory", "0")
            assert counts.take(asks()).passes
        assert limiter.take(asks()).passes
        with pytest.raises(Away):
            counts.take(asks())

    def test_connections_that_were_cut_are_made_again(self, url: str) -> None:
        counts = Shared(url)
        counts.take(asks())
        with Redis.from_url(url) as client:
            for other in client.client_list(_type="normal"):
                if other["id"] != str(client.client_id()) and other["db"] == str(client.client_info()["db"]):
                    client.client_kill_filter(_id=other["id"])
        assert counts.take(asks()).used != [0]


@pytest.mark.parametrize(
    ("broker", "expected"),
    [
        ("redis://:pass@host:6379/1", "redis://:pass@host:6379/1"),
        ("redis://one/0;redis://two/0", "redis://one/0"),
        ("rediss://host/0?ssl_cert_reqs=CERT_NONE&other=1", "rediss://host/0?ssl_cert_reqs=none"),
        ("rediss://host?ssl_ca_certs=%2Fca.pem", "rediss://host?ssl_ca_certs=%2Fca.pem"),
        ("redis+socket:///run/valkey.sock?virtual_host=2", "unix:///run/valkey.sock?db=2"),
        ("amqp://host//", None),
    ],
)
def test_the_address_of_the_redis(broker: str, expected: str | None) -> None:
    assert redis_url(broker) == expected
