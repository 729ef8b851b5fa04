"""What the web process keeps: it has few threads, and gives back what a large request took."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from config.stack.ports import LOOPBACK
from testing.web import running_web

MEBIBYTE = 2**20
CLIENTS, REQUESTS_OF_EACH = 8, 400
LARGEST = 10_000
MOST_THREADS = 100
MOST_MEMORY = 160 * MEBIBYTE

ONE = {"operation": "add", "arguments": {"x": 1, "y": 2}}


def post(port: int, path: str, body: object, times: int) -> None:
    connection = HTTPConnection(LOOPBACK, port, timeout=60)
    for _ in range(times):
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 202, content[:500]
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_it_stays_small(tmp_path: Path) -> None:
    with running_web(tmp_path) as (web, process):
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(lambda _: post(web.port, "/tasks/", ONE, REQUESTS_OF_EACH), range(CLIENTS)))
        post(web.port, "/tasks/batch-request/", [ONE] * LARGEST, 2)
        (child,) = psutil.Process(process.pid).children()
        assert child.num_threads() <= MOST_THREADS
        assert child.memory_info().rss <= MOST_MEMORY


OTHERS = (
    "flower",
    "tornado",
    "httpx",
    "celery.bin",
    "celery.beat",
    "celery.apps",
    "tasks_api.worker",
    "unittest",
)
"""What only other processes need, or tests."""
LOADED = """
import sys
import config.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print("\\n".join(sys.modules))
"""


def test_it_loads_nothing_that_only_others_need() -> None:
    program = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    loaded = program.stdout.split()
    assert "tasks_api.api.views" in loaded
    assert [name for name in loaded if f"{name}.".startswith(tuple(f"{other}." for other in OTHERS))] == []
