"""Which schedules a list shows, and which ones a request for many of them means."""

from datetime import datetime, timedelta
from typing import Annotated

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Greatest, Now
from pydantic import Field

from rest.input import Instant, QueryFlag, Strict
from rest.pagination import Read, first
from rest.problems import FieldError, InvalidInput
from schedules.api.forms import composed
from schedules.api.searching import Search, ids_by_name
from schedules.models import ScheduleStatus, TaskSchedule
from tasks_api.api.filters import Page, refuse_unknown
from tasks_api.models import HAS_TAGS

JUST_LOOKED_AT = timedelta(minutes=1)
"""A sweep may have written meanwhile, by a clock that was set back since."""
FEW_NAMED = 3_000
"""If no more have a name that contains a part, requests for many of them look at no others."""


class ScheduleFilter(Strict):
    """Query parameters that say which schedules are meant: those that fit all of them."""

    name: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A part of the name, in capitals or not. Nothing in it has a meaning of its own: % is %.",
        ),
    ] = None
    operation: Annotated[
        str | None,
        Field(
            description="The name of an operation. Refused: one that there is not and that no schedules have."
        ),
    ] = None
    status: Annotated[
        list[Annotated[ScheduleStatus, Field(strict=False)]],
        Field(description="May be repeated to match any of several."),
    ] = []
    tag: Annotated[str | None, Field(description="A tag they have.")] = None
    due_before: Annotated[
        Instant | None, Field(description="Active schedules whose `next_run_at` is before this time.")
    ] = None


class ScheduleListQuery(Page, ScheduleFilter):
    """Query parameters of `GET /task-schedules/`."""


class ManySchedulesQuery(ScheduleFilter):
    """Query parameters of what is asked of many schedules at once."""

    dry_run: Annotated[QueryFlag, Field(description="Only count; change nothing.")] = False


def filtered(query: ScheduleFilter) -> QuerySet[TaskSchedule]:
    """The schedules that a filter names. Raises InvalidInput for an operation that nothing knows."""
    return _in_order(query).filter(_wanted(query))


def listed(query: ScheduleFilter) -> tuple[QuerySet[TaskSchedule], Read[TaskSchedule]]:
    """The same for a list: schedules of which its pages are read, and how. Raises InvalidInput as `filtered` does."""
    rows, due, by_index = _in_order(query), None, None
    if query.due_before is not None:
        due = TaskSchedule.objects.filter(_due_before(query.due_before))
        by_index = due.values("id")
    if query.name is not None:
        by_index = ids_by_name(composed(query.name))
    if by_index is None:
        return rows, first
    return rows, Search(_wanted(query), by_index, due).first_of


def _in_order(query: ScheduleFilter) -> QuerySet[TaskSchedule]:
    """What is asked for that indexes find in the order of a list."""
    refuse_unknown(query.operation, TaskSchedule.objects.all())
    wanted = {"operation": query.operation, "status__in": query.status or None}
    found = TaskSchedule.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    return found if query.tag is None else found.filter(HAS_TAGS, tags__contains=[query.tag])


def _wanted(query: ScheduleFilter) -> Q:
    """What else is asked for."""
    wanted = Q() if query.name is None else Q(name__icontains=composed(query.name))
    return wanted if query.due_before is None else wanted & _due_before(query.due_before)


def _due_before(time: datetime) -> Q:
    """Sweeps look at an active schedule no later than at its `next_run_at`, or, where that is past, they just did.

    So the index on `sweep_at` finds all that are due before a time, and sweeps need not write one more for it.
    """
    looked_at_by = Greatest(Value(time, DateTimeField()), Now() + JUST_LOOKED_AT)
    return Q(status=ScheduleStatus.ACTIVE, next_run_at__lt=time, sweep_at__lte=looked_at_by)


def selected(query: ManySchedulesQuery) -> QuerySet[TaskSchedule]:
    """The schedules that a request for many means. Raises InvalidInput without a filter: never all there are."""
    filters = sorted(ScheduleFilter.model_fields)
    if query.model_fields_set.isdisjoint(filters):
        detail = f"at least one filter is required: {', '.join(filters)}"
        raise InvalidInput([FieldError((), "filter_required", detail)])
    found = filtered(query)
    if query.name is None:
        return found
    ids = list(ids_by_name(composed(query.name))[: FEW_NAMED + 1])
    return found if len(ids) > FEW_NAMED else found.filter(id__in=ids)
