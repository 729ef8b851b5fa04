"""Creating one task, for the API and for pages."""

from typing import Any

from access.actor import Actor
from tasks_api.api.quotas import refuse_tasks
from tasks_api.api.tasks import new_task
from tasks_api.shown import AnyTask
from tasks_api.submission import submit


def create_task(body: Any, actor: Actor) -> AnyTask:
    """The task that a body describes. Raises InvalidInput, KeyRestricted, QuotaReached."""
    new = new_task(body, actor)
    refuse_tasks(actor, 1)
    (task,) = submit([new]).shown()
    return task
