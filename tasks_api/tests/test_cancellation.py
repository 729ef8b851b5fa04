"""Cancelling: at once where a task waits, asked where it runs, never where it is over."""

import pytest

from tasks_api import database, transitions
from tasks_api.database import database_now
from tasks_api.execution.lending import our_connection
from tasks_api.execution.outcomes import Success
from tasks_api.execution.running import execute
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, WAITING, Status
from tasks_api.models import Attempt, Task
from tasks_api.tests.conftest import Register
from testing.factories import ago, make_node, make_task, run_of, started
from testing.plans import empty, readings_of

pytestmark = pytest.mark.django_db

CANCELLED = {"type": "cancelled", "permanent": True, "message": "it was cancelled"}
FAILED = '{"type": "OSError", "message": "no network", "permanent": false}'


def fresh(task: Task) -> Task:
    return Task.objects.get(id=task.id)


class TestWaiting:
    @pytest.mark.parametrize("status", WAITING)
    def test_it_works(self, status: Status) -> None:
        task = make_task(status)
        assert transitions.cancel([task.id]) == {task.id}
        found = fresh(task)
        assert (found.status, found.error, found.dispatch_at) == (Status.REVOKED, CANCELLED, None)
        assert found.finished_at
        assert found.version == task.version + 1

    def test_its_message_runs_nothing(self) -> None:
        task = make_task()
        transitions.cancel([task.id])
        assert execute(task.id, task.priority, new_id()) is None
        assert fresh(task).attempt == 0

    def test_it_leaves_no_attempt(self) -> None:
        transitions.cancel([make_task().id])
        assert not Attempt.objects.exists()


class TestRunning:
    def test_it_is_asked(self) -> None:
        task, run = started()
        assert transitions.cancel([task.id]) == {task.id}
        found = fresh(task)
        assert (found.status, found.run_token) == (Status.STARTED, run.token)
        assert found.cancel_requested_at
        assert found.finished_at is None

    def test_its_node_finds_it(self) -> None:
        node = make_node()
        asked, stranger = make_task(Status.STARTED, node_id=node.id), make_task(Status.STARTED)
        make_task(Status.STARTED, node_id=node.id)
        transitions.cancel([asked.id, stranger.id])
        assert transitions.cancelled_on(node.id) == [asked.id]

    @pytest.mark.parametrize("retry_in", [None, 0, 60])
    def test_failing_it_is_revoked(self, retry_in: float | None) -> None:
        task, run = started()
        transitions.cancel([task.id])
        assert transitions.fail(run, FAILED, retry_in=retry_in)
        found = fresh(task)
        assert (found.status, found.error, found.dispatch_at) == (Status.REVOKED, CANCELLED, None)
        assert Attempt.objects.get().outcome == "cancelled"

    def test_failing_once_more_is_no_error(self) -> None:
        task, run = started()
        transitions.cancel([task.id])
        assert [transitions.fail(run, FAILED, retry_in=0) for _ in range(2)] == [True, True]
        assert fresh(task).status == Status.REVOKED

    def test_what_succeeds_all_the_same_has_succeeded(self) -> None:
        task, run = started()
        transitions.cancel([task.id])
        assert transitions.succeed(run, "11")
        found = fresh(task)
        assert (found.status, found.result, found.error) == (Status.SUCCESS, 11, None)

    def test_lost_it_is_revoked(self) -> None:
        task = make_task(Status.STARTED, cancel_requested_at=ago(1))
        make_node(alive_since=ago(60))
        assert transitions.rescue_from_dead_nodes(10) == [task.id]
        assert (fresh(task).status, fresh(task).error) == (Status.REVOKED, CANCELLED)

    def test_overdue_it_is_revoked(self) -> None:
        task = make_task(Status.STARTED, cancel_requested_at=ago(1), deadline_at=ago(1))
        assert transitions.rescue_overdue(10) == [task.id]
        assert fresh(task).status == Status.REVOKED

    def test_handed_back_it_is_revoked(self) -> None:
        task = make_task(Status.STARTED, cancel_requested_at=ago(1))
        assert task.node_id
        assert transitions.hand_back(task.node_id) == [task.id]
        assert fresh(task).status == Status.REVOKED
        assert Attempt.objects.get().outcome == "cancelled"

    def test_its_operation_is_told(self, register: Register) -> None:
        task = make_task(operation="throw_away", arguments={})

        @register
        def operation() -> None:
            """Be cancelled, and stop."""
            with our_connection():  # that of the test sees its rows
                transitions.cancel([task.id])
            raise InterruptedError

        execute(task.id, task.priority, make_node().id)
        assert (fresh(task).status, fresh(task).error) == (Status.REVOKED, CANCELLED)


