"""Deleting a task's row before retention does."""

from uuid import UUID

from django.db.models import Q

from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Attempt, Task


class NotRemovable(Exception):
    """The task is in a state in which it may not be deleted; `status` says in which."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


def remove(task_id: UUID, *, force: bool = False) -> None:
    """Delete a task that has not started; with `force` also one that is final.

    Raises Task.DoesNotExist, NotRemovable. A message that is still on its way finds no row, which is no error.
    """
    removable = Q(status=Status.PENDING, attempt=0)  # one that was revived has started, long ago
    if force:
        removable |= Q(status__in=FINAL)
    deleted, _ = Task.objects.filter(removable, id=task_id).delete()
    if deleted:
        Attempt.objects.filter(task_id=task_id).delete()
    else:
        raise NotRemovable(Task.objects.only("status").get(id=task_id).status)
