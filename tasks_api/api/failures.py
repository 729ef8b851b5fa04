"""`GET /failures/`: which failures are asked for, and how groups of them are shown."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from operations.definition import MAX_NAME_LENGTH
from rest.input import Instant, QueryInt, QueryUUID, Strict
from rest.json import instant_text
from rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from rest.problems import FieldError, InvalidInput
from tasks_api.api.tasks import public_error
from tasks_api.failures import USUAL_SPAN, FailureGroup, Failures, failures
from tasks_api.filters import refuse_unknown
from tasks_api.models import Task


class FailuresQuery(Strict):
    """Query parameters of `GET /failures/`."""

    since: Annotated[
        Instant | None, Field(description="Failed at or after this time. Default: seven days ago.")
    ] = None
    operation: Annotated[
        str | None,
        Field(
            max_length=MAX_NAME_LENGTH,
            description="Only its tasks. Refused: an operation that there is not and that no tasks have.",
        ),
    ] = None
    schedule: Annotated[QueryUUID | None, Field(description="Only tasks that this schedule created.")] = None
    limit: Annotated[QueryInt, Field(ge=1, le=MAX_LIMIT, description="How many groups.")] = DEFAULT_LIMIT


def failures_of(query: FailuresQuery, project_id: int) -> Failures:
    """What is asked for, of a project. Raises InvalidInput."""
    refuse_unknown(query.operation, Task.objects.filter(project_id=project_id))
    now = datetime.now(UTC)
    if query.since is not None and query.since > now + timedelta(minutes=1):
        detail = f"must be in the past, got {instant_text(query.since)}"
        raise InvalidInput([FieldError(("since",), "too_late", detail, parameter=True)])
    return failures(
        project_id,
        query.since or now - USUAL_SPAN,
        limit=query.limit,
        operation=query.operation,
        schedule_id=query.schedule,
    )


def represent_failures(found: Failures) -> dict[str, Any]:
    """The answer."""
    return {
        "since": instant_text(found.since),
        "looked_at": found.looked_at,
        "complete": found.is_complete,
        "group_count": found.group_count,
        "results": [_represent(group) for group in found.groups],
    }


def _represent(group: FailureGroup) -> dict[str, Any]:
    return {
        "fingerprint": group.fingerprint,
        "operation": group.operation,
        "error": public_error(group.error),
        "count": group.count,
        "first_at": instant_text(group.first_at),
        "last_at": instant_text(group.last_at),
        "schedules": [str(schedule_id) for schedule_id in group.schedules],
        "task": str(group.task_id),
    }
