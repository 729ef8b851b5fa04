"""What the API and the pages do with one task, with all that a key, a person or a project may not."""

from typing import Any
from uuid import UUID

from access.actor import Actor
from tasks_api import actions
from tasks_api.api import tasks
from tasks_api.api.quotas import refuse_waiting
from tasks_api.models import Task


def retry(task_id: UUID, actor: Actor) -> Task:
    """One that failed or was revoked, once more. Raises what `actions.retry` does, KeyRestricted, QuotaReached."""
    tasks.refuse_restricted_to(actor, task_id)
    refuse_waiting(actor, 1)
    return actions.retry(task_id, actor)


def change(task_id: UUID, body: Any, actor: Actor) -> Task:
    """A waiting one. Raises InvalidInput, KeyRestricted, and what `actions.edit` does."""
    changes = tasks.changes(body)
    tasks.refuse_restricted_to(actor, task_id, changes.priority)
    return actions.edit(task_id, actor, changes)
