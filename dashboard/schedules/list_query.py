"""What the address of the list of schedules says."""

from typing import Annotated
from uuid import UUID

from django.http import QueryDict
from pydantic import Field

from rest.input import Strict
from schedules.filters import LONGEST_NAME
from schedules.shown.listing import State
from tasks_api.models import LONGEST_TAG

FILTERS = ("state", "name", "tag", "operation")


class SchedulesQuery(Strict):
    """What the address may say."""

    state: Annotated[State | None, Field(strict=False)] = None
    name: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None
    tag: Annotated[str | None, Field(max_length=LONGEST_TAG)] = None
    operation: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None
    before: Annotated[UUID | None, Field(strict=False)] = None
    after: Annotated[UUID | None, Field(strict=False)] = None


def without_empty(query: QueryDict) -> QueryDict:
    """A form sends also what nobody filled in."""
    kept = query.copy()
    for name in query:
        if not any(query.getlist(name)):
            del kept[name]
    return kept
