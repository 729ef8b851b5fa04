"""What creating or editing a schedule would do: it is done, looked at, and rolled back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from schedules import ledger
from schedules.api.readback import occurrences, represent, rule_of
from schedules.changes import Edited
from schedules.coming import coming
from schedules.models import TaskSchedule
from tasks_api.database import database_now

SHOWN = 10


def effect(existing: QuerySet[TaskSchedule], edit: Callable[[], Edited]) -> dict[str, Any]:
    """What `edit` would do to the schedule that `existing` finds, if it finds one. Raises what `edit` raises.

    No message leaves, for messages are sent after COMMIT.
    """
    with transaction.atomic():
        now = database_now()
        before = [_next(schedule, now) for schedule in existing]
        edited = edit()
        told = {
            "dry_run": True,
            "task_schedule": represent(edited.schedule),
            "before": before[0] if before else [],
            "after": _next(edited.schedule, now),
            **dropped(edited),
        }
        transaction.set_rollback(True)
    return {**told, "warnings": told["task_schedule"]["warnings"]}


def dropped(edited: Edited) -> dict[str, Any]:
    """The instants whose overrides an edit dropped."""
    return {"dropped_overrides": edited.dropped_overrides}


def _next(schedule: TaskSchedule, now: datetime) -> list[dict[str, str | None]]:
    """From now on: what is overdue says nothing of the edit."""
    rule = rule_of(schedule)
    if rule is None:
        return []
    known = ledger.known([schedule.id]).get(schedule.id, {})
    return occurrences(rule, coming(schedule, rule, known, SHOWN, not_before=now))
