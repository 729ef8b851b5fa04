"""Which schedules a list shows, and which ones a request for many of them means."""

from typing import Annotated, Any

from django.db.models import QuerySet
from pydantic import Field

from rest.input import QueryFlag
from rest.pagination import Read, first
from rest.problems import FieldError, InvalidInput
from schedules.filters import ScheduleFilter, composed, due_by, filtered, in_order, own, wanted_of
from schedules.models import TaskSchedule
from schedules.searching import Search, ids_by_name
from tasks_api.api.filters import Page
from tasks_api.filters import refuse_unknown

FEW_NAMED = 3_000
"""If no more have a name that contains a part, requests for many of them look at no others."""


class ScheduleListQuery(Page, ScheduleFilter):
    """Query parameters of `GET /task-schedules/`."""


class ManySchedulesQuery(ScheduleFilter):
    """Query parameters of what is asked of many schedules at once."""

    dry_run: Annotated[QueryFlag, Field(description="Only count; change nothing.")] = False

    @property
    def meant(self) -> dict[str, Any]:
        """The filter, as the audit log tells it."""
        return self.model_dump(mode="json", include=set(ScheduleFilter.model_fields), exclude_unset=True)


def listed(query: ScheduleFilter, project_id: int) -> tuple[QuerySet[TaskSchedule], Read[TaskSchedule]]:
    """The same for a list: schedules of which its pages are read, and how. Raises InvalidInput as `filtered` does."""
    refuse_unknown(query.operation, own(project_id))
    rows, due, by_index = in_order(query, project_id), None, None
    if query.due_before is not None:
        due = own(project_id).filter(due_by(query.due_before))
        by_index = due.values("id")
    if query.name is not None:
        by_index = ids_by_name(composed(query.name), project_id)
    if by_index is None:
        return rows, first
    return rows, Search(wanted_of(query), by_index, due).first_of


def selected(query: ManySchedulesQuery, project_id: int) -> QuerySet[TaskSchedule]:
    """The schedules of a project that a request for many means: never all there are.

    Raises InvalidInput without a filter.
    """
    filters = sorted(ScheduleFilter.model_fields)
    if query.model_fields_set.isdisjoint(filters):
        detail = f"at least one filter is required: {', '.join(filters)}"
        raise InvalidInput([FieldError((), "filter_required", detail)])
    found = filtered(query, project_id)
    if query.name is None:
        return found
    ids = list(ids_by_name(composed(query.name), project_id)[: FEW_NAMED + 1])
    return found if len(ids) > FEW_NAMED else found.filter(id__in=ids)
