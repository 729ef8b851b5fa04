"""Schedules that are due, of which one cannot run."""

from schedules.models import TaskSchedule

EACH_MINUTE = "FREQ=MINUTELY"
NEIGHBOURS = 6


def priority_out_of_range(schedule: TaskSchedule) -> None:
    """No CHECK of `task` allows it."""
    TaskSchedule.objects.filter(id=schedule.id).update(priority=77)
