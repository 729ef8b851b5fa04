"""A worker that stops gives back what it runs; that was nobody's fault, so it does not count."""

import pytest

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Attempt, Task
from testing.factories import ago, make_node, make_task, run_of

pytestmark = pytest.mark.django_db


def fresh(task: Task) -> Task:
    return Task.objects.get(id=task.id)


@pytest.mark.parametrize("attempt", [1, 3, 4])
def test_it_works(attempt: int) -> None:
    node = make_node()
    task = make_task(Status.STARTED, node_id=node.id, attempt=attempt, max_attempts=3)
    assert transitions.hand_back(node.id) == [task.id]
    found = fresh(task)
    assert (found.status, found.attempt, found.final_attempt) == (Status.RETRY, attempt, 4)
    assert (found.node_id, found.run_token, found.deadline_at, found.finished_at) == (None, None, None, None)
    assert found.error == {
        "type": "interrupted",
        "permanent": False,
        "message": "its worker stopped; this attempt does not count",
    }


def test_what_may_not_be_repeated_is_not() -> None:
    """Its work may be half done: for the sake of a restart it is not begun anew."""
    task = make_task(Status.STARTED, max_attempts=1, final_attempt=1, retry_when_lost=False)
    assert task.node_id
    assert transitions.hand_back(task.node_id) == [task.id]
    found = fresh(task)
    assert (found.status, found.dispatch_at) == (Status.FAILURE, None)
    assert found.error
    assert (found.error["type"], found.error["permanent"]) == ("interrupted", True)
    assert Attempt.objects.get().outcome == "interrupted"


def test_it_is_due_at_once() -> None:
    task = make_task(Status.STARTED)
    assert task.node_id
    transitions.hand_back(task.node_id)
    (message,) = transitions.take_due(10, resend_seconds=RESEND_SECONDS)
    assert message.task_id == task.id


def test_it_is_recorded() -> None:
    node = make_node(name="worker@here")
    task = make_task(Status.STARTED, node_id=node.id)
    transitions.hand_back(node.id)
    attempt = Attempt.objects.get()
    assert (attempt.task_id, attempt.number, attempt.worker) == (task.id, 1, "worker@here")
    assert (attempt.outcome, attempt.error) == ("interrupted", fresh(task).error)


def test_all_of_a_node_and_nothing_of_another() -> None:
    node = make_node()
    mine = {make_task(Status.STARTED, node_id=node.id).id for _ in range(3)}
    others = [make_task(status) for status in Status]
    assert set(transitions.hand_back(node.id)) == mine
    assert [fresh(task).status for task in others] == list(Status)


def test_one_of_a_node() -> None:
    node = make_node()
    task, neighbour = (make_task(Status.STARTED, node_id=node.id) for _ in range(2))
    assert transitions.hand_back(node.id, task.id) == [task.id]
    assert fresh(neighbour).status == Status.STARTED


def test_another_nodes_task_is_not_ours_to_give() -> None:
    task = make_task(Status.STARTED)
    assert transitions.hand_back(new_id(), task.id) == []
    assert fresh(task).status == Status.STARTED


def test_twice_is_once() -> None:
    task = make_task(Status.STARTED)
    assert task.node_id
    assert [len(transitions.hand_back(task.node_id)) for _ in range(2)] == [1, 0]
    assert fresh(task).final_attempt == 4


def test_what_it_brings_afterwards_is_void() -> None:
    task = make_task(Status.STARTED, started_at=ago(30))
    assert task.node_id
    transitions.hand_back(task.node_id)
    assert not transitions.succeed(run_of(task), "12")
    assert not transitions.fail(run_of(task), "{}", retry_in=0)
    assert Attempt.objects.count() == 1
