"""`/ui/workers/`: the processes of the installation, and what runs in them."""

from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse

from access.actor import Actor
from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from tasks_api import known_nodes
from tasks_api.api.worker_views import WorkerView
from tasks_api.known_nodes import NOBODY_RUNS, NodeState, Running
from tasks_api.models import Role, WorkerNode
from values.version import VERSION

MOST_SHOWN = 100
TASKS_SHOWN = 4
LOOKS = {NodeState.ALIVE: "alive", NodeState.SILENT: "dead", NodeState.STOPPED: "stopped"}


class ShownNode(NamedTuple):
    """A process as the page shows it. `look` is how its state is shown, `word` what it is called."""

    node: WorkerNode
    state: NodeState
    running: Running
    in_all: int | None
    """How many tasks of all projects run there; None: not for this actor."""
    may_drain: bool

    @property
    def id_text(self) -> str:
        """For ids of elements."""
        return str(self.node.id)

    @property
    def look(self) -> str:
        """What is most worth knowing of it."""
        if self.state is not NodeState.ALIVE:
            return LOOKS[self.state]
        return "draining" if self.node.draining_since else "failing" if self.node.failing_since else "alive"

    @property
    def word(self) -> str:
        """The same for people."""
        return "silent" if self.state is NodeState.SILENT else self.look

    @property
    def is_other_version(self) -> bool:
        """Whether it is of another one than this page."""
        return self.node.version is not None and self.node.version != VERSION

    @property
    def ids(self) -> list[str]:
        """The first few of the tasks that run there."""
        return [str(each) for each in self.running.ids[:TASKS_SHOWN]]

    @property
    def more(self) -> int:
        """How many besides those."""
        return self.running.own - len(self.ids)


@page(Scope.WORKERS_READ, section="workers")
def worker_list(request: PageRequest) -> HttpResponse:
    """Those of one state, those that began last first."""
    state = _chosen(request, "state", list(NodeState)) or NodeState.ALIVE
    role = _chosen(request, "role", Role.values)
    rows = known_nodes.nodes([NodeState(state)], [role] if role else ()).order_by("-id")[: MOST_SHOWN + 1]
    nodes = list(rows)
    query = {"state": state, **({"role": role} if role else {})}
    context = {
        "nodes": _shown(nodes[:MOST_SHOWN], request.actor),
        "has_more": len(nodes) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "state": state,
        "role": role,
        "states": list(NodeState),
        "version": VERSION,
    }
    return render(request, "dashboard/workers/list.html", context, call=Call("/workers/", query))


@page(Scope.WORKERS_DRAIN, section="workers", post=Scope.WORKERS_DRAIN, refusals=WorkerView.refusals)
def worker_drain(request: PageRequest, worker_id: UUID) -> HttpResponse:
    """Ask whether a worker is to end, and let it end."""
    if request.method == "POST":
        known_nodes.drain(worker_id, request.actor)
        return see(request, "workers/", "It takes no more tasks, and ends.")
    [shown] = _shown([known_nodes.find(worker_id)], request.actor)
    call = Call(f"/workers/{worker_id}/drain/", method="POST")
    return render(request, "dashboard/workers/drain.html", {"shown": shown}, call=call)


def _shown(nodes: list[WorkerNode], actor: Actor) -> list[ShownNode]:
    running = known_nodes.running_on([node.id for node in nodes], actor.project_id) if nodes else {}
    may_drain = actor.may(Scope.WORKERS_DRAIN) and not actor.is_bound
    shown = []
    for node in nodes:
        state = known_nodes.state_of(node, node.now)  # type: ignore[attr-defined] # annotated by `nodes`
        runs = running.get(node.id, NOBODY_RUNS)
        can_drain = state is NodeState.ALIVE and node.role == Role.WORKER and node.draining_since is None
        in_all = None if actor.is_bound else runs.in_all
        shown.append(ShownNode(node, state, runs, in_all, may_drain and can_drain))
    return shown


def _chosen(request: PageRequest, name: str, values: list[str]) -> str | None:
    """What a query says, if it is one of these."""
    value = request.GET.get(name)
    return value if value in values else None
