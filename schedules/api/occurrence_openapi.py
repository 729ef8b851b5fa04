"""What the OpenAPI document says of the occurrences of a schedule."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from access.api import idempotent
from access.scopes import Scope
from operations import UnknownOperation
from rest.openapi import Answer, Endpoint, Refusal, RequestBody, one_page
from rest.openapi.shapes import Count, Page, Text
from schedules.actions.backfilling import MOST, EndsInTheFuture
from schedules.actions.overriding import MOST as MOST_OVERRIDES
from schedules.actions.overriding import AlreadyDecided, MovedIntoThePast, NoSuchOccurrence, NotOverridden
from schedules.api.action_forms import EditOptions
from schedules.api.limits import limit_backfill
from schedules.api.occurrence_forms import BackfillBody, OccurrencesQuery, OverrideBody
from schedules.api.openapi import IF_MATCH, NO_SCHEDULE, STALE
from tasks_api.api.template import Priority

OCCURRENCE_PATH = {
    "instant": "The `scheduled_for` of the occurrence. The + of an offset is written %2B.",
}
TASK = "01994f3c-8a00-7e55-b8a1-0c9d2f6e4b18"
ToldOutcome = Literal[
    "created",
    "queued",
    "moved",
    "overridden",
    "error",
    "skipped_overlap",
    "skipped_quota",
    "skipped_no_file",
    "missed",
    "coalesced",
    "paused",
    "upcoming",
]


class NamedInstant(BaseModel):
    """An instant that a schedule's rule names."""

    scheduled_for: Annotated[
        datetime, Field(description="The instant named by the rule, even if the occurrence was moved.")
    ]
    local: Annotated[datetime, Field(description="The same instant in the time zone of the rule.")]


class Occurrence(NamedInstant):
    """What happened to an instant, or will happen."""

    outcome: Annotated[ToldOutcome, Field(description="`upcoming`: it will become a task.")]
    reason: Annotated[Text | None, Field(description="Why, if that is not obvious.")]
    task: Annotated[UUID | None, Field(description="The `id` of its task, if it has one.")]
    due_at: Annotated[
        datetime | None, Field(description="When it is due, if it was moved. Null: at `scheduled_for`.")
    ]
    arguments: Annotated[dict[str, Any] | None, Field(description="Its own value. Null: the schedule's.")]
    priority: Annotated[Priority | None, Field(description="Its own value. Null: the schedule's.")]


class OccurrencePage(Page[Occurrence]):
    """One page of occurrences, earliest first."""


class FilledOccurrence(NamedInstant):
    """An occurrence that was given its task, or would be."""

    run_at: Annotated[datetime, Field(description="The task does not start before this.")]
    task: Annotated[UUID | None, Field(description="Null in a dry run.")]


class LeftOccurrence(NamedInstant):
    """An occurrence that already has its task, or is waiting for it."""

    outcome: Literal["created", "queued", "moved", "changed"]
    task: UUID | None


class Backfill(BaseModel):
    """What a backfill did, or would do."""

    id: Annotated[UUID | None, Field(description="Its tasks are tagged `backfill:<id>`. Null in a dry run.")]
    dry_run: Annotated[bool, Field(description="True: nothing was changed.")]
    count: Annotated[Count, Field(description="How many `results` there are.")]
    results: Annotated[list[FilledOccurrence], Field(max_length=MOST)]
    left: Annotated[list[LeftOccurrence], Field(max_length=MOST)]


OCCURRENCE: dict[str, Any] = {
    "scheduled_for": "2126-03-31T06:00:00Z",
    "local": "2126-03-31T08:00:00+02:00",
    "outcome": "moved",
    "reason": "the library is closed",
    "task": None,
    "due_at": "2126-03-31T14:00:00Z",
    "arguments": None,
    "priority": 9,
}
CREATED: dict[str, Any] = {
    "scheduled_for": "2026-03-28T07:00:00Z",
    "local": "2026-03-28T08:00:00+01:00",
    "outcome": "created",
    "reason": None,
    "task": TASK,
    "due_at": None,
    "arguments": None,
    "priority": None,
}
BACKFILL: dict[str, Any] = {
    "id": "01994f3c-8a00-7e55-b8a1-0c9d2f6e4b19",
    "dry_run": False,
    "count": 1,
    "results": [
        {
            "scheduled_for": "2026-03-25T07:00:00Z",
            "local": "2026-03-25T08:00:00+01:00",
            "run_at": "2026-03-28T10:15:00.5Z",
            "task": "01994f3c-8a00-7e55-b8a1-0c9d2f6e4b20",
        }
    ],
    "left": [{name: CREATED[name] for name in ("scheduled_for", "local", "outcome", "task")}],
}
BAD_OVERRIDE = Refusal(
    "The body is invalid, or `run_at` is in the past; `errors` says what was expected.",
    MovedIntoThePast(datetime(2026, 1, 1, tzinfo=UTC)),
)
NO_OCCURRENCE = Refusal(
    "There is no such task schedule, or its rule names no such instant; `detail` gives the nearest ones.",
    NoSuchOccurrence([datetime(2126, 3, 28, 7, tzinfo=UTC), datetime(2126, 3, 31, 6, tzinfo=UTC)]),
)
NOT_OVERRIDDEN = Refusal(
    "There is no such task schedule or occurrence, or the occurrence has no override.",
    NotOverridden(),
)
DECIDED = Refusal(
    "The occurrence is due or past; the schedule is `completed` or in `error`; or it has too many overrides.",
    AlreadyDecided("created"),
)
BAD_BACKFILL = Refusal(
    "The body is invalid; or the period is not over yet, has too many instants, or begins before the ledger does.",
    EndsInTheFuture(datetime(2126, 4, 1, tzinfo=UTC)),
)
NO_TASK = Refusal("No task can be created from the schedule's template.", UnknownOperation("gone"))

