"""Many schedules that are alike, at once. Needs Django, set up for the servers."""

from collections.abc import Mapping
from typing import Any

from access.actor import NOBODY
from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from tasks_api.ids import new_id


def create_alike(count: int, body: Mapping[str, Any]) -> list[TaskSchedule]:
    """So many as a request with this body creates one."""
    one = editing.create(forms.definition(dict(body), NOBODY), NOBODY)
    columns: dict[str, Any] = dict(TaskSchedule.objects.values().get(id=one.id))
    one.delete()
    return TaskSchedule.objects.bulk_create(TaskSchedule(**columns | {"id": new_id()}) for _ in range(count))
