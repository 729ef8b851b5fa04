"""The forms of `/workers/`."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from access.actor import Actor
from rest.json import instant_text
from tasks_api.api.filters import Page
from tasks_api.known_nodes import NOBODY_RUNS, NodeState, Running, running_on, state_of
from tasks_api.models import WorkerNode

MOST_VALUES = 20
NodeRole = Literal["worker", "sweeper", "beat", "foreground"]


class WorkerListQuery(Page):
    """Query parameters of `GET /workers/`."""

    state: Annotated[
        list[Annotated[NodeState, Field(strict=False)]],
        Field(max_length=MOST_VALUES, description="May be repeated to match any of several."),
    ] = []
    role: Annotated[
        list[NodeRole],
        Field(max_length=MOST_VALUES, description="May be repeated to match any of several."),
    ] = []


def represent_all(nodes: Sequence[WorkerNode], actor: Actor) -> list[dict[str, Any]]:
    """Processes of `known_nodes.nodes` as an actor sees them: of what runs there, the tasks of their project.

    How many run in all, is for those who belong to no project.
    """
    running = running_on([node.id for node in nodes], actor.project_id) if nodes else {}
    return [
        _represent(node, running.get(node.id, NOBODY_RUNS), sees_all=not actor.is_bound) for node in nodes
    ]


def represent(node: WorkerNode, actor: Actor) -> dict[str, Any]:
    """The same of one."""
    return represent_all([node], actor)[0]


def _represent(node: WorkerNode, running: Running, *, sees_all: bool) -> dict[str, Any]:
    now = node.now  # type: ignore[attr-defined] # annotated by `known_nodes.nodes`
    return {
        "id": str(node.id),
        "role": node.role,
        "name": node.name,
        "state": state_of(node, now),
        "version": node.version,
        "started_at": instant_text(node.started_at),
        "beat_at": instant_text(node.beat_at),
        "beat_age_seconds": round(max((now - node.beat_at).total_seconds(), 0.0), 3),
        "stopped_at": instant_text(node.stopped_at),
        "draining_since": instant_text(node.draining_since),
        "slots": node.slots,
        "running": {"count": running.own, "tasks": [str(each) for each in running.ids]},
        "running_in_all_projects": running.in_all if sees_all else None,
        "failing_since": instant_text(node.failing_since),
        "failure": node.failure,
    }