class TestTwice:
    def test_the_first_time_stands(self) -> None:
        task, _ = started()
        transitions.cancel([task.id])
        first = fresh(task).cancel_requested_at
        assert transitions.cancel([task.id]) == {task.id}
        assert fresh(task).cancel_requested_at == first

    def test_one_that_waited_is_over(self) -> None:
        task = make_task()
        transitions.cancel([task.id])
        before = Task.objects.values().get()
        assert transitions.cancel([task.id]) == set()
        assert Task.objects.values().get() == before


@pytest.mark.parametrize("status", FINAL)
def test_what_is_over_stays(status: Status) -> None:
    task = make_task(status)
    before = Task.objects.values().get()
    assert transitions.cancel([task.id]) == set()
    assert Task.objects.values().get() == before


def test_many_at_once() -> None:
    tasks = {status: make_task(status) for status in Status}
    affected = transitions.cancel([*(task.id for task in tasks.values()), new_id()])
    assert affected == {tasks[status].id for status in (*WAITING, Status.STARTED)}


def test_none() -> None:
    assert transitions.cancel([]) == set()


def test_a_try_that_is_not_the_tasks_any_more_is_not_asked() -> None:
    """The one that was cancelled is over; whoever revives it does not inherit the wish."""
    task = make_task(Status.STARTED, cancel_requested_at=database_now())
    transitions.fail(run_of(task), FAILED)
    transitions.revive([task.id])
    assert execute(task.id, task.priority, make_node().id) == Success("11")
    assert fresh(task).status == Status.SUCCESS


class TestOfSchedules:
    def test_it_works(self) -> None:
        ours, theirs = new_id(), new_id()
        tasks = {status: make_task(status, schedule_id=ours) for status in Status}
        asked = make_task(Status.STARTED, schedule_id=ours, cancel_requested_at=ago(9))
        other = make_task(schedule_id=theirs)
        assert transitions.cancel_of_schedules([ours], 100) == 3
        found = {status: Task.objects.get(id=task.id) for status, task in tasks.items()}
        assert found[Status.PENDING].status == found[Status.RETRY].status == Status.REVOKED
        assert found[Status.STARTED].status == Status.STARTED
        assert found[Status.STARTED].cancel_requested_at is not None
        assert found[Status.SUCCESS].version == tasks[Status.SUCCESS].version
        assert Task.objects.get(id=asked.id).version == asked.version
        assert Task.objects.get(id=other.id).status == Status.PENDING

    def test_up_to_a_limit_those_that_run_first(self) -> None:
        schedule = new_id()
        oldest, newer = make_task(schedule_id=schedule), make_task(schedule_id=schedule)
        running = make_task(Status.STARTED, schedule_id=schedule)
        assert transitions.cancel_of_schedules([schedule], 2) == 2
        assert Task.objects.get(id=running.id).cancel_requested_at is not None
        assert Task.objects.get(id=oldest.id).status == Status.REVOKED
        assert Task.objects.get(id=newer.id).status == Status.PENDING

    def test_only_those_that_wait(self) -> None:
        schedule = new_id()
        running, waiting = make_task(Status.STARTED, schedule_id=schedule), make_task(schedule_id=schedule)
        assert transitions.cancel_of_schedules([schedule], 100, waiting_only=True) == 1
        assert Task.objects.get(id=running.id).cancel_requested_at is None
        assert Task.objects.get(id=waiting.id).status == Status.REVOKED

    def test_it_reads_what_has_not_ended(self) -> None:
        schedule = new_id()
        for _ in range(3):
            make_task(schedule_id=schedule)
        empty("task")
        Task.objects.bulk_create(
            Task(
                operation="calculate",
                arguments={},
                priority=5,
                max_attempts=1,
                final_attempt=1,
                retry_when_lost=False,
                timeout_seconds=1,
                run_at=ago(9),
                schedule_id=schedule,
                status=Status.SUCCESS,
                finished_at=ago(9),
            )
            for _ in range(3_000)
        )
        database.execute("ANALYZE task", [])
        readings = readings_of(lambda: transitions.cancel_of_schedules([schedule], 100), "task")
        assert sum(reading.rows for reading in readings) <= 20
