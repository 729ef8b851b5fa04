"""Which tasks a list shows, and which ones a request for many of them means."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from pydantic import Field

from operations import UnknownOperation, catalogue
from rest.input import Instant, QueryFlag, QueryInt, QueryUUID, Strict
from rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from rest.problems import FieldError, InvalidInput
from tasks_api.ids import first_id_at
from tasks_api.lifecycle import Status
from tasks_api.models import HAS_TAGS, Task

QueryStatus = Annotated[Status, Field(strict=False)]

CLOCKS_AGREE = timedelta(minutes=1)
"""How far the clock of a web server, which is in ids, may be from the database's, which is in `created_at`."""


class Page(Strict):
    """Query parameters of every list."""

    limit: Annotated[QueryInt, Field(ge=1, le=MAX_LIMIT, description="How many per page.")] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None, Field(max_length=100, description="Where to continue: taken from `next` or `previous`.")
    ] = None


class TaskFilter(Strict):
    """Query parameters that say which tasks are meant: those that fit all of them."""

    status: Annotated[list[QueryStatus], Field(description="May be repeated to match any of several.")] = []
    operation: Annotated[
        str | None,
        Field(description="The name of an operation. Refused: one that there is not and that no tasks have."),
    ] = None
    priority: Annotated[
        Annotated[QueryInt, Field(ge=0, le=9)] | None, Field(description="9 is the most urgent.")
    ] = None
    schedule: Annotated[
        QueryUUID | None, Field(description="The `id` of the task schedule that created them.")
    ] = None
    tag: Annotated[str | None, Field(description="A tag they have.")] = None
    created_after: Annotated[Instant | None, Field(description="Created at or after this time.")] = None
    created_before: Annotated[Instant | None, Field(description="Created before this time.")] = None


class TaskListQuery(Page, TaskFilter):
    """Query parameters of `GET /tasks/`."""


class ManyQuery(TaskFilter):
    """Query parameters of what is asked of many tasks at once."""

    dry_run: Annotated[QueryFlag, Field(description="Only count; change nothing.")] = False


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


def filtered(query: TaskFilter) -> QuerySet[Task]:
    """The tasks that a filter names. Raises InvalidInput for an operation that nothing knows."""
    refuse_unknown(query.operation, Task.objects.all())
    wanted: dict[str, Any] = {
        "operation": query.operation,
        "priority": query.priority,
        "schedule_id": query.schedule,
        "status__in": query.status or None,
    }
    found = Task.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if query.tag is not None:
        found = found.filter(HAS_TAGS, tags__contains=[query.tag])
    return found.filter(_created(query))


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


def selected(query: ManyQuery) -> QuerySet[Task]:
    """The tasks that a request for many means. Raises InvalidInput where it names no filter: never all there are."""
    filters = sorted(TaskFilter.model_fields)
    if query.model_fields_set.isdisjoint(filters):
        detail = f"at least one filter is required: {', '.join(filters)}"
        raise InvalidInput([FieldError((), "filter_required", detail)])
    return filtered(query)
