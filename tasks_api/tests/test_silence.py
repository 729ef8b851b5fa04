"""Servers that keep silent, as frozen ones do: the health of the service is told in time, and accepting goes on.

The bounds of time here tell what is bounded from what hangs, on a busy machine too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest

from testing.brokers import ON_VALKEY
from testing.concurrency import PATIENCE_SECONDS, apart
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, ON_VALKEY]

SOON_SECONDS = 6
ABANDONED = 40


@contextmanager
def frozen(stack: Stack, role: str) -> Iterator[None]:
    """A server of the stack hangs, all of its processes, until the context ends."""
    server = psutil.Process(stack.pid(role))
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(processes):
            process.resume()


def ready(stack: Stack) -> tuple[int, Any]:
    """What `/health/ready/` says, which must not take long."""
    answer = soon(lambda: httpx.get(f"{stack.url}/health/ready/", timeout=90, trust_env=False))
    return answer.status_code, answer.json()


def soon(call: Callable[[], httpx.Response]) -> httpx.Response:
    began = time.monotonic()
    answer = call()
    assert time.monotonic() - began < SOON_SECONDS
    return answer


def says(stack: Stack, part: str) -> bool:
    found = ready(stack)[1][part]
    return found["status"] == "away" and str(found["reason"]).startswith("no answer for ")


def test_a_frozen_broker(single: Stack) -> None:
    with frozen(single, "valkey"):
        single.wait_until(lambda: says(single, "broker"))
        probes = [apart(lambda: ready(single)) for _ in range(ABANDONED)]
        tasks = [
            soon(lambda: single.http.post("/tasks/", json={"operation": "4+7"})).json() for _ in range(10)
        ]
        for probe in probes:
            status, body = probe.result(PATIENCE_SECONDS)
            assert (status, body["status"], body["database"]["status"]) == (200, "degraded", "ok")
    single.wait_until(single.ready)
    for task in tasks:
        assert single.http.get(f"/tasks/{task['id']}/?wait=60").json()["status"] == "SUCCESS"


def test_a_frozen_database(single: Stack) -> None:
    with frozen(single, "postgres"):
        # More than can work at a time, and they do not end.
        requests = [apart(lambda: single.http.get("/tasks/?limit=1")) for _ in range(40)]
        single.wait_until(lambda: says(single, "database"))
        status, body = ready(single)
        assert (status, body["broker"]["status"]) == (503, "ok")
        live = soon(lambda: httpx.get(f"{single.url}/health/live/", timeout=90, trust_env=False))
        assert live.status_code == 200
    statuses = {request.result(PATIENCE_SECONDS).status_code for request in requests}
    assert statuses <= {200, 503}
    single.wait_until(single.ready)
