"""The processes of the service, as their table knows them: who is alive, what it runs, and how one is asked to stop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, DurationField, Func, Q, QuerySet

from access.actions.projects import OfInstallation
from access.actor import Actor
from access.audit.events import Action, target
from access.audit.recording import INSTALLATION, record
from tasks_api.database import execute, fetch_all
from tasks_api.models import Role, WorkerNode
from tasks_api.transitions import NODE_LEASE_SECONDS

MOST_IDS = 100
"""Of running tasks that are told for one node."""


class NodeState(StrEnum):
    """Whether a process is there."""

    ALIVE = "alive"
    SILENT = "silent"
    """It has not said for a whole lease that it is alive, and did not end in order."""
    STOPPED = "stopped"


class NoSuchNode(Exception):
    """There is none with this id, or it ended a day ago."""

    def __init__(self) -> None:
        super().__init__("there is no worker with this id; those that ended are kept for a day")


class NotDrainable(Exception):
    """It takes no tasks that it could stop taking."""


class Running(NamedTuple):
    """The tasks that run on a node."""

    in_all: int = 0
    own: int = 0
    """Of one project."""
    ids: Sequence[UUID] = ()
    """Of those, the first `MOST_IDS`."""


NOBODY_RUNS = Running()
_CLOCK = Func(function="clock_timestamp", output_field=DateTimeField())
_LEASE = Func(
    NODE_LEASE_SECONDS, template="make_interval(secs => %(expressions)s)", output_field=DurationField()
)
_HAS_BEATEN = Q(beat_at__gt=_CLOCK - _LEASE)
_OF_STATE = {
    NodeState.ALIVE: Q(stopped_at=None) & _HAS_BEATEN,
    NodeState.SILENT: Q(stopped_at=None) & ~_HAS_BEATEN,
    NodeState.STOPPED: Q(stopped_at__isnull=False),
}

RUNNING_SQL = f"""
SELECT node_id, count(*), count(*) FILTER (WHERE project_id = %(project)s),
       coalesce((array_agg(id ORDER BY id) FILTER (WHERE project_id = %(project)s))[:{MOST_IDS}], '{{}}')
  FROM task WHERE status = 'STARTED' AND node_id = ANY(%(nodes)s) GROUP BY node_id
"""  # noqa: S608 (a constant)
# One that is stopping is asked no more. What the node writes itself, at its beats, waits until this is committed.
DRAIN_SQL = """
UPDATE worker_node SET draining_since = clock_timestamp()
 WHERE id = %s AND role = 'worker' AND stopped_at IS NULL AND draining_since IS NULL
   AND beat_at > clock_timestamp() - make_interval(secs => %s)
"""


def nodes(states: Sequence[NodeState] = (), roles: Sequence[str] = ()) -> QuerySet[WorkerNode]:
    """Those in any of these states and roles; without any, all. Each has `now`, by the database's clock."""
    found = WorkerNode.objects.annotate(now=_CLOCK)
    if states:
        found = found.filter(Q.create([_OF_STATE[state] for state in states], connector=Q.OR))
    return found.filter(role__in=roles) if roles else found


def find(node_id: UUID) -> WorkerNode:
    """Raises NoSuchNode."""
    node = nodes().filter(id=node_id).first()
    if node is None:
        raise NoSuchNode
    return node


def state_of(node: WorkerNode, now: datetime) -> NodeState:
    """By the clock of the database."""
    if node.stopped_at is not None:
        return NodeState.STOPPED
    silent_for = (now - node.beat_at).total_seconds()
    return NodeState.ALIVE if silent_for < NODE_LEASE_SECONDS else NodeState.SILENT


def running_on(node_ids: Sequence[UUID], project_id: int) -> Mapping[UUID, Running]:
    """By node, what runs there; `own` is what is of a project. A node that runs nothing is left out."""
    found = fetch_all(RUNNING_SQL, {"nodes": list(node_ids), "project": project_id})
    return {node: Running(in_all, own, ids) for node, in_all, own, ids in found}


def drain(node_id: UUID, actor: Actor) -> WorkerNode:
    """Ask a worker to take no more tasks, and to end as where SIGTERM asks it. Asking twice is asking once.

    It learns of it within two seconds. Raises OfInstallation, NoSuchNode, NotDrainable.
    """
    if actor.is_bound:
        raise OfInstallation
    with transaction.atomic():
        if execute(DRAIN_SQL, [node_id, NODE_LEASE_SECONDS]):
            record(actor, Action.WORKER_DRAIN, target("worker", node_id), project_id=INSTALLATION)
            return find(node_id)
    node = find(node_id)
    if node.role != Role.WORKER:
        raise NotDrainable(f"it is a {node.role}, and only a worker has tasks to end before it stops")
    state = state_of(node, node.now)  # type: ignore[attr-defined] # annotated by `nodes`
    if state != NodeState.ALIVE:
        raise NotDrainable(f"the worker is {state}, so there is nothing that could be drained")
    return node
