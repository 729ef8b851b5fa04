"""Running again what has failed or was revoked."""

import pytest

from tasks_api import transitions
from tasks_api.execution.outcomes import Success
from tasks_api.execution.running import execute
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Task
from testing.factories import ago, make_node, make_task, message_of, run_of

pytestmark = pytest.mark.django_db

REVIVABLE = (Status.FAILURE, Status.REVOKED)


def fresh(task: Task) -> Task:
    return Task.objects.get(id=task.id)


@pytest.mark.parametrize("status", REVIVABLE)
def test_it_works(status: Status) -> None:
    task = make_task(
        status,
        attempt=3,
        expires_at=ago(40),
        cancel_requested_at=ago(35),
        progress={"percent": 50, "message": None},
        priority=8,
    )
    assert transitions.revive([task.id]) == 1
    found = fresh(task)
    assert (found.status, found.attempt, found.final_attempt, found.priority) == (Status.PENDING, 3, 6, 8)
    assert (found.expires_at, found.cancel_requested_at, found.finished_at) == (None, None, None)
    assert (found.result, found.error, found.progress, found.run_token) == (None, None, None, None)
    assert found.run_at > task.run_at
    assert found.version == task.version + 1


def test_it_runs_again() -> None:
    task = make_task(Status.FAILURE)
    transitions.revive([task.id])
    assert execute(task.id, task.priority, make_node().id) == Success("11")
    assert (fresh(task).status, fresh(task).attempt) == (Status.SUCCESS, 2)


def test_the_next_sweep_hands_it_over() -> None:
    task = make_task(Status.FAILURE)
    transitions.revive([task.id])
    assert transitions.take_due(10, resend_seconds=RESEND_SECONDS) == [message_of(task)]


def test_the_run_of_before_is_void() -> None:
    task = make_task(Status.FAILURE)
    transitions.revive([task.id])
    assert not transitions.succeed(run_of(task), "12")
    assert not transitions.fail(run_of(task), "{}")
    assert fresh(task).status == Status.PENDING


@pytest.mark.parametrize("status", [each for each in Status if each not in REVIVABLE])
def test_another_stays(status: Status) -> None:
    task = make_task(status)
    before = Task.objects.values().get()
    assert transitions.revive([task.id]) == 0
    assert Task.objects.values().get() == before


def test_twice_is_once() -> None:
    task = make_task(Status.FAILURE)
    assert [transitions.revive([task.id]) for _ in range(2)] == [1, 0]
    assert fresh(task).final_attempt == 4


def test_many_at_once() -> None:
    tasks = {status: make_task(status) for status in Status}
    assert transitions.revive([*(task.id for task in tasks.values()), new_id()]) == len(REVIVABLE)
    assert {fresh(tasks[status]).status for status in REVIVABLE} == {Status.PENDING}
