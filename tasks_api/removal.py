"""Deleting a task's row before retention does."""

from uuid import UUID

from access.actor import Actor
from access.audit.events import Action, target
from access.audit.recording import event, telling
from tasks_api.database import fetch_one
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import find_task


class NotRemovable(Exception):
    """The task is in a state in which it may not be deleted."""

    def __init__(self, status: str) -> None:
        rule = ": only a task that has not started can be deleted"
        if status in FINAL:
            rule = ", its record is kept; ?force=true deletes it all the same"
        super().__init__(f"the task is {status}{rule}")


# One that waits for its first attempt, but was revived, has started long ago.
REMOVE_SQL = telling(
    """
    DELETE FROM task
     WHERE id = %(id)s AND project_id = %(project)s
       AND (status = %(pending)s AND attempt = 0 OR %(force)s AND status = ANY(%(final)s))
    RETURNING id, operation, status""",
    """jsonb_build_object('operation', jsonb_build_object('before', operation),
                          'status', jsonb_build_object('before', status))""",
    besides=(
        "DELETE FROM attempt USING changed WHERE task_id = changed.id",
        "DELETE FROM file_use USING changed WHERE task_id = changed.id",
    ),
)


def remove(task_id: UUID, actor: Actor, *, force: bool = False) -> None:
    """Delete a task of a project that has not started, and its attempts; with `force` also one that is final.

    Raises Task.DoesNotExist, NotRemovable. A message that is still on its way finds no row, which is no error.
    """
    parameters = {
        "id": task_id,
        "project": actor.project_id,
        "pending": Status.PENDING.value,
        "force": force,
        "final": [status.value for status in FINAL],
    }
    told = event(actor, Action.TASK_DELETE, target("task", task_id))
    if fetch_one(REMOVE_SQL, {**parameters, **told}) is None:
        raise NotRemovable(find_task(task_id, actor.project_id).status)
