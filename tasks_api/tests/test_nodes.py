"""A process says that it is alive, and takes tasks back from its own dead children."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tasks_api.database import fetch_all
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Role, WorkerNode
from tasks_api.node import heartbeat
from tasks_api.node.heartbeat import Node, Presence, presence, tell_failure
from tasks_api.retention import forget_old_nodes
from testing.concurrency import apart, clients, eventually
from testing.factories import ago, make_node, make_task


@pytest.fixture
def node(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A worker that says very often that it is alive."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    node = Node(Role.WORKER, "worker@test")
    node.start()
    eventually(WorkerNode.objects.filter(id=node.id).exists)
    yield node
    node.stop()


def row(node: Node) -> WorkerNode:
    return WorkerNode.objects.get(id=node.id)


class TestNode:
    def test_it_works(self, node: Node) -> None:
        found = row(node)
        assert (found.role, found.name, found.stopped_at) == (Role.WORKER, "worker@test", None)
        assert presence()[Role.WORKER].alive == 1

    def test_it_says_so_again_and_again(self, node: Node) -> None:
        first = row(node)
        eventually(lambda: row(node).beat_at > first.beat_at)
        assert row(node).started_at == first.started_at

    def test_it_tells_of_its_end(self, node: Node) -> None:
        node.stop()
        assert row(node).stopped_at is not None
        assert presence()[Role.WORKER].alive == 0

    def test_it_survives_the_loss_of_its_connection(self, node: Node) -> None:
        before = clients()
        assert apart(kill_others).result(30)
        killed_at = row(node).beat_at
        eventually(lambda: row(node).beat_at > killed_at)
        assert clients() != before

    def test_a_row_that_was_removed_comes_back(self, node: Node) -> None:
        WorkerNode.objects.all().delete()
        eventually(WorkerNode.objects.filter(id=node.id).exists)


def kill_others() -> bool:
    """Ends the connections of threads that have said last that a node is alive."""
    rows = fetch_all(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE '%%INSERT INTO worker_node%%' AND pid <> pg_backend_pid()",
        [],
    )
    return bool(rows)


def test_a_name_of_its_own() -> None:
    assert Node(Role.BEAT).name.startswith("beat@")


@pytest.mark.django_db
class TestPresence:
    def test_it_works(self) -> None:
        node = make_node(Role.SWEEPER)
        assert presence() == {
            Role.WORKER: Presence(0, None),
            Role.SWEEPER: Presence(1, node.started_at),
            Role.BEAT: Presence(0, None),
        }

    def test_one_that_runs_a_single_task_is_no_worker(self) -> None:
        make_node(Role.FOREGROUND)
        assert set(presence().values()) == {Presence(0, None)}

    def test_since_the_first_of_those_that_live(self) -> None:
        make_node(started_at=ago(300), beat_at=ago(100))
        first = make_node(started_at=ago(200), beat_at=ago(0))
        make_node(started_at=ago(100), beat_at=ago(0))
        assert presence()[Role.WORKER] == Presence(2, first.started_at)

    def test_since_the_last_of_those_that_lived(self) -> None:
        stopped = make_node(beat_at=ago(50), stopped_at=ago(40))
        make_node(beat_at=ago(60))
        assert presence()[Role.WORKER] == Presence(0, stopped.stopped_at)

    @pytest.mark.parametrize(("silent_for", "alive"), [(0, 1), (5, 1), (11, 0)])
    def test_a_silent_one_is_dead_after_its_lease(self, silent_for: float, alive: int) -> None:
        make_node(beat_at=ago(silent_for))
        assert presence()[Role.WORKER].alive == alive


@pytest.mark.django_db
class TestFailing:
    """What is alive may fail all the same."""

    def test_it_works(self) -> None:
        node = make_node(Role.SWEEPER)
        assert tell_failure(node.id, "expiring tasks: 1 left out")
        found = presence()[Role.SWEEPER]
        assert (found.alive, found.failure) == (1, "expiring tasks: 1 left out")
        assert found.failing_since is not None
        assert tell_failure(node.id, "something else")
        assert presence()[Role.SWEEPER] == found._replace(failure="something else")
        assert tell_failure(node.id, None)
        assert presence()[Role.SWEEPER] == Presence(1, node.started_at)

    def test_the_one_that_fails_for_longest_counts(self) -> None:
        make_node(Role.SWEEPER)
        make_node(Role.SWEEPER, failing_since=ago(10), failure="young")
        make_node(Role.SWEEPER, failing_since=ago(20), failure="old")
        make_node(Role.SWEEPER, failing_since=ago(30), failure="gone", beat_at=ago(20))
        assert presence()[Role.SWEEPER].failure == "old"

    def test_a_process_that_nobody_knows(self) -> None:
        assert not tell_failure(new_id(), "anything")


@pytest.mark.django_db
class TestForgetting:
    def test_it_works(self) -> None:
        make_node(beat_at=ago(100_000))
        young: UUID = make_node(beat_at=ago(80_000)).id
        assert forget_old_nodes() == 1
        assert WorkerNode.objects.get().id == young

    def test_not_one_that_left_a_task(self) -> None:
        node = make_node(beat_at=ago(100_000))
        make_task(Status.STARTED, node_id=node.id)
        assert forget_old_nodes() == 0
