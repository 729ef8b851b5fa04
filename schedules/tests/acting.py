"""Acts of a client on a schedule, without HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from access.actor import DEFAULT_PROJECT_ID, NOBODY
from schedules.actions import editing, overriding
from schedules.actions.editing import Edited
from schedules.actions.overriding import Override
from schedules.actions.settling import held
from schedules.api import forms
from schedules.models import TaskSchedule


def edit_schedule(schedule_id: UUID, body: dict[str, Any]) -> Edited:
    """As PATCH."""
    with held(schedule_id, DEFAULT_PROJECT_ID) as schedule:
        return editing.edit(schedule, forms.redefinition(schedule, body, NOBODY), NOBODY)


def edit(schedule: TaskSchedule, **body: Any) -> TaskSchedule:
    """The schedule as PATCH leaves it."""
    return edit_schedule(schedule.id, body).schedule


def put_override(schedule_id: UUID, instant: datetime, override: Override) -> None:
    """As PUT of an occurrence."""
    with held(schedule_id, DEFAULT_PROJECT_ID) as schedule:
        overriding.put(overriding.find_open(schedule, instant), override, NOBODY)


def remove_override(schedule_id: UUID, instant: datetime) -> None:
    """As DELETE of an occurrence."""
    with held(schedule_id, DEFAULT_PROJECT_ID) as schedule:
        overriding.remove(overriding.find_open(schedule, instant), NOBODY)
