"""What the OpenAPI document says of `/failures/`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from access.scopes import Scope
from operations.definition import MAX_NAME_LENGTH
from rest.openapi import Answer, Endpoint
from rest.pagination import MAX_LIMIT
from tasks_api.api.answers import TaskError
from tasks_api.api.failures import FailuresQuery
from tasks_api.failures import LOOKED_AT_FOR_SCHEDULES, MOST_LOOKED_AT, MOST_SCHEDULES
from tasks_api.fingerprints import FINGERPRINT_PATTERN, LENGTH

Looked = Annotated[int, Field(ge=0, le=MOST_LOOKED_AT)]


class FailureGroup(BaseModel):
    """Tasks that are FAILURE for the same reason."""

    fingerprint: Annotated[
        str,
        Field(
            pattern=FINGERPRINT_PATTERN,
            max_length=LENGTH,
            description="Of operation, type of error and its message without numbers, ids, times and quoted text. "
            "`GET /tasks/?fingerprint=` lists the tasks.",
        ),
    ]
    operation: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    error: Annotated[TaskError, Field(description="Of the newest of them.")]
    count: Annotated[Looked, Field(description="How many of the failures that were looked at.")]
    first_at: Annotated[datetime, Field(description="When the first of these became final.")]
    last_at: Annotated[datetime, Field(description="When the last of these became final.")]
    schedules: Annotated[
        list[UUID],
        Field(
            max_length=MOST_SCHEDULES,
            description=f"Task schedules that created them: some of those of the newest {LOOKED_AT_FOR_SCHEDULES}.",
        ),
    ]
    task: Annotated[UUID, Field(description="The newest of them.")]


class FailureGroups(BaseModel):
    """What fails, by reason."""

    since: datetime
    looked_at: Annotated[
        Looked,
        Field(
            description=f"How many tasks were counted: the newest {MOST_LOOKED_AT:,} failures at most. With `schedule`"
            ", its tasks that succeeded are among these."
        ),
    ]
    complete: Annotated[bool, Field(description="False: there are older ones, which were not counted.")]
    group_count: Annotated[Looked, Field(description="How many groups there are; `limit` of them are shown.")]
    results: Annotated[
        list[FailureGroup], Field(max_length=MAX_LIMIT, description="Those with the most tasks first.")
    ]


_GROUP = {
    "fingerprint": "5f2b8c1d9e3a7046",
    "operation": "http_request",
    "error": {"type": "http_status", "message": "the server answered 503", "permanent": False},
    "count": 41,
    "first_at": "2026-03-29T01:30:00.125Z",
    "last_at": "2026-03-29T09:12:31.500Z",
    "schedules": ["01994f3c-8a00-7c3d-9f21-4b1f0a6de852"],
    "task": "01994f3c-8a00-7c3d-9f21-4b1f0a6de851",
}
LIST_FAILURES = Endpoint(
    operation_id="list_failures",
    summary="See what fails, by reason",
    scope=Scope.TASKS_READ,
    description="Groups tasks that are FAILURE by a fingerprint of the error. A task counts once, by its last error, "
    "however many attempts it had; one that is run again no longer counts. Tasks that failed before this service "
    "wrote fingerprints are not shown. Costs about the same however many tasks there are.",
    query=FailuresQuery,
    answers={
        200: Answer(
            "The groups.",
            FailureGroups,
            {
                "since": "2026-03-22T09:12:31.500Z",
                "looked_at": 41,
                "complete": True,
                "group_count": 1,
                "results": [_GROUP],
            },
        )
    },
)
