"""How a run's outcome gets into the row, and when it does not."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.factories import make_task

pytestmark = pytest.mark.django_db

LEASE = 1.0
ERROR = {"type": "OSError", "message": "OSError: no network", "permanent": False}


def started(**changes: Any) -> tuple[Task, Run]:
    """A task, and the run of it that a worker has claimed."""
    task = make_task(**changes)
    run = transitions.claim(task.id, task.priority, token=uuid4(), node=new_id())
    assert run is not None
    return task, run


def row(task: Task) -> dict[str, Any]:
    return {**Task.objects.filter(id=task.id).values().get()}


def lose(task: Task) -> None:
    """Its node dies, and it is rescued."""
    Task.objects.filter(id=task.id).update(started_at=task.run_at)
    assert transitions.rescue_from_dead_nodes(10, lease_seconds=LEASE) == [task.id]


class TestSucceed:
    def test_it_works(self) -> None:
        task, run = started()
        assert transitions.succeed(run, '{"a": [11, null]}')
        found = row(task)
        assert (found["status"], found["result"], found["error"]) == (
            Status.SUCCESS,
            {"a": [11, None]},
            None,
        )
        assert found["finished_at"] >= found["started_at"]
        assert found["node_id"] is None

    def test_an_earlier_error_is_forgotten(self) -> None:
        task, run = started(status=Status.RETRY)
        assert row(task)["error"]
        transitions.succeed(run, "11")
        assert row(task)["error"] is None

    def test_progress_ends(self) -> None:
        task, run = started()
        Task.objects.update(progress={"percent": 50, "message": "half"})
        transitions.succeed(run, "11")
        assert row(task)["progress"] is None


class TestFail:
    def test_it_works(self) -> None:
        task, run = started()
        assert transitions.fail(run, json.dumps(ERROR))
        found = row(task)
        assert (found["status"], found["result"], found["error"]) == (Status.FAILURE, None, ERROR)
        assert found["finished_at"] is not None


class TestTwice:
    def test_it_is_no_error(self) -> None:
        task, run = started()
        assert transitions.succeed(run, "11")
        before = row(task)
        assert transitions.succeed(run, "11")
        assert row(task) == before

    def test_the_first_outcome_counts(self) -> None:
        task, run = started()
        transitions.succeed(run, "11")
        transitions.fail(run, json.dumps(ERROR))
        assert row(task)["result"] == 11


class TestVoid:
    def test_another_token(self) -> None:
        task, run = started()
        stranger = Run(task.id, uuid4(), run.operation, run.arguments, run.attempt, None)
        assert not transitions.succeed(stranger, "12")
        assert not transitions.fail(stranger, json.dumps(ERROR))
        assert row(task)["status"] == Status.STARTED

    def test_it_was_rescued_and_waits(self) -> None:
        task, run = started()
        lose(task)
        assert not transitions.succeed(run, "11")
        assert row(task)["status"] == Status.RETRY

    def test_it_was_rescued_and_has_failed(self) -> None:
        task, run = started(max_attempts=1)
        lose(task)
        before = row(task)
        assert not transitions.succeed(run, "11")
        assert not transitions.fail(run, json.dumps(ERROR))
        assert row(task) == before

    def test_it_was_rescued_and_runs_again(self) -> None:
        task, slow = started()
        lose(task)
        run = transitions.claim(task.id, task.priority, token=uuid4(), node=new_id())
        assert run is not None
        assert run.attempt == 2
        assert not transitions.succeed(slow, "12")
        assert transitions.succeed(run, "11")
        assert not transitions.succeed(slow, "12")
        assert row(task)["result"] == 11

    def test_it_was_deleted(self) -> None:
        _, run = started()
        Task.objects.all().delete()
        assert not transitions.succeed(run, "11")
        assert not Task.objects.exists()
