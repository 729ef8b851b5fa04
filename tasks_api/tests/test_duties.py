"""What the thread of a node does besides beating: regularly, soon, and whatever befalls it."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from billiard.einfo import ExceptionInfo
from celery.exceptions import Ignore
from django.db import OperationalError
from kombu.message import Message

from tasks_api import transitions
from tasks_api.broker.messages import RUN_TASK
from tasks_api.execution import stop_signals
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task, WorkerNode
from tasks_api.node import worker_node
from tasks_api.node.heartbeat import Node
from tasks_api.node.worker_node import NotRecorded, OperationFailed, TaskNode
from tasks_api.worker import run
from testing.concurrency import PATIENCE_SECONDS, eventually
from testing.factories import ago, make_task

Child = subprocess.Popen[bytes]
Heard = Callable[[Task, Exception], None]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """One that takes its turns quickly. It beats from the start."""
    monkeypatch.setattr("tasks_api.node.heartbeat.PAUSE_SECONDS", 0.01)
    node = Node(Role.WORKER, "worker@test")
    yield node
    node.stop()
    assert WorkerNode.objects.get(id=node.id).stopped_at


class Duty:
    """Counts how often it is done, and raises what it is given to raise."""

    def __init__(self, *errors: Exception) -> None:
        self.done = 0
        self._errors = list(errors)

    def __call__(self) -> None:
        self.done += 1
        if self._errors:
            raise self._errors.pop()


class TestNode:
    def test_it_does_its_duty_again_and_again(self, node: Node) -> None:
        duty = Duty()
        node.every(0.01, duty)
        node.start()
        eventually(lambda: duty.done >= 3)

    def test_what_is_asked_soon_is_done_once(self, node: Node) -> None:
        soon, regular = Duty(), Duty()
        node.every(0.01, regular)
        node.soon(soon)
        node.start()
        eventually(lambda: regular.done >= 5)
        assert soon.done == 1

    def test_what_the_database_interrupts_is_done_again(self, node: Node) -> None:
        duty = Duty(OperationalError("away"), OperationalError("still away"))
        node.soon(duty)
        node.start()
        eventually(lambda: duty.done == 3)

    @pytest.mark.parametrize("regularly", [True, False])
    def test_a_mistake_ends_neither_the_node_nor_its_other_duties(
        self, node: Node, regularly: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        mistaken, other = Duty(*[RuntimeError("a mistake")] * 3), Duty()
        if regularly:
            node.every(0.01, mistaken)
        else:
            node.soon(mistaken)
        node.every(0.01, other)
        node.start()
        eventually(lambda: mistaken.done and other.done >= 5)
        assert "a node's duty failed" in caplog.text


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, int]:
    """What the worker really runs, as Celery would tell: tasks, and the processes that run them."""
    found: dict[UUID, int] = {}
    monkeypatch.setattr(worker_node, "_tries", lambda: list(found.items()))
    return found


@pytest.fixture
def worker() -> TaskNode:
    """A worker's node whose thread is the test's."""
    node = TaskNode("worker@test", 2)
    node._beat()
    return node


def work_off(node: Node) -> None:
    """Do what the thread would do next."""
    while not node._urgent.empty():
        node._urgent.get()()


def runs_on(node: Node, **changes: Any) -> Task:
    return make_task(Status.STARTED, node_id=node.id, **changes)


def status_of(task: Task) -> str:
    return Task.objects.get(id=task.id).status


class TestReconciling:
    """What the table says that a worker runs is compared with what it really runs."""

    def test_what_nobody_runs_is_taken_back_when_it_is_seen_twice(
        self, worker: TaskNode, running: dict[UUID, int]
    ) -> None:
        task = runs_on(worker)
        worker._reconcile()
        work_off(worker)
        assert status_of(task) == Status.STARTED
        worker._reconcile()
        work_off(worker)
        assert status_of(task) == Status.RETRY

    def test_what_runs_is_left_alone(self, worker: TaskNode, running: dict[UUID, int]) -> None:
        task = runs_on(worker)
        running[task.id] = 1
        for _ in range(3):
            worker._reconcile()
        work_off(worker)
        assert status_of(task) == Status.STARTED

    def test_what_was_seen_missing_in_between_is_too(
        self, worker: TaskNode, running: dict[UUID, int]
    ) -> None:
        task = runs_on(worker)
        worker._reconcile()
        running[task.id] = 1
        worker._reconcile()
        running.clear()
        worker._reconcile()
        work_off(worker)
        assert status_of(task) == Status.STARTED

    def test_what_has_just_begun_has_some_time(self, worker: TaskNode, running: dict[UUID, int]) -> None:
        task = runs_on(worker, started_at=ago(0))
        for _ in range(2):
            worker._reconcile()
        work_off(worker)
        assert status_of(task) == Status.STARTED

    def test_a_try_that_is_void_is_ended_and_not_the_next_one_of_its_task(
        self, worker: TaskNode, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After a freeze both may run here."""
        task = make_task(Status.RETRY)
        with subprocess.Popen(["sleep", "60"]) as void, subprocess.Popen(["sleep", "60"]) as next_one:
            tries = [(task.id, void.pid)]
            monkeypatch.setattr(worker_node, "_tries", lambda: tries)
            worker._reconcile()
            tries.append((task.id, next_one.pid))  # it is about to claim
            worker._reconcile()
            assert void.wait(PATIENCE_SECONDS) == -signal.SIGKILL
            assert next_one.poll() is None
            next_one.kill()

    def test_what_another_runs_is_not_ours(self, worker: TaskNode, running: dict[UUID, int]) -> None:
        task = make_task(Status.STARTED)
        for _ in range(2):
            worker._reconcile()
        work_off(worker)
        assert status_of(task) == Status.STARTED


