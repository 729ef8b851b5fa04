"""Limits of a real web server, whatever becomes of its broker."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from redis import Redis

from testing.brokers import ON_RABBITMQ
from testing.concurrency import eventually
from testing.rabbitmq import RabbitMQ
from testing.servers import running_valkey
from testing.web import Web, running_web

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db(transaction=True)]

ALONE = "each process holds rate limits by itself"


@contextmanager
def limited_web(folder: Path, broker: str, limit: int, processes: int = 1) -> Iterator[Web]:
    """It lets through so many requests in an hour."""
    settings: dict[str, float | str] = {
        "ADDRESS_RATE_LIMIT": f"{limit}/3600",
        "CELERY_BROKER_URL": broker,
        "WEB_PROCESSES": processes,
    }
    with running_web(folder, **settings) as (web, _):
        yield web


def passed(web: Web, asked: int) -> int:
    """How many of so many requests were let through. All others must be told that they are too many."""
    answers = [web.get("/operations/") for _ in range(asked)]
    for answer in answers:
        if answer.status != 200:
            answer.problem(429, "rate_limited")
            assert int(answer.headers["Retry-After"]) > 0
    return [answer.status for answer in answers].count(200)


def test_two_processes_share_one_limit(tmp_path: Path) -> None:
    with running_valkey() as url, limited_web(tmp_path, url, limit=20, processes=2) as web:
        assert passed(web, 60) == 20 or ALONE in web.log.read_text()


def test_the_broker_hangs_and_is_emptied(tmp_path: Path) -> None:
    with running_valkey() as url, Redis.from_url(url) as client, limited_web(tmp_path, url, limit=3) as web:
        eventually(lambda: web.get("/operations/").status == 429)
        valkey = psutil.Process(client.info("server")["process_id"])
        valkey.suspend()
        try:
            eventually(lambda: ALONE in web.log.read_text() or passed(web, 1) == 1)
            assert passed(web, 5) <= 3
        finally:
            valkey.resume()
        eventually(lambda: web.get("/operations/").status == 429)
        client.flushall()
        eventually(lambda: web.get("/operations/").status == 200)


def test_the_broker_ends(tmp_path: Path) -> None:
    with ExitStack() as webs:
        with running_valkey() as url:
            web = webs.enter_context(limited_web(tmp_path, url, limit=3))
            eventually(lambda: web.get("/operations/").status == 429)
        assert passed(web, 10) <= 3
        assert ALONE in web.log.read_text()


@ON_RABBITMQ
def test_with_rabbitmq_the_process_counts(rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    with limited_web(tmp_path, rabbitmq.url, limit=3) as web:
        assert passed(web, 10) == 3
        assert web.get("/health/live/").status == 200
