"""Every try that brings no result leaves a record of how it ended."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tasks_api import transitions
from tasks_api.database import fetch_one
from tasks_api.execution.outcomes import MAX_TRACEBACK, Failure
from tasks_api.execution.running import perform
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Task
from tasks_api.tests.conftest import Register
from tasks_api.transitions import Run
from testing.factories import ago, make_node, make_task, run_of, started

pytestmark = pytest.mark.django_db

ERROR = {"type": "OSError", "message": "OSError: no network", "permanent": False}
FAILED = json.dumps(ERROR)


def fail(run: Run, *, outcome: str = "failed", retry_in: float | None = 0) -> bool:
    return transitions.fail(run, FAILED, outcome=outcome, retry_in=retry_in)


def claim(task: Task, node: Any) -> Run:
    task.refresh_from_db()
    run = transitions.claim(task.id, task.priority, token=node.id, node=node.id)
    assert run is not None
    return run


def rescue(task: Task) -> None:
    Task.objects.filter(id=task.id).update(started_at=ago(60))
    make_node(alive_since=ago(60))
    transitions.rescue_from_dead_nodes(10)


def overdue(task: Task) -> None:
    Task.objects.filter(id=task.id).update(deadline_at=ago(1))
    transitions.rescue_overdue(10)


def cancelled(task: Task) -> None:
    transitions.cancel([task.id])
    fail(run_of(task))


WAYS: list[tuple[str, str, Callable[[Task], object]]] = [
    ("failed", "OSError", lambda task: fail(run_of(task))),
    ("timeout", "OSError", lambda task: fail(run_of(task), outcome="timeout")),
    ("timeout", "timeout", overdue),
    ("timeout", "timeout", lambda task: transitions.rescue_run(task.id, task.node_id, timed_out=True)),  # type: ignore[arg-type]
    ("lost", "lost", rescue),
    ("lost", "lost", lambda task: transitions.rescue_run(task.id, task.node_id)),  # type: ignore[arg-type]
    ("interrupted", "interrupted", lambda task: transitions.hand_back(task.node_id)),  # type: ignore[arg-type]
    ("cancelled", "cancelled", cancelled),
]


@pytest.mark.parametrize(("outcome", "type_", "end"), WAYS)
def test_every_way_is_recorded(outcome: str, type_: str, end: Callable[[Task], object]) -> None:
    node = make_node(name="worker@here", beat_at=ago(60))
    task = make_task(Status.STARTED, attempt=2, node_id=node.id)
    neighbour = make_task(Status.STARTED, node_id=make_node(alive_since=ago(60)).id)
    end(task)
    attempt = Attempt.objects.get()
    task.refresh_from_db()
    assert (attempt.task_id, attempt.number, attempt.outcome) == (task.id, 2, outcome)
    assert (attempt.worker, attempt.started_at) == ("worker@here", task.started_at)
    assert attempt.finished_at >= attempt.started_at
    assert attempt.error == task.error
    assert attempt.error["type"] == type_
    neighbour.refresh_from_db()
    assert neighbour.status == Status.STARTED


def test_one_that_succeeds_leaves_none() -> None:
    _, run = started()
    transitions.succeed(run, "11")
    assert not Attempt.objects.exists()


def test_the_void_outcome_of_a_stale_worker_leaves_none() -> None:
    task, _ = started()
    assert not fail(run_of(task, attempt=1))
    assert not Attempt.objects.exists()


def test_a_node_that_is_forgotten_has_no_name() -> None:
    _, run = started()
    fail(run)
    assert Attempt.objects.get().worker is None


def test_each_has_its_number_and_its_worker() -> None:
    nodes = [make_node(name=f"worker@{number}") for number in (1, 2, 3)]
    task = make_task()
    for node in nodes:
        fail(claim(task, node))
    found = Attempt.objects.order_by("number").values_list("number", "worker")
    assert list(found) == [(number, f"worker@{number}") for number in (1, 2, 3)]
    task.refresh_from_db()
    assert (task.status, task.attempt) == (Status.RETRY, 3)


class TestTwice:
    """The answer to a statement may be lost after its COMMIT, so that it is sent again."""

    @pytest.mark.parametrize("retry_in", [None, 60])
    def test_it_is_recorded_once(self, retry_in: float | None) -> None:
        _, run = started()
        assert fail(run, retry_in=retry_in)
        task, attempt = Task.objects.values().get(), Attempt.objects.values().get()
        assert fail(run, retry_in=retry_in)
        assert (Task.objects.values().get(), Attempt.objects.values().get()) == (task, attempt)

    def test_after_the_next_try_began_it_is_void(self) -> None:
        task, run = started()
        assert fail(run)
        claim(task, make_node())
        assert not fail(run)
        assert Attempt.objects.count() == 1


class TestTraceback:
    def test_it_is_the_attempts(self, register: Register) -> None:
        @register
        def operation() -> None:
            """Fail."""
            raise OSError("no network")

        _, run = started(operation="throw_away", arguments={})
        failure = perform(run)
        assert isinstance(failure, Failure)
        transitions.fail(run, failure.as_json(), retry_in=0)
        error = Attempt.objects.get().error
        assert error["traceback"].startswith("Traceback (most recent call last)")
        assert error["traceback"].endswith("OSError: no network\n")
        assert error["type"] == "OSError"

    def test_its_end_is_kept_when_it_is_long(self) -> None:
        text = Failure("OSError", "no", permanent=False, traceback="x" * MAX_TRACEBACK + "the end").as_json()
        kept = json.loads(text)["traceback"]
        assert len(kept) == MAX_TRACEBACK
        assert kept.endswith("the end")

    @pytest.mark.parametrize(("trace", "kept"), [("a\0b", "a\ufffdb"), ("half \ud800", "half ?")])
    def test_any_can_be_stored(self, trace: str, kept: str) -> None:
        _, run = started()
        transitions.fail(run, Failure("OSError", "no", permanent=False, traceback=trace).as_json())
        assert Attempt.objects.get().error["traceback"] == kept


def test_the_times_are_the_databases() -> None:
    _, run = started()
    fail(run)
    row = fetch_one("SELECT finished_at <= clock_timestamp() AND started_at <= finished_at FROM attempt", [])
    assert row == (True,)
