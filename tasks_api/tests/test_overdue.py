"""The watchdog: a try that nothing else could end is ended by the sweep."""

import pytest

from tasks_api import transitions
from tasks_api.broker.messages import HARD_LIMIT_GRACE_SECONDS
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Task
from tasks_api.transitions.runs import WATCHDOG_SECONDS
from tasks_api.upkeep import Upkeep
from testing.broker import Lists
from testing.factories import ago, make_node, make_task, run_of

pytestmark = pytest.mark.django_db


def overdue(**changes: object) -> Task:
    """One that runs too long, on a node that lives."""
    return make_task(Status.STARTED, node_id=make_node().id, deadline_at=ago(1), **changes)


@pytest.mark.parametrize("retry_when_lost", [True, False])
@pytest.mark.parametrize(
    ("attempt", "status", "permanent"), [(1, Status.RETRY, False), (3, Status.FAILURE, True)]
)
def test_it_works(attempt: int, status: Status, permanent: bool, retry_when_lost: bool) -> None:
    task = overdue(attempt=attempt, retry_when_lost=retry_when_lost)
    assert transitions.rescue_overdue(10) == [task.id]
    task.refresh_from_db()
    assert (task.status, task.node_id, task.run_token, task.deadline_at) == (status, None, None, None)
    assert task.error == {
        "type": "timeout",
        "permanent": permanent,
        "message": "it did not end within timeout_seconds and was killed",
    }
    assert Attempt.objects.get().outcome == "timeout"


def test_its_result_is_void_should_it_ever_come() -> None:
    task = overdue()
    transitions.rescue_overdue(10)
    assert not transitions.succeed(run_of(task), "12")


def test_one_that_has_time_left_runs_on() -> None:
    task = make_task(Status.STARTED, deadline_at=ago(-60))
    assert transitions.rescue_overdue(10) == []
    task.refresh_from_db()
    assert task.status == Status.STARTED


def test_it_takes_so_many_at_a_time_the_oldest_first() -> None:
    tasks = [make_task(Status.STARTED, deadline_at=ago(seconds)) for seconds in (1, 3, 2)]
    assert set(transitions.rescue_overdue(2)) == {tasks[1].id, tasks[2].id}
    assert transitions.rescue_overdue(2) == [tasks[0].id]


def test_signals_come_first() -> None:
    assert WATCHDOG_SECONDS > HARD_LIMIT_GRACE_SECONDS


def test_each_try_has_its_own_time() -> None:
    task = overdue()
    transitions.rescue_overdue(10)
    assert transitions.claim(task.id, task.priority, token=new_id(), node=new_id())
    assert transitions.rescue_overdue(10) == []


@pytest.mark.django_db(transaction=True)
def test_the_sweep_does_it(broker: Lists) -> None:
    Upkeep().run()
    task = overdue()
    assert Upkeep().run().rescued == 1
    assert [message.task_id for message in broker.sent()] == [str(task.id)]
