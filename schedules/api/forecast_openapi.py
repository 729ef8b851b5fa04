"""What the OpenAPI document says of `/task-schedules/forecast/`."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from access.scopes import Scope
from operations.definition import MAX_NAME_LENGTH
from rest.openapi import Answer, Endpoint
from rest.openapi.shapes import BigCount, Count
from schedules.api.forecast import ForecastQuery
from schedules.forecasting.turns import SPAN
from tasks_api.api.template import Priority

MOST_RESULTS = 1_000_000
"""Of each hour, as many as there are operations and priorities."""


class ExpectedRuns(BaseModel):
    """How many tasks of one operation and priority are expected in one part of the time."""

    at: Annotated[datetime, Field(description="When the part begins: at `from`, or whole parts later.")]
    operation: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    priority: Priority
    expected: Annotated[BigCount, Field(ge=1)]


class Forecast(BaseModel):
    """How many tasks schedules are to make."""

    start: Annotated[datetime, Field(alias="from", description="When the first part begins: a whole hour.")]
    end: Annotated[datetime, Field(alias="to", description="When the last part ends, which may be shorter.")]
    bucket_seconds: Count
    computed_at: Annotated[
        datetime | None,
        Field(
            description="Schedules count as they were at this time, or later. Null: they are still being counted."
        ),
    ]
    schedules: Annotated[Count, Field(description="How many schedules are counted, so far.")]
    uncounted: Annotated[
        Count, Field(description="Of these, how many add nothing as their rules take too long to count.")
    ]
    results: Annotated[
        list[ExpectedRuns],
        Field(max_length=MOST_RESULTS, description="By time, operation and priority; only what is expected."),
    ]


_FORECAST = {
    "from": "2126-03-29T12:00:00Z",
    "to": "2126-03-30T13:00:00Z",
    "bucket_seconds": 3_600,
    "computed_at": "2126-03-29T12:14:09.5Z",
    "schedules": 42,
    "uncounted": 0,
    "results": [{"at": "2126-03-29T12:00:00Z", "operation": "calculate", "priority": 5, "expected": 60}],
}

GET_FORECAST = Endpoint(
    operation_id="get_forecast",
    summary="See how many tasks are to come",
    scope=Scope.SCHEDULES_READ,
    description="How many tasks the project's schedules are expected to make, in each part of a time of at most "
    f"{SPAN.days} days, by operation and priority. The sweep counts them, for an hour after somebody asked last: the "
    "first answer has a `computed_at` of null and no results, and later ones are about a minute old. Respects pauses, "
    "`ends_at`, `schedule_x_times` and overrides; an instant that a policy may leave out counts all the same, and "
    "jitter moves none.",
    query=ForecastQuery,
    answers={200: Answer("What is expected.", Forecast, _FORECAST)},
)
