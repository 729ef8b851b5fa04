"""A worker learns from its row that it is to drain, and tells there what it is."""

import os
from collections.abc import Iterator
from uuid import UUID

import pytest

from tasks_api.models import WorkerNode
from tasks_api.node import heartbeat
from tasks_api.node.heartbeat import TIME_ZONE_DATA
from tasks_api.node.worker_node import TaskNode
from testing.api import Api
from testing.concurrency import eventually
from values.version import VERSION


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Signals that a node sends to its own process, which is that of the tests."""
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _, number: sent.append(number))
    return sent


@pytest.fixture
def node(transactional_db: None, killed: list[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskNode]:
    """One that says very often that it is alive."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    node = TaskNode("worker@test", 2)
    node.start()
    eventually(lambda: WorkerNode.objects.filter(id=node.id, clock_offset_seconds__isnull=False).exists())
    yield node
    node.stop()


def row(node_id: UUID) -> WorkerNode:
    return WorkerNode.objects.get(id=node_id)


def test_it_says_what_it_is(node: TaskNode) -> None:
    found = row(node.id)
    assert (found.version, found.time_zone_data) == (VERSION, TIME_ZONE_DATA)
    assert abs(found.clock_offset_seconds or 0) < 60
    assert found.draining_since is None


def test_it_learns_from_its_row(node: TaskNode, killed: list[int]) -> None:
    assert Api().send("POST", f"/workers/{node.id}/drain/").status == 200
    eventually(lambda: killed)


def test_a_signal_is_in_its_row(node: TaskNode, killed: list[int]) -> None:
    node.drain()
    eventually(lambda: row(node.id).draining_since is not None)
    assert not killed
