"""What the OpenAPI document says of `/bulk-actions/`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from access.api import idempotent
from access.scopes import Scope
from rest.openapi import ANY_ACTOR, Answer, Endpoint, Refusal, RequestBody, one_page
from rest.openapi.shapes import Code, Count, Line, Page
from schedules.api.bulk_actions import ActionName, BulkActionBody, limit_bulk_action
from tasks_api.api.filters import Page as PageQuery
from tasks_api.bulk_action_rows import BulkActionState
from tasks_api.bulk_actions.beginning import AlreadyEnded, no_bulk_action
from tasks_api.bulk_actions.kinds import MOST_COUNTED, MOST_REFUSALS


class DryRunCounts(BaseModel):
    """To how many it would be done."""

    matched: Count
    exact: Annotated[
        bool, Field(description=f"False: there are more; beyond {MOST_COUNTED:,} none is counted.")
    ]


class BulkActionCounts(BaseModel):
    """How far it is."""

    matched: Annotated[
        Count,
        Field(description="How many there were when it began; when it is done, how many it dealt with."),
    ]
    exact: Annotated[
        bool, Field(description=f"False: there are more; beyond {MOST_COUNTED:,} none is counted.")
    ]
    done: Count
    refused: Count


class RefusedMember(BaseModel):
    """One to which it could not be done."""

    id: UUID
    code: Code
    detail: Line


class BulkActionDryRun(BaseModel):
    """What would be done."""

    action: ActionName
    filter: dict[str, Any]
    counts: DryRunCounts
    dry_run: bool


class BulkAction(BaseModel):
    """Something that is done to all that a filter names."""

    id: UUID
    action: ActionName
    filter: Annotated[dict[str, Any], Field(description="To which ones.")]
    parameters: Annotated[
        dict[str, Any], Field(description="How: `priority`, `reason`, `until`, `catch_up`.")
    ]
    state: Annotated[
        BulkActionState,
        Field(description="`pending`, `running`, then `done`, `cancelled`, or `failed` with an `error`."),
    ]
    counts: BulkActionCounts
    refused: Annotated[
        list[RefusedMember], Field(max_length=MOST_REFUSALS, description="The first of those, and why.")
    ]
    error: Line | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    created_by: Annotated[Line | None, Field(description="As a task's.")]
    request_id: Line | None


class BulkActionPage(Page[BulkAction]):
    """One page of bulk actions, newest first."""


ID = "01994f3c-8a00-7c3d-9f21-4b1f0a6de853"
PENDING: dict[str, Any] = {
    "id": ID,
    "action": "retry",
    "filter": {"fingerprint": "5f2b8c1d9e3a7046"},
    "parameters": {},
    "state": "pending",
    "counts": {"matched": 41, "exact": True, "done": 0, "refused": 0},
    "refused": [],
    "error": None,
    "created_at": "2026-03-29T09:12:31.500Z",
    "started_at": None,
    "finished_at": None,
    "created_by": None,
    "request_id": None,
}
DONE = PENDING | {
    "state": "done",
    "counts": {"matched": 41, "exact": True, "done": 41, "refused": 0},
    "started_at": "2026-03-29T09:12:31.900Z",
    "finished_at": "2026-03-29T09:12:31.950Z",
}
DRY_RUN = {
    "action": "retry",
    "filter": {"fingerprint": "5f2b8c1d9e3a7046"},
    "counts": {"matched": 41, "exact": True},
    "dry_run": True,
}
NO_BULK_ACTION = Refusal("There is no such bulk action.", no_bulk_action(UUID(ID)))

LIST_BULK_ACTIONS = Endpoint(
    summary="List bulk actions, newest first",
    scope=Scope.TASKS_READ,
    description="Those of the project, on tasks and on task schedules, for as long as failed tasks are kept.",
    query=PageQuery,
    answers=one_page(BulkActionPage, [DONE]),
)
CREATE_BULK_ACTION = Endpoint(
    summary="Do something to all that a filter names",
    scope=ANY_ACTOR,
    limits=limit_bulk_action,
    description="Needs the scope of the action: `tasks:retry`, `tasks:cancel`, `tasks:edit`, `schedules:pause` or "
    "`schedules:trigger`. It goes on when the client has left, in turns of a few thousand, and deals only with what "
    "was there when it was asked for; follow it at `Location`. `dry_run` only counts.",
    headers=idempotent.PARAMETER,
    body=RequestBody(
        BulkActionBody,
        {
            "count what would run again": {
                "action": "retry",
                "filter": {"status": ["FAILURE"], "operation": "calculate"},
                "dry_run": True,
            },
            "run failures again": {"action": "retry", "filter": {"fingerprint": "5f2b8c1d9e3a7046"}},
            "another priority": {"action": "set_priority", "filter": {"tag": "report"}, "priority": 9},
            "pause schedules": {"action": "pause", "filter": {"tag": "report"}, "reason": "the disk is full"},
        },
    ),
    answers={
        200: Answer("With `dry_run`: how many there are.", BulkActionDryRun, DRY_RUN),
        202: Answer(
            "The bulk action. With `Idempotent-Replayed`: the existing one as it is now.",
            BulkAction,
            PENDING,
            ("Location", "Retry-After", idempotent.REPLAYED),
        ),
    },
    refusals=(idempotent.DELETED, idempotent.REUSED),
)
GET_BULK_ACTION = Endpoint(
    summary="Read a bulk action",
    scope=Scope.TASKS_READ,
    answers={200: Answer("How far it is.", BulkAction, DONE)},
    refusals=(NO_BULK_ACTION,),
)
CANCEL_BULK_ACTION = Endpoint(
    summary="Stop a bulk action",
    scope=ANY_ACTOR,
    description="What was done stays; nothing more is done. Needs the scope of the action.",
    answers={200: Answer("It is stopped.", BulkAction, DONE | {"state": "cancelled"})},
    refusals=(NO_BULK_ACTION, Refusal("It has ended.", AlreadyEnded("done"))),
)
