"""Celery's way into the sweep."""

import gc
from functools import cache

from celery import shared_task
from django.db import InterfaceError, OperationalError, connection

from schedules.sweep.sweeper import Sweeper
from tasks_api.broker.messages import SWEEP_QUEUE, SWEEP_TASK
from tasks_api.node.heartbeat import tell_failure
from tasks_api.node.worker_node import this_node


@cache
def sweeper() -> Sweeper:
    """That of this process. What was loaded until now stays, and to collect garbage is not to look through it anew."""
    gc.freeze()
    return Sweeper()


@shared_task(name=SWEEP_TASK, queue=SWEEP_QUEUE, send_events=False)
def sweep() -> None:
    """Deal with everything that is due. A sweep that fails costs nothing: the next one does its work."""
    try:
        sweeper().sweep()
        _tell_failure(sweeper())
    except (OperationalError, InterfaceError):
        connection.close()
        raise


def _tell_failure(sweeper: Sweeper) -> None:
    """Let readiness know what fails, once for each change."""
    failure = sweeper.failure
    if failure != sweeper.told_failure and tell_failure(this_node().id, failure):
        sweeper.told_failure = failure
