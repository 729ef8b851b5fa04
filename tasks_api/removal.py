"""Deleting a task's row before retention does."""

from uuid import UUID

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
REMOVE_SQL = """
WITH removed AS (
    DELETE FROM task
     WHERE id = %(id)s AND (status = %(pending)s AND attempt = 0 OR %(force)s AND status = ANY(%(final)s))
    RETURNING id),
tries AS (DELETE FROM attempt USING removed WHERE task_id = removed.id)
SELECT true FROM removed
"""


def remove(task_id: UUID, *, force: bool = False) -> None:
    """Delete a task that has not started, and its attempts; with `force` also one that is final.

    Raises Task.DoesNotExist, NotRemovable. A message that is still on its way finds no row, which is no error.
    """
    parameters = {
        "id": task_id,
        "pending": Status.PENDING.value,
        "force": force,
        "final": [status.value for status in FINAL],
    }
    if fetch_one(REMOVE_SQL, parameters) is None:
        raise NotRemovable(find_task(task_id).status)
