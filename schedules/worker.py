"""Celery's way into the sweep."""

from functools import cache

from celery import shared_task
from django.db import InterfaceError, OperationalError, connection

from schedules.sweeper import Sweeper
from tasks_api.messages import SWEEP_QUEUE, SWEEP_TASK

sweeper = cache(Sweeper)


@shared_task(name=SWEEP_TASK, queue=SWEEP_QUEUE, send_events=False)
def sweep() -> None:
    """Deal with everything that is due. A sweep that fails costs nothing: the next one does its work."""
    try:
        sweeper().sweep()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
