"""Schedules that cannot be expanded together with others: each is set aside by itself, and the others go on.

What fails in Python, `expand` finds out schedule by schedule. What Postgres refuses, it refuses of the whole set.
"""

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from uuid import UUID

from django.db import transaction

from log_lines import event
from schedules.expansion import expanding
from schedules.expansion.expanding import expand
from schedules.models import TaskSchedule
from schedules.planning import Suspension
from tasks_api.database import execute
from tasks_api.isolation.refusals import apart, concerns_all, reason
from tasks_api.postgres import is_stopped
from tasks_api.quotas import Turn
from tasks_api.submission import Born, joined

CHOSEN_SQL = """
SELECT * FROM task_schedule WHERE id = ANY(%(ids)s) AND sweep_at <= %(now)s ORDER BY sweep_at FOR UPDATE SKIP LOCKED
"""
SET_ASIDE_SQL = """
UPDATE task_schedule SET status = 'error', error = %(error)s, sweep_at = NULL, paused_until = NULL, paused_reason = NULL
 WHERE id = %(id)s
"""

logger = logging.getLogger(__name__)


def expand_chosen(ids: Sequence[UUID], now: datetime) -> Born:
    """As `expand`, those of `ids` that are due and that nobody else has locked."""
    return expand(TaskSchedule.objects.raw(CHOSEN_SQL, {"ids": list(ids), "now": now}), now)


def expand_apart(
    schedules: Sequence[TaskSchedule], now: datetime, suspensions: Mapping[UUID, Suspension] | None = None
) -> Born:
    """As `expand`, within a transaction that holds the rows; a schedule that is refused is set aside alone.

    The objects given stay as they are. Raises what concerns all, and what may pass.
    """
    by_id = {schedule.id: schedule for schedule in schedules}

    def refuse(schedule_id: UUID, error: Exception) -> None:
        if is_stopped(error):
            raise error
        set_aside(schedule_id, error, now)

    # A copy for each try: planning changes the object, and the next try must not begin with that.
    parts = apart(
        lambda ids: expand([copy(by_id[each]) for each in ids], now, suspensions, turn=Turn.WAIT),
        list(by_id),
        refuse,
    )
    return joined(parts)


def set_aside(schedule_id: UUID, error: Exception, now: datetime) -> None:
    """Give a schedule the status `error`, with the reason why it was refused. Raises what refuses even that."""
    logger.warning(
        "schedule %s is set aside: %s",
        schedule_id,
        reason(error),
        extra=event("schedule.set_aside", schedule_id=str(schedule_id)),
    )
    told = f"it was refused: {reason(error)}"
    try:
        with transaction.atomic():
            schedule = TaskSchedule.objects.select_for_update().get(id=schedule_id)
            expanding.set_aside(schedule, now, told)
    except TaskSchedule.DoesNotExist:
        return  # deleted meanwhile
    except Exception as second:
        if concerns_all(second):
            raise
        execute(
            SET_ASIDE_SQL, {"id": schedule_id, "error": told}
        )  # without its ledger, which may be the reason
