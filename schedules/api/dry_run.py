"""What creating or editing a schedule would do. An edit is done, looked at, and rolled back."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from schedules import ledger
from schedules.actions.editing import Edited
from schedules.api.representation import occurrences, represent, rule_of
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.occurrences.upcoming import coming
from tasks_api.database import database_now

SHOWN = 10
IF_RESUMED = (
    "it is paused until somebody resumes it, so nothing comes of it: before and after are what would come if it were "
    "resumed now"
)


def effect(existing: QuerySet[TaskSchedule], edit: Callable[[], Edited]) -> dict[str, Any]:
    """What `edit` would do to the schedule that `existing` finds, if it finds one. Raises what `edit` raises.

    No message leaves, for messages are sent after COMMIT.
    """
    with transaction.atomic():
        now = database_now()
        before = [_next(schedule, now) for schedule in existing]
        edited = edit()
        shown: dict[str, Any] = {
            "dry_run": True,
            "task_schedule": represent(edited.schedule),
            "before": before[0] if before else [],
            "after": _next(edited.schedule, now),
            **dropped(edited),
        }
        shown["warnings"] = [*shown["task_schedule"]["warnings"], *_about_pause(edited.schedule)]
        transaction.set_rollback(True)
    return shown


def dropped(edited: Edited) -> dict[str, Any]:
    """The instants whose overrides an edit dropped."""
    return {"dropped_overrides": edited.dropped_overrides}


def _next(schedule: TaskSchedule, now: datetime) -> list[dict[str, str | None]]:
    """From now on, what is overdue says nothing of the edit; of a pause without an end, what comes if it is resumed."""
    rule = rule_of(schedule)
    if rule is None:
        return []
    known = ledger.known([schedule.id]).get(schedule.id, {})
    running = _resumed(schedule, now) if _is_paused_for_good(schedule) else schedule
    return occurrences(rule, coming(running, rule, known, SHOWN, not_before=now))


def _is_paused_for_good(schedule: TaskSchedule) -> bool:
    return schedule.status == ScheduleStatus.PAUSED and schedule.paused_until is None


def _resumed(schedule: TaskSchedule, now: datetime) -> TaskSchedule:
    resumed = copy(schedule)
    resumed.status = ScheduleStatus.ACTIVE
    if schedule.next_run_at is not None:
        resumed.next_run_at = max(schedule.next_run_at, now)
    return resumed


def _about_pause(schedule: TaskSchedule) -> list[str]:
    return [IF_RESUMED] if _is_paused_for_good(schedule) else []
