"""Which tasks a list shows, and which ones a request for many of them means."""

from functools import partial
from typing import Annotated, Any

from django.db.models import QuerySet
from pydantic import Field

from rest.input import QueryFlag, QueryInt, Strict
from rest.pagination import DEFAULT_LIMIT, MAX_LIMIT, Read, first
from rest.problems import FieldError, InvalidInput
from tasks_api.filters import TaskFilter, filtered
from tasks_api.lifecycle import Status
from tasks_api.listing import first_in_project, first_of_each
from tasks_api.models import Task
from tasks_api.submission import DEFAULT_PRIORITY


class Page(Strict):
    """Query parameters of every list."""

    limit: Annotated[QueryInt, Field(ge=1, le=MAX_LIMIT, description="How many per page.")] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None, Field(max_length=100, description="Where to continue: taken from `next` or `previous`.")
    ] = None


class TaskListQuery(Page, TaskFilter):
    """Query parameters of `GET /tasks/`."""


class ManyQuery(TaskFilter):
    """Query parameters of what is asked of many tasks at once."""

    dry_run: Annotated[QueryFlag, Field(description="Only count; change nothing.")] = False

    @property
    def meant(self) -> dict[str, Any]:
        """The filter, as the audit log tells it."""
        return self.model_dump(mode="json", include=set(TaskFilter.model_fields), exclude_unset=True)


def listed(query: TaskFilter, project_id: int) -> tuple[QuerySet[Task], Read[Task]]:
    """The same for a list: tasks of which its pages are read, and how. Raises InvalidInput as `filtered` does."""
    rows = filtered(query, project_id)
    if query.schedule is not None or query.id:
        return rows, first
    if (
        query.operation is not None
        or query.fingerprint is not None
        or query.priority not in (None, DEFAULT_PRIORITY)
        or len(query.status) == 1
    ):
        return rows, first_in_project
    return rows, partial(first_of_each, query.status or list(Status))


def selected(query: ManyQuery, project_id: int) -> QuerySet[Task]:
    """The tasks of a project that a request for many means: never all there are.

    Raises InvalidInput where it names no filter.
    """
    filters = sorted(TaskFilter.model_fields)
    if query.model_fields_set.isdisjoint(filters):
        detail = f"at least one filter is required: {', '.join(filters)}"
        raise InvalidInput([FieldError((), "filter_required", detail)])
    return filtered(query, project_id)