LIST_OCCURRENCES = Endpoint(
    summary="List a schedule's occurrences, past and upcoming",
    scope=Scope.SCHEDULES_READ,
    description="Earliest first: the past as recorded, the future as computed (`upcoming`). One page, with links to "
    "the next and previous pages. Without `to` it continues as long as the rule does. If the rule's instants "
    "are rare, a page may be shorter than `limit`; `next` continues.",
    query=OccurrencesQuery,
    answers=one_page(OccurrencePage, [CREATED, OCCURRENCE]),
    refusals=(NO_SCHEDULE,),
)
PUT_OCCURRENCE = Endpoint(
    summary="Skip, move or change one occurrence",
    scope=Scope.SCHEDULES_WRITE,
    description="Possible until the occurrence is due. A moved one keeps its `scheduled_for`. Replaces any earlier "
    f"override. A schedule can have at most {MOST_OVERRIDES:,} upcoming overrides. The "
    "schedule gets a new version: `ETag` and `If-Match` are those of the schedule.",
    path=OCCURRENCE_PATH,
    headers=IF_MATCH,
    body=RequestBody(
        OverrideBody,
        {
            "skip it": {"skip": True, "reason": "the library is closed"},
            "move it": {"run_at": "2126-03-31T14:00:00Z"},
            "other arguments, more urgent": {"arguments": {"expression": "1+1"}, "priority": 9},
        },
    ),
    answers={200: Answer("The occurrence as it is now.", Occurrence, OCCURRENCE, ("ETag",))},
    refusals=(BAD_OVERRIDE, NO_OCCURRENCE, DECIDED, STALE),
)
DELETE_OCCURRENCE = Endpoint(
    operation_id="delete_occurrence_override",
    summary="Remove the override of one occurrence",
    scope=Scope.SCHEDULES_WRITE,
    description="The schedule's own settings apply again. `ETag` and `If-Match` are those of the schedule.",
    path=OCCURRENCE_PATH,
    headers=IF_MATCH,
    answers={204: Answer("The override is gone.", headers=("ETag",))},
    refusals=(NOT_OVERRIDDEN, DECIDED, STALE),
)
BACKFILL_SCHEDULE = Endpoint(
    summary="Create the tasks of a past period",
    scope=Scope.SCHEDULES_BACKFILL,
    limits=limit_backfill,
    description="Creates a task for each instant in [`from`, `to`) that the rule names and that has none, whatever the "
    f"overlap policy, at most {MOST:,}. The tasks are tagged `backfill:<id>` and count towards neither `runs_created` "
    "nor `schedule_x_times`. The period may begin before the schedule was created, but not before a `ledger_from` that "
    "retention has moved. If the project's quotas have no room for all of them, none is created.",
    query=EditOptions,
    body=RequestBody(
        BackfillBody,
        {
            "a week, as a dry run": {
                "from": "2026-03-01T00:00:00Z",
                "to": "2026-03-08T00:00:00Z",
                "dry_run": True,
            },
            "a task every minute": {
                "from": "2026-03-01T00:00:00Z",
                "to": "2026-03-08T00:00:00Z",
                "pace_seconds": 60,
            },
        },
    ),
    headers=idempotent.PARAMETER,
    answers={
        202: Answer(
            "What was created, or would be. With `Idempotent-Replayed`: what an earlier request created.",
            Backfill,
            BACKFILL,
            (idempotent.REPLAYED,),
        )
    },
    refusals=(BAD_BACKFILL, NO_SCHEDULE, NO_TASK, idempotent.REUSED),
)