def raise_it(error: Exception) -> None:
    raise error


class TestWhatAChildRaised:
    """What its parent makes of it. The row may be that of an attempt of which Celery has not heard yet."""

    @pytest.fixture
    def heard(self, worker: TaskNode, monkeypatch: pytest.MonkeyPatch) -> Heard:
        """Of a task that runs here, the parent hears this."""
        monkeypatch.setattr(worker_node._process, "node", worker, raising=False)

        def hear(task: Task, error: Exception) -> None:
            message = Message(body=((), {}, {}), headers={"id": str(task.id), "task": RUN_TASK})
            request = worker_node.TaskRequest(
                message, app=run.app, task=run, decoded=True, on_ack=lambda *_: None
            )
            with pytest.raises(type(error)) as raised:
                raise_it(error)
            told = ExceptionInfo((raised.type, raised.value, raised.tb))
            request.on_failure(told, send_failed_event=False)
            work_off(worker)

        return hear

    @pytest.mark.parametrize(
        "error", [Ignore(), OperationFailed("test")], ids=lambda each: type(each).__name__
    )
    def test_what_it_knows_to_be_settled_is_left_alone(
        self, worker: TaskNode, heard: Heard, error: Exception
    ) -> None:
        task = runs_on(worker)
        heard(task, error)
        assert status_of(task) == Status.STARTED

    def test_what_it_could_not_record_is_taken_back(self, worker: TaskNode, heard: Heard) -> None:
        task = runs_on(worker)
        heard(task, NotRecorded("OperationalError"))
        assert status_of(task) == Status.RETRY


class TestLost:
    def test_its_try_counts(self, worker: TaskNode) -> None:
        task = runs_on(worker)
        worker.lost(task.id)
        work_off(worker)
        assert Task.objects.values_list("status", "error__type", "final_attempt").get() == (
            "RETRY",
            "lost",
            3,
        )

    def test_in_a_worker_that_stops_it_does_not(self, worker: TaskNode) -> None:
        task = runs_on(worker)
        worker.drain()
        worker.lost(task.id)
        work_off(worker)
        assert Task.objects.values_list("status", "error__type", "final_attempt").get() == (
            "RETRY",
            "interrupted",
            4,
        )

    @pytest.mark.parametrize("stopping", [True, False])
    def test_beyond_its_time_limit_it_always_does(self, worker: TaskNode, stopping: bool) -> None:
        task = runs_on(worker)
        if stopping:
            worker.drain()
        worker.lost(task.id, timed_out=True)
        work_off(worker)
        assert Task.objects.values_list("status", "error__type", "final_attempt").get() == (
            "RETRY",
            "timeout",
            3,
        )

    def test_another_workers_task_is_left_alone(self, worker: TaskNode) -> None:
        task = make_task(Status.STARTED)
        worker.lost(task.id)
        work_off(worker)
        assert status_of(task) == Status.STARTED


@pytest.fixture
def child() -> Iterator[Child]:
    """A process that ignores the signal that asks it to stop, as an operation may."""
    script = "trap '' USR2; echo ready; while :; do sleep 0.1; done"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.kill()


class TestCancelling:
    def test_first_it_is_asked_then_its_process_is_killed(
        self,
        worker: TaskNode,
        running: dict[UUID, int],
        child: Child,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(worker_node, "CANCEL_GRACE_SECONDS", -1)
        running[runs_on(worker, cancel_requested_at=ago(0)).id] = child.pid
        worker._stop_cancelled()
        assert child.poll() is None
        worker._stop_cancelled()
        assert child.wait(PATIENCE_SECONDS) == -signal.SIGKILL

    def test_it_has_a_grace(self, worker: TaskNode, running: dict[UUID, int], child: Child) -> None:
        running[runs_on(worker, cancel_requested_at=ago(0)).id] = child.pid
        for _ in range(3):
            worker._stop_cancelled()
        assert child.poll() is None

    def test_whom_nobody_cancelled_is_left_alone(
        self, worker: TaskNode, running: dict[UUID, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process is this one, which would hear."""
        heard: list[int] = []
        former = signal.signal(stop_signals.CANCEL, lambda number, _: heard.append(number))
        monkeypatch.setattr(worker_node, "CANCEL_GRACE_SECONDS", 60)
        running[runs_on(worker).id] = running[new_id()] = os.getpid()
        try:
            worker._stop_cancelled()
        finally:
            signal.signal(stop_signals.CANCEL, former)
        assert heard == []

    def test_a_process_that_is_gone_is_no_error(
        self, worker: TaskNode, running: dict[UUID, int], child: Child
    ) -> None:
        running[runs_on(worker, cancel_requested_at=ago(0)).id] = child.pid
        child.kill()
        child.wait()
        worker._stop_cancelled()

    def test_nothing_that_this_worker_does_not_run(self, worker: TaskNode, running: dict[UUID, int]) -> None:
        runs_on(worker, cancel_requested_at=ago(0))
        worker._stop_cancelled()
        assert running == {}


class TestHandingBack:
    def test_the_rows_first_then_the_processes(
        self, worker: TaskNode, running: dict[UUID, int], child: Child
    ) -> None:
        task = runs_on(worker)
        running[task.id] = child.pid
        worker._hand_back()
        assert status_of(task) == Status.RETRY
        assert child.wait(PATIENCE_SECONDS) == -signal.SIGKILL

    def test_nothing_is_nothing(self, worker: TaskNode, running: dict[UUID, int]) -> None:
        worker._hand_back()
        assert transitions.hand_back(worker.id) == []
