"""What the OpenAPI document says of `/stats/`."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from access.scopes import Scope
from rest.openapi import Answer, Endpoint
from rest.openapi.shapes import BigCount as Count
from tasks_api.api.stats import StatsQuery
from tasks_api.lifecycle import Status
from tasks_api.roll_up.periods import MOST_PARTS
from tasks_api.roll_up.present import MOST_COUNTED


class Measure(BaseModel):
    """Durations in seconds. Percentiles are exact to a bucket; all but `count` are null where there are none."""

    count: Annotated[Count, Field(description="Of how many tasks: those that ran.")]
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None


class EndedTasks(BaseModel):
    """Tasks that ended in some time. Each counts once, when it became final; one that was run again, each time."""

    count: Count
    success: Count
    failure: Count
    cancelled: Count
    expired: Count
    per_second: Annotated[
        float | None,
        Field(description="`count` by the seconds of this time that have passed; null: none have."),
    ]
    failure_ratio: Annotated[
        float | None, Field(description="Of those that succeeded or failed, the part that failed.")
    ]
    lateness_seconds: Annotated[
        Measure, Field(description="From when the last attempt was due, `run_at`, to when it began.")
    ]
    waiting_seconds: Annotated[
        Measure, Field(description="From `created_at` to when the last attempt began.")
    ]
    running_seconds: Annotated[Measure, Field(description="How long the last attempt took.")]


class EndedPart(EndedTasks):
    """The same of one part of the period."""

    at: Annotated[datetime, Field(description="When it begins. Parts begin at whole ones in UTC.")]


class CountedTasks(BaseModel):
    """How many tasks there are."""

    count: Annotated[int, Field(ge=0, le=MOST_COUNTED)]
    exact: Annotated[bool, Field(description="False: there are more, or may be.")]


class TasksByStatus(BaseModel):
    """How many tasks are in each status."""

    PENDING: CountedTasks
    STARTED: CountedTasks
    RETRY: CountedTasks
    SUCCESS: CountedTasks
    FAILURE: CountedTasks
    REVOKED: CountedTasks


class Slots(BaseModel):
    """How many tasks can run at once."""

    total: Count
    workers: Annotated[Count, Field(description="How many workers have them.")]


class Present(BaseModel):
    """What is so at one moment."""

    at: datetime
    tasks: TasksByStatus
    oldest_due_seconds: Annotated[
        float | None,
        Field(
            description="For how long the oldest task that is due and has not begun has been due; null: none is."
        ),
    ]
    slots: Annotated[Slots, Field(description="Of all workers that are alive, whoever's tasks they run.")]


class Stats(BaseModel):
    """How tasks fare."""

    start: Annotated[datetime, Field(alias="from", description="When the first part begins.")]
    end: Annotated[datetime, Field(alias="to", description="When the last part ends.")]
    bucket_seconds: Annotated[
        Count, Field(description="Longer than asked for where only whole hours are known any more.")
    ]
    rolled_up_to: Annotated[
        datetime | None,
        Field(description="Minutes before this are complete, later ones are being counted. Null: none yet."),
    ]
    now: Present
    totals: EndedTasks
    series: Annotated[
        list[EndedPart], Field(max_length=MOST_PARTS, description="Every part of the period, in order.")
    ]


_SECONDS = {"count": 118, "mean": 0.021, "p50": 0.017, "p95": 0.047, "p99": 0.084}
_EXAMPLE = {
    "count": 120,
    "success": 115,
    "failure": 3,
    "cancelled": 2,
    "expired": 0,
    "per_second": 0.033333,
    "failure_ratio": 0.025424,
    "lateness_seconds": _SECONDS,
    "waiting_seconds": _SECONDS,
    "running_seconds": {**_SECONDS, "mean": 1.4, "p50": 0.91, "p95": 4.8, "p99": 9.6},
}
_NOON, _ONE = "2026-03-29T12:00:00Z", "2026-03-29T13:00:00Z"
_STATS = {
    "from": _NOON,
    "to": _ONE,
    "bucket_seconds": 3_600,
    "rolled_up_to": _ONE,
    "now": {
        "at": _ONE,
        "tasks": {
            **{status.value: {"count": 0, "exact": True} for status in Status},
            "PENDING": {"count": 12, "exact": True},
            "SUCCESS": {"count": MOST_COUNTED, "exact": False},
        },
        "oldest_due_seconds": 0.42,
        "slots": {"total": 8, "workers": 2},
    },
    "totals": _EXAMPLE,
    "series": [{"at": _NOON, **_EXAMPLE}],
}

GET_STATS = Endpoint(
    operation_id="get_stats",
    summary="See how tasks fare",
    scope=Scope.STATS_READ,
    description="How many tasks of the project ended, how, how late they began and how long they took, in all and in "
    "each part of a period; and what is so now. Costs the same however many tasks there are. What ended is counted "
    "within about ten seconds.",
    query=StatsQuery,
    answers={200: Answer("The period, and now.", Stats, _STATS)},
)
