"""A backlog many windows deep, on a real stack: the broker stays small, order strict, and nobody waits for beat."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import psutil
import pytest

from tasks_api.broker.connection import Broker
from tasks_api.window import IDLE, SMALLEST, WINDOW
from testing.brokers import MessageBroker
from testing.stack import Stack, running_stack

pytestmark = pytest.mark.acceptance

DEEP = 3 * IDLE
BACKLOG_SQL = "SELECT count(*) FROM task WHERE dispatch_at = '-infinity'"
SENT_SQL = "SELECT count(*) FROM task WHERE dispatch_at > '-infinity' AND dispatch_count > 0"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, message_broker: MessageBroker) -> Iterator[Stack]:
    """One worker process, so that what begins begins one after the other."""
    folder = tmp_path_factory.mktemp("backlog")
    with running_stack(folder, WORKERS="1", APPS="testing", **message_broker.environment) as stack:
        yield stack


@pytest.fixture
def broker(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", stack.env["CELERY_BROKER_URL"])
    broker = Broker()
    yield broker
    broker.close()


def one(stack: Stack, **body: Any) -> str:
    answer = stack.http.post("/tasks/", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def many(stack: Stack, count: int, **body: Any) -> list[str]:
    answer = stack.http.post("/tasks/batch-request/", json=[{"operation": "1+1", **body}] * count)
    assert answer.status_code == 202, answer.text
    return [task["id"] for task in answer.json()["tasks"]]


def status(stack: Stack, task_id: str) -> str:
    return str(stack.http.get(f"/tasks/{task_id}/").json()["status"])


def blocked(stack: Stack) -> str:
    """The worker is busy until this task is cancelled."""
    blocker = one(stack, operation="testing.slow_once", priority=9)
    stack.wait_until(lambda: status(stack, blocker) == "STARTED")
    return blocker


def unblock(stack: Stack, blocker: str) -> None:
    assert stack.http.post(f"/tasks/{blocker}/cancel/").status_code == 200


@contextmanager
def suspended(pid: int) -> Iterator[None]:
    """A process stands still within."""
    process = psutil.Process(pid)
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def all_ended(stack: Stack) -> None:
    stack.wait_until(lambda: not stack.psql("SELECT id FROM task WHERE finished_at IS NULL LIMIT 1"), 300)


def begun(stack: Stack, ids: list[str]) -> list[tuple[str, int]]:
    """Ids and priorities in the order in which they began."""
    return [
        (str(task_id), priority)
        for task_id, priority in stack.psql(
            "SELECT id::text, priority FROM task WHERE id = ANY(%s::uuid[]) ORDER BY started_at", [ids]
        )
    ]


def test_order_is_strict_and_the_broker_stays_small(stack: Stack, broker: Broker) -> None:
    blocker = blocked(stack)
    ids = many(stack, 10 * IDLE, priority=3) + many(stack, DEEP, priority=7)
    assert stack.psql(BACKLOG_SQL)[0][0] >= len(ids) - 2 * IDLE
    assert broker.waiting() <= 2 * IDLE
    urgent = one(stack, operation="2+2", priority=8)
    unblock(stack, blocker)
    all_ended(stack)
    order = begun(stack, [urgent, *ids])
    assert [(priority, len(list(run))) for priority, run in groupby(order, key=lambda row: row[1])] == [
        (8, 1),
        (7, DEEP),
        (3, 10 * IDLE),
    ]
    for priority in (7, 3):
        of_one = [task_id for task_id, its in order if its == priority]
        assert of_one == sorted(of_one)


def test_an_urgent_one_starts_next(stack: Stack) -> None:
    ids = many(stack, DEEP, priority=2)
    stack.wait_until(lambda: status(stack, ids[10]) == "SUCCESS")
    urgent = one(stack, operation="2+2", priority=6)
    stack.wait_until(lambda: status(stack, urgent) == "SUCCESS")
    assert status(stack, ids[-1]) == "PENDING"
    all_ended(stack)


def test_the_worker_asks_for_more_itself(stack: Stack) -> None:
    """No sweep begins meanwhile, and none has to."""
    blocker = blocked(stack)
    ids = many(stack, DEEP)
    with suspended(stack.pid("beat")):
        unblock(stack, blocker)
        stack.wait_until(lambda: status(stack, ids[-1]) == "SUCCESS", 120)
    all_ended(stack)


def test_slow_tasks_leave_the_broker_nearly_empty(stack: Stack, broker: Broker) -> None:
    """The window shrinks to what is begun in a second."""
    ids = many(stack, DEEP, operation="sleep", arguments={"seconds": 0.05})
    stack.wait_until(lambda: broker.waiting() <= SMALLEST, 180)
    assert stack.psql(BACKLOG_SQL)[0][0] > 0
    stack.http.post("/tasks/cancel/", params={"operation": "sleep"})
    all_ended(stack)
    assert {status(stack, task_id) for task_id in (ids[0], ids[-1])} <= {"SUCCESS", "REVOKED"}


def test_a_flushed_broker_costs_a_window(stack: Stack, broker: Broker, message_broker: MessageBroker) -> None:
    stack.wait_until(lambda: broker.waiting() == 0)  # what was cancelled before leaves messages of no use
    blocker = blocked(stack)
    ids = many(stack, 3 * WINDOW)
    # What is on its way while the broker is emptied would arrive there, before what is sent again.
    stack.wait_until(lambda: 0 < stack.psql(SENT_SQL)[0][0] == broker.waiting())
    message_broker.lose_everything(stack)
    stack.wait_until(lambda: broker.waiting() > 0)
    assert broker.waiting() <= WINDOW  # one that is found empty grows
    unblock(stack, blocker)
    all_ended(stack)
    order = [task_id for task_id, _ in begun(stack, ids)]
    assert order == sorted(ids)
