"""The line of an attempt that has ended, whoever ended it."""

import json
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from tasks_api import transitions
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.factories import ago, make_node, make_task, run_of

pytestmark = pytest.mark.django_db
FAILED = json.dumps({"type": "OSError", "message": "a secret matter", "permanent": False})


@pytest.fixture(autouse=True)
def at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tasks_api")


def fail(run: Run, **more: Any) -> None:
    assert transitions.fail(run, FAILED, **more)


def node_of(task: Task) -> UUID:
    assert task.node_id
    return task.node_id


CASES: dict[str, tuple[Callable[[Task], object], str, str]] = {
    "success": (lambda task: transitions.succeed(run_of(task), "11"), "INFO", "success after "),
    "failed": (lambda task: fail(run_of(task)), "INFO", "failed (OSError) after "),
    "retry": (lambda task: fail(run_of(task), retry_in=2.5), "INFO", "failed (OSError) after "),
    "timeout": (lambda task: fail(run_of(task), outcome="timeout"), "INFO", "timeout (OSError) after "),
    "lost": (lambda task: transitions.rescue_run(task.id, node_of(task)), "WARNING", "lost after "),
    "dead": (lambda _: transitions.rescue_from_dead_nodes(10), "WARNING", "lost after "),
    "interrupted": (lambda task: transitions.hand_back(node_of(task)), "WARNING", "interrupted after "),
}


@pytest.mark.parametrize(("end", "level", "said"), CASES.values(), ids=list(CASES))
def test_one_line_with_its_facts(
    end: Callable[[Task], object], level: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_node(alive_since=ago(60))
    node = make_node(name="worker-1@host", beat_at=ago(0 if end is not CASES["dead"][0] else 60))
    task = make_task(Status.STARTED, node_id=node.id)
    end(task)
    task.refresh_from_db()

    (record,) = [record for record in caplog.records if record.name == "tasks_api.transitions.attempt_log"]
    name, fields = record.__dict__["event"]
    assert name == "attempt.ended"
    assert record.levelname == level
    assert record.getMessage().startswith(f"calculate, attempt 1: {said}")
    assert "a secret matter" not in record.getMessage() + str(fields)
    assert fields["task_id"] == str(task.id)
    assert fields["status"] == task.status
    assert fields["worker"] == "worker-1@host"
    assert 29_000 < fields["duration_ms"] < 90_000
    assert (node.name in record.getMessage()) == (level == "WARNING")


def test_when_the_next_attempt_comes(caplog: pytest.LogCaptureFixture) -> None:
    task = make_task(Status.STARTED)
    fail(run_of(task), retry_in=2.5)
    assert caplog.messages[0].endswith(", next attempt in 2.5 s")
    assert caplog.records[0].__dict__["event"].fields["next_attempt_in"] == 2.5


def test_a_cancelled_one(caplog: pytest.LogCaptureFixture) -> None:
    task = make_task(Status.STARTED, cancel_requested_at=ago(1))
    fail(run_of(task))
    assert ": cancelled after " in caplog.messages[0]
    assert caplog.messages[0].endswith(", task REVOKED")


def test_what_is_void_has_none(caplog: pytest.LogCaptureFixture) -> None:
    task = make_task(Status.STARTED)
    assert not transitions.succeed(run_of(task, token=uuid4()), "11")
    assert caplog.messages == []
