"""Which tasks are meant by a filter: of a list, of a request for many of them, of a bulk action."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery
from django.db.models.lookups import Exact
from pydantic import Field

from operations import UnknownOperation, catalogue
from operations.definition import MAX_NAME_LENGTH
from rest.input import Instant, QueryInt, QueryUUID, Strict
from rest.problems import FieldError, InvalidInput
from tasks_api.fingerprints import FINGERPRINT_PATTERN, LENGTH
from tasks_api.ids import first_id_at
from tasks_api.lifecycle import Status
from tasks_api.models import LONGEST_TAG, Task, has_tag

QueryStatus = Annotated[Status, Field(strict=False)]

MOST_IDS = 500
MOST_STATUSES = 20

CLOCKS_AGREE = timedelta(minutes=1)
"""How far the clock of a web server, which is in ids, may be from the database's, which is in `created_at`."""


class TaskFilter(Strict):
    """Query parameters that say which tasks are meant: those that fit all of them."""

    id: Annotated[
        list[QueryUUID],
        Field(max_length=MOST_IDS, description="May be repeated to match any of several."),
    ] = []
    status: Annotated[
        list[QueryStatus],
        Field(max_length=MOST_STATUSES, description="May be repeated to match any of several."),
    ] = []
    operation: Annotated[
        str | None,
        Field(
            max_length=MAX_NAME_LENGTH,
            description="The name of an operation. Refused: one that there is not and that no tasks have.",
        ),
    ] = None
    priority: Annotated[
        Annotated[QueryInt, Field(ge=0, le=9)] | None, Field(description="9 is the most urgent.")
    ] = None
    schedule: Annotated[
        QueryUUID | None, Field(description="The `id` of the task schedule that created them.")
    ] = None
    tag: Annotated[str | None, Field(max_length=LONGEST_TAG, description="A tag they have.")] = None
    fingerprint: Annotated[
        Annotated[str, Field(pattern=FINGERPRINT_PATTERN, max_length=LENGTH)] | None,
        Field(description="Failures that are alike, as `GET /failures/` names them."),
    ] = None
    created_after: Annotated[Instant | None, Field(description="Created at or after this time.")] = None
    created_before: Annotated[Instant | None, Field(description="Created before this time.")] = None


def refuse_unknown(operation: str | None, rows: QuerySet[Any]) -> None:
    """Tell who asks for an operation that there is not, and that no row has from earlier. Raises InvalidInput."""
    if operation is None:
        return
    try:
        catalogue.get(operation)
    except UnknownOperation as error:
        if not rows.filter(operation=operation).exists():
            detail = f"{error} (GET /operations/ lists them)"
            raise InvalidInput(
                [FieldError(("operation",), "unknown_operation", detail, parameter=True)]
            ) from None


def filtered(query: TaskFilter, project_id: int) -> QuerySet[Task]:
    """The tasks of a project that a filter names. Raises InvalidInput for an operation that nothing knows."""
    refuse_unknown(query.operation, Task.objects.filter(project_id=project_id))
    return fitting(query, project_id)


def fitting(query: TaskFilter, project_id: int) -> QuerySet[Task]:
    """The same, whether or not anything knows the operation by now."""
    own = Task.objects.filter(project_id=project_id)
    wanted: dict[str, Any] = {
        "operation": query.operation,
        "priority": query.priority,
        "id__in": query.id or None,
        "status__in": query.status or None,
    }
    found = own.filter(**{name: value for name, value in wanted.items() if value is not None})
    if query.fingerprint is not None:
        found = found.filter(fingerprint=query.fingerprint, status=Status.FAILURE)
    if query.schedule is not None:
        found = found.filter(_is_of(query.schedule, project_id))
    if query.tag is not None:
        found = found.filter(has_tag(query.tag, project_id))
    return found.filter(_created(query))


def _is_of(schedule_id: UUID, project_id: int) -> Q:
    """All tasks of a schedule are of its project: one of them tells whether there is anything to look for."""
    one = Task.objects.filter(schedule_id=schedule_id).order_by("-id").values("project_id")[:1]
    return Q(Exact(Subquery(one), project_id), schedule_id=schedule_id)


def _created(query: TaskFilter) -> Q:
    """By `created_at`, found through ids: they are in the order of creation, and the primary key has them."""
    fits = Q()
    if query.created_after is not None:
        fits &= Q(created_at__gte=query.created_after)
        fits &= Q(id__gte=first_id_at(_moved(query.created_after, -CLOCKS_AGREE)))
    if query.created_before is not None:
        fits &= Q(created_at__lt=query.created_before)
        fits &= Q(id__lt=first_id_at(_moved(query.created_before, CLOCKS_AGREE)))
    return fits


def _moved(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return instant
