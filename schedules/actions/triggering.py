"""A task of a schedule's template, now, because somebody asks for it."""

from uuid import UUID

from django.db import transaction

from access.actor import Actor
from access.audit.events import Action, Changes, target
from access.audit.recording import record
from schedules.models import TaskSchedule
from schedules.template.tasks import triggered_task
from tasks_api.database import database_now
from tasks_api.models import Task
from tasks_api.origin import origin_of
from tasks_api.submission import submit


def trigger(schedule_id: UUID, actor: Actor) -> Task:
    """Create a task at once, whatever the schedule's status and overlap policy; it is of no occurrence.

    Raises TaskSchedule.DoesNotExist, UnknownOperation, RecurrenceError where the stored rule
    can be read no more.
    """
    schedule = TaskSchedule.objects.get(id=schedule_id, project_id=actor.project_id)
    with transaction.atomic():
        new = triggered_task(schedule, schedule.rule, database_now(), origin_of(actor))
        [task] = submit([new]).rows()
        made: Changes = {"task": {"after": str(task.id)}}
        record(actor, Action.SCHEDULE_TRIGGER, target("schedule", schedule_id), made)
    return task
