"""Which schedules are meant by a filter: of a list, of a request for many of them, of a bulk action."""

import unicodedata
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Greatest, Now
from pydantic import Field

from operations.definition import MAX_NAME_LENGTH
from rest.input import Instant, Strict
from schedules.models import ScheduleStatus, TaskSchedule
from tasks_api.filters import MOST_STATUSES, refuse_unknown
from tasks_api.models import LONGEST_TAG, has_tag

LONGEST_NAME = 200
"""Of a schedule."""
JUST_LOOKED_AT = timedelta(minutes=1)
"""A sweep may have written meanwhile, by a clock that was set back since."""


def composed(text: Any) -> Any:
    """Text in Unicode's form NFC, so that é is é however it was typed."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


class ScheduleFilter(Strict):
    """Query parameters that say which schedules are meant: those that fit all of them."""

    name: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=LONGEST_NAME,
            description="A part of the name, in capitals or not. Nothing in it has a meaning of its own: % is %.",
        ),
    ] = None
    operation: Annotated[
        str | None,
        Field(
            max_length=MAX_NAME_LENGTH,
            description="The name of an operation. Refused: one that there is not and that no schedules have.",
        ),
    ] = None
    status: Annotated[
        list[Annotated[ScheduleStatus, Field(strict=False)]],
        Field(max_length=MOST_STATUSES, description="May be repeated to match any of several."),
    ] = []
    tag: Annotated[str | None, Field(max_length=LONGEST_TAG, description="A tag they have.")] = None
    due_before: Annotated[
        Instant | None, Field(description="Active schedules whose `next_run_at` is before this time.")
    ] = None


def filtered(query: ScheduleFilter, project_id: int) -> QuerySet[TaskSchedule]:
    """The schedules of a project that a filter names. Raises InvalidInput for an operation that nothing knows."""
    refuse_unknown(query.operation, own(project_id))
    return fitting(query, project_id)


def fitting(query: ScheduleFilter, project_id: int) -> QuerySet[TaskSchedule]:
    """The same, whether or not anything knows the operation by now."""
    return in_order(query, project_id).filter(wanted_of(query))


def own(project_id: int) -> QuerySet[TaskSchedule]:
    """The schedules of a project."""
    return TaskSchedule.objects.filter(project_id=project_id)


def in_order(query: ScheduleFilter, project_id: int) -> QuerySet[TaskSchedule]:
    """What is asked for that indexes find in the order of a list."""
    wanted = {"operation": query.operation, "status__in": query.status or None}
    found = own(project_id).filter(**{name: value for name, value in wanted.items() if value is not None})
    return found if query.tag is None else found.filter(has_tag(query.tag, project_id))


def wanted_of(query: ScheduleFilter) -> Q:
    """What else is asked for."""
    wanted = Q() if query.name is None else Q(name__icontains=composed(query.name))
    return wanted if query.due_before is None else wanted & due_by(query.due_before)


def due_by(time: datetime) -> Q:
    """Sweeps look at an active schedule no later than at its `next_run_at`, or, where that is past, they just did.

    So the index on `sweep_at` finds all that are due before a time, and sweeps need not write one more for it.
    """
    looked_at_by = Greatest(Value(time, DateTimeField()), Now() + JUST_LOOKED_AT)
    return Q(status=ScheduleStatus.ACTIVE, next_run_at__lt=time, sweep_at__lte=looked_at_by)
