"""A task of a schedule's template, now, because somebody asks for it."""

from uuid import UUID

from schedules.models import TaskSchedule
from schedules.template.tasks import triggered_task
from tasks_api.database import database_now
from tasks_api.models import Task
from tasks_api.submission import submit


def trigger(schedule_id: UUID) -> Task:
    """Create a task at once, whatever the schedule's status and overlap policy; it is of no occurrence.

    Raises TaskSchedule.DoesNotExist, UnknownOperation, RecurrenceError where the stored rule can be read no more.
    """
    schedule = TaskSchedule.objects.get(id=schedule_id)
    [task] = submit([triggered_task(schedule, schedule.rule, database_now())]).rows()
    return task
