"""Which tasks read a file, or made it."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest

from files.actions.storing import after_now, retention
from files.models import File, FileUse


class Direction(StrEnum):
    """What a task has to do with a file."""

    IN = "in"
    """It reads it."""
    OUT = "out"
    """It made it."""


# The rows of tasks are none of this package's; that one of them waits or runs is asked where it is kept.
NEEDED_SQL = """
EXISTS (SELECT FROM file_use JOIN task ON task.id = file_use.task_id
         WHERE file_use.file_id = file.id AND file_use.direction = 'in'
           AND task.status IN ('PENDING', 'STARTED', 'RETRY'))
"""


def note(direction: Direction, pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Write down that tasks have to do with files, pairs of (file, task), in the transaction that makes it true.

    A file that is read is kept as if it were new. Raises IntegrityError, when the transaction ends, where a file was
    deleted meanwhile.
    """
    uses = [FileUse(file_id=file, task_id=task, direction=direction.value) for file, task in pairs]
    if not uses:
        return
    FileUse.objects.bulk_create(uses, ignore_conflicts=True)
    keep_for = Greatest(F("expires_at"), after_now(retention()))
    File.objects.filter(id__in={use.file_id for use in uses}).update(expires_at=keep_for)


def is_needed(file_id: UUID) -> bool:
    """Whether a task that waits or runs reads it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NEEDED_SQL} FROM file WHERE id = %s", [file_id])  # noqa: S608 (a constant)
        row = cursor.fetchone()
    return bool(row and row[0])


def files_of(task_id: UUID) -> dict[Direction, list[File]]:
    """The files of a task that are still there, as `in` and `out`, each in the order of their ids."""
    found: dict[Direction, list[File]] = {direction: [] for direction in Direction}
    uses = FileUse.objects.filter(task_id=task_id).select_related("file__content").order_by("file_id")
    for use in uses:
        found[Direction(use.direction)].append(use.file)
    return found
