"""What the OpenAPI document says of `/workers/`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from access.actions.projects import OfInstallation
from access.scopes import Scope
from rest.ids import EXAMPLE
from rest.openapi import Answer, Endpoint, Refusal, one_page, shapes
from rest.openapi.shapes import INT16, Count, Line, Page, Text
from tasks_api.api.workers import NodeRole, WorkerListQuery
from tasks_api.known_nodes import MOST_IDS, NodeState, NoSuchNode, NotDrainable


class RunningTasks(BaseModel):
    """The tasks of your project that run there."""

    count: Count
    tasks: Annotated[
        list[UUID], Field(max_length=MOST_IDS, description=f"Their ids; at most the oldest {MOST_IDS}.")
    ]


class Worker(BaseModel):
    """One process of the service. It is the installation's, and runs tasks of every project."""

    id: UUID
    role: Annotated[
        NodeRole, Field(description="Only a `worker` takes tasks. `foreground`: `manage.py run_task`.")
    ]
    name: Annotated[Line, Field(description="With the name of its machine; in `worker` of attempts, too.")]
    state: Annotated[
        NodeState,
        Field(
            description="`silent`: not heard of for ten seconds, and it did not end in order. `stopped`: it did."
        ),
    ]
    version: Annotated[Line | None, Field(description="Of Punctual; null: of before it was told.")]
    started_at: datetime
    beat_at: Annotated[
        datetime, Field(description="When it last said that it is alive, as it does every 2 s.")
    ]
    beat_age_seconds: Annotated[float, Field(ge=0, description="How long ago that was.")]
    stopped_at: datetime | None
    draining_since: Annotated[
        datetime | None, Field(description="Since when it is asked to end, and takes no more tasks.")
    ]
    slots: Annotated[
        Annotated[int, Field(ge=0, le=INT16)] | None,
        Field(description="How many tasks it runs at once; null: it is no worker."),
    ]
    running: RunningTasks
    running_in_all_projects: Annotated[
        Count | None, Field(description="How many tasks run there. Null for whoever belongs to a project.")
    ]
    failing_since: Annotated[datetime | None, Field(description="It is alive, and something it does fails.")]
    failure: Annotated[Text | None, Field(description="What fails.")]


class WorkerPage(Page[Worker]):
    """One page of processes, those that began last first."""


A_WORKER = {
    "id": EXAMPLE,
    "role": "worker",
    "name": "worker@host",
    "state": "alive",
    "version": "0.1.0",
    "started_at": "2026-03-29T01:30:00.125Z",
    "beat_at": "2026-03-29T09:12:31.500Z",
    "beat_age_seconds": 1.204,
    "stopped_at": None,
    "draining_since": None,
    "slots": 2,
    "running": {"count": 1, "tasks": ["01a1f89d-329d-7abd-bbcf-cb235fe70546"]},
    "running_in_all_projects": 2,
    "failing_since": None,
    "failure": None,
}
NO_WORKER = Refusal("There is no such process, or it ended long ago.", NoSuchNode())

LIST_WORKERS = Endpoint(
    operation_id="list_workers",
    summary="List workers, sweepers and beats",
    scope=Scope.WORKERS_READ,
    description="One page, those that began last first. Processes that ended are kept for a day.",
    query=WorkerListQuery,
    answers=one_page(WorkerPage, [A_WORKER]),
)
GET_WORKER = Endpoint(
    operation_id="get_worker",
    summary="Read a worker",
    scope=Scope.WORKERS_READ,
    answers={200: Answer("The process as it said last.", Worker, A_WORKER)},
    refusals=(NO_WORKER,),
)
DRAIN_WORKER = Endpoint(
    operation_id="drain_worker",
    summary="Drain a worker",
    scope=Scope.WORKERS_DRAIN,
    description="Within two seconds it takes no more tasks. What it runs may go on for 15 seconds, then it is handed "
    "back, and the worker ends, as where SIGTERM asks it. Whatever supervises it starts another one. Asking twice is "
    "no error. For keys of the installation.",
    answers={
        200: Answer(
            "The worker, which is about to end.",
            Worker,
            A_WORKER | {"draining_since": "2026-03-29T09:12:32.704Z"},
        )
    },
    refusals=(
        NO_WORKER,
        Refusal(
            "It is not alive, or it is no worker.",
            NotDrainable("the worker is stopped, so there is nothing that could be drained"),
        ),
        Refusal(
            "The scope `workers:drain` is missing (`scope_missing`), or the key belongs to a project.",
            OfInstallation(),
            shapes.Forbidden,
        ),
    ),
)
