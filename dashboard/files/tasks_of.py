"""Which tasks read a file, and which made it, as its page tells them."""

from dataclasses import dataclass
from uuid import UUID

from files.models import FileUse
from tasks_api.models import Task

MOST_TASKS = 50
_NEWEST_USES = "-id"


@dataclass(frozen=True, slots=True)
class Use:
    """One of them. `task` is None where it is deleted already; `direction`: `in`, it read the file, or `out`."""

    task_id: UUID
    direction: str
    task: Task | None


def uses_of(file_id: UUID, project_id: int) -> list[Use]:
    """The last `MOST_TASKS`, newest first. Two statements."""
    uses = list(FileUse.objects.filter(file_id=file_id).order_by(_NEWEST_USES)[:MOST_TASKS])
    ids = {use.task_id for use in uses}
    tasks = Task.objects.only("id", "operation", "status").filter(id__in=ids, project_id=project_id)
    found = {task.id: task for task in tasks} if ids else {}
    return [Use(use.task_id, use.direction, found.get(use.task_id)) for use in uses]
