"""What can be done to all task schedules that a filter names; and with what can be done to tasks, all bulk actions."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from access.audit.events import Action
from access.scopes import Scope
from operations import InvalidLimits, UnknownOperation
from rest.input import Strict
from schedules.actions import pausing
from schedules.actions.forms import PauseBody, ResumeBody
from schedules.actions.pausing import CatchUp
from schedules.filters import ScheduleFilter, filtered, fitting
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.recurrence import RecurrenceError
from schedules.template.tasks import triggered_task
from tasks_api.bulk_actions import tasks
from tasks_api.bulk_actions.kinds import Asked, Counted, Kind, Kinds, NoParameters, Turn, within_quotas
from tasks_api.database import database_now
from tasks_api.isolation.refusals import apart
from tasks_api.origin import Origin
from tasks_api.quotas import OF_TASKS
from tasks_api.submission import NewTask, submit

AT_ONCE = 200
"""So many schedules are dealt with in a turn."""


def _kind(
    name: str,
    scope: Scope,
    event: Action,
    status: ScheduleStatus | None,
    change: Callable[[list[TaskSchedule], Asked, Turn], int],
    *,
    parameters: type[Strict] = NoParameters,
    **more: Any,
) -> Kind:
    """An action on schedules of this `status`; None: of any."""
    in_status = {} if status is None else {"status": status}

    def count(query: ScheduleFilter, _: Strict, project_id: int, most: int) -> Counted:
        number = filtered(query, project_id).filter(**in_status).order_by()[: most + 1].count()
        return Counted(min(number, most), number <= most)

    def sample(query: ScheduleFilter, _: Strict, project_id: int, size: int) -> list[TaskSchedule]:
        return list(filtered(query, project_id).filter(**in_status).order_by("-id")[:size])

    def turn(asked: Asked) -> Turn:
        rows = fitting(asked.filter, asked.row.project_id).filter(
            created_at__lt=asked.row.created_at, **in_status
        )
        ids = _next_ids(rows, asked)
        if not ids:
            return Turn(is_last=True)
        done = Turn(ids[-1], is_last=len(ids) < AT_ONCE)

        def lock_and_change(some: Sequence[UUID]) -> int:
            # Told only of what is not undone.
            part = Turn()
            chosen = list(rows.filter(id__in=some).order_by("id").select_for_update())
            part.done = change(chosen, asked, part)
            return done.add(part)

        done.done = sum(apart(lock_and_change, ids, done.refuse_row))
        return done

    everything = {"status": [each.value for each in (ScheduleStatus if status is None else (status,))]}
    return Kind(
        name,
        scope,
        event,
        "schedule",
        ScheduleFilter,
        count,
        sample,
        turn,
        parameters=parameters,
        everything=everything,
        **more,
    )


def _next_ids(rows: QuerySet[TaskSchedule], asked: Asked) -> list[UUID]:
    if asked.row.last_id is not None:
        rows = rows.filter(id__gt=asked.row.last_id)
    return list(rows.order_by("id").values_list("id", flat=True)[:AT_ONCE])


def _pause(schedules: list[TaskSchedule], asked: Asked, _: Turn) -> int:
    return pausing.pause_all(schedules, asked.parameters.said)


def _resume(schedules: list[TaskSchedule], asked: Asked, turn: Turn) -> int:
    count = pausing.resume_all(schedules, asked.parameters.catch_up or CatchUp.NONE)
    if count < len(schedules):
        ids = [schedule.id for schedule in schedules]
        left = TaskSchedule.objects.filter(id__in=ids, status=ScheduleStatus.PAUSED)
        for schedule_id in left.values_list("id", flat=True):
            turn.refuse(schedule_id, "too_many", "too much fell into its pause to be caught up")
    return count


def _trigger(schedules: list[TaskSchedule], asked: Asked, turn: Turn) -> int:
    row, now = asked.row, database_now()
    origin = Origin(project_id=row.project_id, created_by=row.created_by, request_id=row.request_id)
    made: list[NewTask] = []
    room = set(within_quotas(asked, turn, [schedule.id for schedule in schedules]))
    for schedule in (each for each in schedules if each.id in room):
        try:
            made.append(triggered_task(schedule, schedule.rule, now, origin))
        except RecurrenceError as error:
            turn.refuse(schedule.id, "conflict", f"its rule can no longer be read: {error.detail}")
        except (UnknownOperation, InvalidLimits) as error:
            turn.refuse(schedule.id, "conflict", f"no task can be created: {error}")
    submit(made)
    return len(made)


KINDS: Kinds = {
    **tasks.KINDS,
    **{
        kind.name: kind
        for kind in (
            _kind(
                "pause",
                Scope.SCHEDULES_PAUSE,
                Action.SCHEDULE_PAUSE,
                ScheduleStatus.ACTIVE,
                _pause,
                parameters=PauseBody,
                check=lambda parameters: pausing.refuse_past(parameters.said),
                brings_about=False,
            ),
            _kind(
                "resume",
                Scope.SCHEDULES_PAUSE,
                Action.SCHEDULE_RESUME,
                ScheduleStatus.PAUSED,
                _resume,
                parameters=ResumeBody,
            ),
            _kind(
                "trigger",
                Scope.SCHEDULES_TRIGGER,
                Action.SCHEDULE_TRIGGER,
                None,
                _trigger,
                quotas=OF_TASKS,
            ),
        )
    },
}
"""Every bulk action, by its name."""
