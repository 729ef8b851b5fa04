"""A node knows since when it has beaten without a gap: after one, nobody is taken for dead for a whole lease."""

from datetime import datetime, timedelta

import pytest

from tasks_api import transitions
from tasks_api.database import execute
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task, WorkerNode
from tasks_api.node.heartbeat import Node
from testing.clock import Clock
from testing.factories import make_node, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def ago(seconds: float) -> datetime:
    """An instant before the one at which the clock stands."""
    return Clock().now() - timedelta(seconds=seconds)


@pytest.fixture
def node(clock: Clock) -> Node:
    """One whose thread does not run: it beats when a test says so."""
    node = Node(Role.BEAT, "beat@test")
    node._beat()
    return node


def row(node: Node) -> WorkerNode:
    return WorkerNode.objects.get(id=node.id)


def lies_back(node: Node, *, beat_at: datetime, alive_since: datetime) -> None:
    WorkerNode.objects.filter(id=node.id).update(beat_at=beat_at, alive_since=alive_since)


def test_it_begins_with_the_first_beat(node: Node) -> None:
    assert row(node).alive_since == row(node).beat_at == row(node).started_at


@pytest.mark.parametrize("silent_for", [0, 2, 4])
def test_it_stays_while_the_node_beats(node: Node, silent_for: float) -> None:
    since = ago(3_600)
    lies_back(node, beat_at=ago(silent_for), alive_since=since)
    node._beat()
    assert row(node).alive_since == since


@pytest.mark.parametrize("silent_for", [6, 11, 3_600])
def test_a_gap_resets_it(node: Node, silent_for: float) -> None:
    lies_back(node, beat_at=ago(silent_for), alive_since=ago(7_200))
    before = ago(0.001)
    node._beat()
    assert row(node).alive_since == row(node).beat_at >= before


def test_a_row_that_was_removed_begins_anew(node: Node) -> None:
    lies_back(node, beat_at=ago(1), alive_since=ago(3_600))
    execute("DELETE FROM worker_node", [])
    node._beat()
    assert row(node).alive_since == row(node).beat_at


class TestAfterTheDatabaseWasAway:
    """Nobody has written for a while; then the first to come back looks for the dead."""

    @pytest.fixture
    def task(self, clock: Clock) -> Task:
        """It runs on a node that has not come back yet."""
        silent = make_node(beat_at=ago(60), alive_since=ago(3_600))
        return make_task(Status.STARTED, node_id=silent.id, started_at=ago(70))

    def test_nobody_is_declared_dead_for_one_lease(self, node: Node, task: Task) -> None:
        lies_back(node, beat_at=ago(60), alive_since=ago(3_600))
        node._beat()
        assert transitions.rescue_from_dead_nodes(10) == []
        lies_back(node, beat_at=ago(0), alive_since=ago(transitions.NODE_LEASE_SECONDS - 1))
        assert transitions.rescue_from_dead_nodes(10) == []

    def test_then_who_is_still_silent_is(self, node: Node, task: Task) -> None:
        lies_back(node, beat_at=ago(0), alive_since=ago(transitions.NODE_LEASE_SECONDS + 1))
        assert transitions.rescue_from_dead_nodes(10) == [task.id]

    def test_nobody_is_even_before_the_first_beat(self, node: Node, task: Task) -> None:
        """An outage a little shorter than a lease: some had just beaten before, some had been about to."""
        lies_back(node, beat_at=ago(8), alive_since=ago(3_600))
        WorkerNode.objects.exclude(id=node.id).update(beat_at=ago(11))
        assert transitions.rescue_from_dead_nodes(10) == []
