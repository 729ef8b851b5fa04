"""What a worker's process tells Celery of a run."""

import pickle
from typing import Any

import pytest
from celery.exceptions import Ignore
from django.core.cache import caches

from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task
from tasks_api.node import worker_node
from tasks_api.node.heartbeat import Node
from tasks_api.node.worker_node import NotRecorded, OperationFailed
from tasks_api.worker import Traced, run, trace, trace_by_ourselves
from testing.factories import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is one of a worker."""
    monkeypatch.setattr(worker_node._process, "node", Node(Role.WORKER, "of a test"), raising=False)


def traced(task_id: Any, priority: int = 5) -> Traced:
    return trace(str(task_id), (str(task_id), priority), {}, {})


def raised(traced: Traced) -> BaseException:
    """As the parent gets it."""
    assert traced.has_failed
    error: BaseException = pickle.loads(pickle.dumps(traced.error)).exception  # noqa: S301 (it is ours)
    return getattr(error, "exc", error)


def test_a_success() -> None:
    task = make_task()
    error, has_failed, seconds, result = traced(task.id)
    assert (error, has_failed, result) == (None, False, "None")
    assert seconds >= 0
    assert Task.objects.get(id=task.id).status == Status.SUCCESS


def test_of_a_failure_the_type_of_its_error() -> None:
    error = raised(traced(make_task(arguments={"expression": "1/0"}).id))
    assert isinstance(error, OperationFailed)
    assert error.args == ("division_by_zero",)


def test_that_there_was_nothing_to_run() -> None:
    assert isinstance(raised(traced(new_id())), Ignore)


def test_that_nobody_knows_what_became_of_it(caplog: pytest.LogCaptureFixture) -> None:
    error = raised(traced("no id"))
    assert isinstance(error, NotRecorded)
    assert error.args == ("ValueError",)
    assert "task no id cannot be claimed" in caplog.text


def test_caches_are_closed_as_after_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(caches["default"], "close", lambda: closed.append(True))
    traced(make_task().id)
    traced(new_id())
    assert closed == [True, True]


def test_celery_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "__trace__", None)
    trace_by_ourselves()
    assert run.__trace__ is trace
