"""Tasks are taken back from workers that are gone."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task, WorkerNode
from testing.clock import Clock
from testing.factories import ago, make_node, make_task

pytestmark = pytest.mark.django_db

WELL_BEFORE = 20
"""Seconds; longer than a lease."""


@pytest.fixture
def witness() -> WorkerNode:
    """A node that has beaten for a whole lease without a gap: it is not the database that was silent."""
    return make_node(Role.BEAT, alive_since=ago(WELL_BEFORE))


def rescue(limit: int = 10) -> list[Any]:
    return transitions.rescue_from_dead_nodes(limit)


def started_on(node_id: Any, **changes: Any) -> Task:
    return make_task(Status.STARTED, node_id=node_id, **changes)


@pytest.mark.usefixtures("witness")
class TestDeadNodes:
    def test_it_works(self) -> None:
        task = started_on(make_node(beat_at=ago(60)).id)
        assert rescue() == [task.id]
        task.refresh_from_db()
        assert (task.status, task.node_id, task.run_token) == (Status.RETRY, None, None)
        assert task.error == {
            "type": "lost",
            "permanent": False,
            "message": "the worker that ran attempt 1 is gone",
        }
        assert task.finished_at is None

    def test_it_is_due_at_once_and_as_if_never_sent(self) -> None:
        task = started_on(make_node(beat_at=ago(60)).id)
        rescue()
        (message,) = transitions.take_due(10, resend_seconds=[5])
        assert message.task_id == task.id

    @pytest.mark.parametrize(
        ("beat_at", "stopped_at", "is_dead"),
        [
            (ago(-86_400), None, False),
            (ago(60), None, True),
            (ago(-86_400), ago(0), True),
            (ago(60), ago(50), True),
        ],
    )
    def test_when_a_node_is_dead(self, beat_at: datetime, stopped_at: datetime | None, is_dead: bool) -> None:
        task = started_on(make_node(beat_at=beat_at, stopped_at=stopped_at).id)
        assert rescue() == ([task.id] if is_dead else [])

    def test_a_node_that_nobody_knows_is_dead(self) -> None:
        task = started_on(new_id())
        assert rescue() == [task.id]

    def test_a_node_has_a_lease_before_anybody_must_know_it(self) -> None:
        started_on(new_id(), started_at=ago(-86_400))
        assert rescue() == []

    def test_others_are_left_alone(self) -> None:
        alive = make_node(beat_at=ago(-86_400))
        well, lost = started_on(alive.id), started_on(make_node(beat_at=ago(60)).id)
        assert rescue() == [lost.id]
        well.refresh_from_db()
        assert well.status == Status.STARTED

    def test_twice_is_once(self) -> None:
        started_on(new_id())
        assert len(rescue()) == 1
        assert rescue() == []

    def test_it_takes_so_many_at_a_time(self) -> None:
        tasks = [started_on(new_id()) for _ in range(3)]
        assert set(rescue(limit=2)) == {task.id for task in tasks[:2]}
        assert rescue(limit=2) == [tasks[2].id]


class TestWitness:
    """Who is silent is dead only while somebody else is not."""

    @pytest.mark.parametrize(
        ("beat_at", "alive_since", "stopped_at", "is_rescued"),
        [
            (0, WELL_BEFORE, None, True),
            (0, 11, None, True),
            (0, 9, None, False),
            (4, WELL_BEFORE, None, True),
            (6, WELL_BEFORE, None, False),
            (11, WELL_BEFORE, None, False),
            (0, WELL_BEFORE, 0, False),
        ],
    )
    def test_it_works(
        self, clock: Clock, beat_at: float, alive_since: float, stopped_at: float | None, is_rescued: bool
    ) -> None:
        now = clock.now()
        make_node(
            Role.SWEEPER,
            beat_at=now - timedelta(seconds=beat_at),
            alive_since=now - timedelta(seconds=alive_since),
            stopped_at=None if stopped_at is None else now - timedelta(seconds=stopped_at),
        )
        task = started_on(make_node(beat_at=ago(60)).id)
        assert rescue() == ([task.id] if is_rescued else [])

    def test_without_any_nobody_is_dead(self) -> None:
        started_on(make_node(beat_at=ago(60), alive_since=ago(3_600)).id)
        started_on(new_id())
        assert rescue() == []


@pytest.mark.usefixtures("witness")
class TestAllowance:
    @pytest.mark.parametrize(
        ("attempt", "max_attempts", "status"),
        [
            (1, 1, Status.FAILURE),
            (1, 2, Status.RETRY),
            (2, 2, Status.FAILURE),
            (3, 2, Status.FAILURE),
            (99, 100, Status.RETRY),
        ],
    )
    def test_a_lost_try_counts(self, attempt: int, max_attempts: int, status: Status) -> None:
        task = started_on(new_id(), attempt=attempt, max_attempts=max_attempts)
        rescue()
        task.refresh_from_db()
        assert task.status == status
        assert task.attempt == attempt

    def test_the_last_one_ends_it(self) -> None:
        task = started_on(new_id(), attempt=3, max_attempts=3)
        rescue()
        task.refresh_from_db()
        assert task.error == {
            "type": "lost",
            "permanent": True,
            "message": "the worker that ran attempt 3 is gone",
        }
        assert task.finished_at is not None
        assert task.dispatch_at is None
        assert task.run_token is None


class TestOneRun:
    """The node lives on, but the process that ran the task is gone."""

    def test_it_works(self) -> None:
        node = make_node()
        task, neighbour = started_on(node.id), started_on(node.id)
        assert transitions.rescue_run(task.id, node.id)
        task.refresh_from_db()
        neighbour.refresh_from_db()
        assert (task.status, neighbour.status) == (Status.RETRY, Status.STARTED)

    def test_another_nodes_run_is_not_ours(self) -> None:
        task = started_on(make_node().id)
        assert not transitions.rescue_run(task.id, make_node().id)
        task.refresh_from_db()
        assert task.status == Status.STARTED

    @pytest.mark.parametrize("status", [each for each in Status if each != Status.STARTED])
    def test_what_does_not_run_is_left_alone(self, status: Status) -> None:
        task = make_task(status)
        assert not transitions.rescue_run(task.id, make_node().id)
        task.refresh_from_db()
        assert task.status == status

    def test_an_unknown_task(self) -> None:
        assert not transitions.rescue_run(new_id(), make_node().id)
