"""No statement without an end: what somebody else has locked costs those who want it, and only for a while."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tasks_api import submission, transitions
from tasks_api.api import creating
from tasks_api.database import execute, fetch_one, insist
from tasks_api.execution import running
from tasks_api.execution.outcomes import Success
from tasks_api.idempotency_rows import IdempotencyKey
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task, WorkerNode
from tasks_api.node import heartbeat
from tasks_api.node.heartbeat import Node
from tasks_api.node.worker_node import TaskNode
from tasks_api.postgres import NODE, limit_connection
from tasks_api.postgres.base import DatabaseWrapper
from tasks_api.submission import Born
from tasks_api.tests.limiting import SHORT, limited
from testing.api import Answer, Api
from testing.away import closed_port
from testing.concurrency import apart, eventually
from testing.factories import make_node, make_task
from testing.locks import locked_row, locked_table

pytestmark = pytest.mark.django_db(transaction=True)
SUM = {"operation": "4+7"}


@pytest.fixture
def short() -> Iterator[None]:
    """The limits of this process are so short that a test can wait for them."""
    with limited(SHORT):
        yield


class TestSettings:
    def shown(self, name: str) -> str:
        row = fetch_one(f"SHOW {name}", [])
        assert row is not None
        return str(row[0])

    def test_they_come_with_the_connection(self, short: None) -> None:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [self.shown(name) for name in names] == ["500ms", "300ms", "400ms"]

    def test_where_operations_run_there_are_none(self) -> None:
        assert DatabaseWrapper.process_limits is None
        assert self.shown("statement_timeout") == "0"

    def test_what_the_address_of_the_database_says_goes_before(self, short: None) -> None:
        connection.settings_dict["OPTIONS"]["options"] = "-c lock_timeout=7s"
        try:
            connection.close()
            assert [self.shown(name) for name in ("lock_timeout", "statement_timeout")] == ["7s", "500ms"]
        finally:
            del connection.settings_dict["OPTIONS"]["options"]


@pytest.mark.usefixtures("short")
class TestRequests:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/tasks/", b""),
            ("POST", "/tasks/", b'{"operation": "4+7"}'),
            ("POST", "/tasks/batch-request/", b'[{"operation": "4+7"}]'),
            ("POST", "/tasks/cancel/?operation=calculate", b""),
        ],
    )
    def test_a_locked_table(self, api: Api, method: str, path: str, body: bytes) -> None:
        with locked_table("task"):
            answer = api.send(method, path, body)
        problem = answer.problem(503, "database_busy")
        assert "nothing was changed" in problem["detail"]
        assert answer.headers["Retry-After"] == "5"
        assert not Task.objects.exists()

    @pytest.mark.parametrize(
        "ask",
        [
            lambda api, path: api.post(f"{path}cancel/", {}),
            lambda api, path: api.send("PATCH", path, b'{"priority": 9}'),
            lambda api, path: api.delete(path),
        ],
    )
    def test_a_locked_row(self, api: Api, ask: Callable[[Api, str], Answer]) -> None:
        task, other = make_task(), make_task()
        with locked_row(task):
            ask(api, f"/tasks/{task.id}/").problem(503, "database_busy")
            assert ask(api, f"/tasks/{other.id}/").status in (200, 204)
        found = Task.objects.get(id=task.id)
        assert (found.status, found.version) == (Status.PENDING, task.version)

    def test_what_it_wrote_before_is_undone(self, api: Api) -> None:
        with locked_table("task"):
            api.post("/tasks/", SUM, idempotency_key="k").problem(503, "database_busy")
        assert not IdempotencyKey.objects.exists()
        assert api.post("/tasks/", SUM, idempotency_key="k").status == 202

    def test_a_transaction_in_which_nobody_asks_anything(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def doze(tasks: Any) -> Born:
            born = submission.submit(tasks)
            time.sleep(3 * SHORT.idle_in_transaction)
            return born

        with monkeypatch.context() as patched:
            patched.setattr(creating, "submit", doze)
            assert api.post("/tasks/", SUM, idempotency_key="k").status == 503
        assert not Task.objects.exists()
        assert api.post("/tasks/", SUM, idempotency_key="k").status == 202


def rescue(task: Task, node: Node) -> None:
    """As where the process that ran the task is gone."""
    transitions.rescue_run(task.id, node.id)


@pytest.mark.usefixtures("short")
class TestLog:
    """It says what the database gave up on, and after how long. Nobody is to think that the database is away."""

    def test_a_worker_that_claims(self, caplog: pytest.LogCaptureFixture) -> None:
        task, node = make_task(), make_node()
        with locked_row(task):
            claimed = apart(lambda: running.execute(task.id, task.priority, node.id))
            eventually(lambda: f"claiming task {task.id}: the database gave up on it after " in caplog.text)
        assert claimed.result(90) == Success("11")
        assert "canceling statement due to lock timeout" in caplog.text
        assert "does not answer" not in caplog.text
        assert "database.busy" in {record.event.name for record in caplog.records if hasattr(record, "event")}

    def test_a_statement_that_takes_too_long(self, caplog: pytest.LogCaptureFixture) -> None:
        seconds = iter([60, 0])
        insist("sleeping", lambda: execute("SELECT pg_sleep(%s)", [next(seconds)]))
        [line] = caplog.messages
        assert line.startswith("sleeping: the database gave up on it after ")
        assert "canceling statement due to statement timeout" in line

    def test_one_that_is_away(self, caplog: pytest.LogCaptureFixture) -> None:
        port, connection.settings_dict["PORT"] = connection.settings_dict["PORT"], closed_port()
        connection.close()
        asked = iter([None])

        def ask() -> object:
            if next(asked, connection) is connection:
                connection.settings_dict["PORT"] = port
            return fetch_one("SELECT 1", [])

        assert insist("asking", ask) == (1,)
        assert "asking: the database does not answer, trying again in 0.05 s: " in caplog.text

    def test_a_request_for_many(self, api: Api, caplog: pytest.LogCaptureFixture) -> None:
        tasks = sorted((make_task() for _ in range(2)), key=lambda task: task.id)
        with (
            pytest.MonkeyPatch.context() as patch,
            locked_row(tasks[1]),
        ):
            patch.setattr("tasks_api.actions.CHUNK", 1)
            answer = api.post("/tasks/cancel/?operation=calculate", None)
        assert (answer.json["count"], answer.json["complete"]) == (1, False)
        assert "changing many tasks: the database gave up on it after " in caplog.text
        assert "done to 1 of them" in caplog.text


class TestNode:
    @pytest.fixture
    def node(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
        monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.05)
        monkeypatch.setattr(heartbeat, "NODE", SHORT)
        node = Node(Role.WORKER, "worker@test")
        node.start()
        eventually(WorkerNode.objects.filter(id=node.id).exists)
        yield node
        node.stop()

    def test_a_duty_that_waits_for_a_lock_holds_up_nothing(
        self, node: Node, caplog: pytest.LogCaptureFixture
    ) -> None:
        guilty = make_task(Status.STARTED, node_id=node.id)
        other = make_task(Status.STARTED, node_id=node.id)
        with locked_row(guilty):
            node.soon(lambda: rescue(guilty, node))
            node.soon(lambda: rescue(other, node))
            eventually(lambda: Task.objects.get(id=other.id).status != Status.STARTED)
            before = WorkerNode.objects.get(id=node.id).beat_at
            eventually(lambda: WorkerNode.objects.get(id=node.id).beat_at > before)
            assert Task.objects.filter(id=guilty.id, status=Status.STARTED).exists()
        eventually(lambda: Task.objects.get(id=guilty.id).status != Status.STARTED)
        assert "<lambda>: the database gave up on it after " in caplog.text

    def test_its_limits_leave_time_to_say_that_it_is_alive(self) -> None:
        assert NODE.lock < NODE.statement < transitions.NODE_GAP_SECONDS
        limit_connection(NODE)
        row = fetch_one("SHOW lock_timeout", [])
        wrapper: Any = connection
        wrapper.limits = None
        wrapper.close()
        assert row == ("1s",)

    def test_what_can_be_handed_back_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One row that somebody has locked keeps no other."""
        monkeypatch.setattr(heartbeat, "NODE", SHORT)
        node = TaskNode("worker@stopping", 2)
        node.start()
        eventually(WorkerNode.objects.filter(id=node.id).exists)
        guilty, other = (make_task(Status.STARTED, node_id=node.id, retry_when_lost=True) for _ in range(2))
        with locked_row(guilty):
            node.stop()
            assert Task.objects.get(id=other.id).status == Status.RETRY
            assert Task.objects.get(id=guilty.id).status == Status.STARTED
        assert WorkerNode.objects.get(id=node.id).stopped_at is not None
