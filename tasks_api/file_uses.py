"""Which tasks read which files, and which made which: rows of their own, written only for tasks that do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from files.actions import drafts
from files.actions.storing import retention
from files.models import File as Row
from files.uses import Direction, note
from operations.files import File
from tasks_api.database import execute, fetch_all, fetch_one

# A file that is deleted at the same moment is waited for; of one that is gone there is nothing to note.
NOTE_READ_SQL = """
WITH read AS (
    UPDATE file SET expires_at = greatest(expires_at, clock_timestamp() + %(retention)s)
     WHERE id = ANY(ARRAY(SELECT id FROM file WHERE id = ANY(%(files)s::uuid[]) ORDER BY id FOR NO KEY UPDATE))
    RETURNING id)
INSERT INTO file_use (file_id, task_id, direction)
SELECT read.id, listed.task_id, 'in'
  FROM unnest(%(files)s::uuid[], %(tasks)s::uuid[]) AS listed(file_id, task_id) JOIN read ON read.id = listed.file_id
    ON CONFLICT DO NOTHING
"""


def note_read(read: Sequence[tuple[UUID, UUID]]) -> None:
    """These files are read by these tasks: pairs of ids, within the transaction that writes the tasks.

    Each is kept as if it were new.
    """
    files, tasks = zip(*read, strict=True)
    parameters = {"files": list(files), "tasks": list(tasks), "retention": retention()}
    execute(NOTE_READ_SQL, parameters)


# Through the task, for it is of one project: what another one has is not found, whatever the arguments say.
FIND_SQL = """
SELECT file.id, file.name, file.media_type, file.size, content.sha256
  FROM file JOIN file_content AS content ON content.id = file.content_id
 WHERE file.id = %(file)s AND file.project_id = (SELECT project_id FROM task WHERE id = %(task)s)
   AND file.draft_of IS NULL AND file.expires_at > clock_timestamp()
"""


def find_for(task_id: UUID, file_id: UUID) -> File | None:
    """A complete file of the project that a task is of."""
    row = fetch_one(FIND_SQL, {"task": task_id, "file": file_id})
    return None if row is None else File(*row)


def project_of(task_id: UUID) -> int:
    """The project that a task is of. Raises LookupError where the task is gone."""
    row = fetch_one("SELECT project_id FROM task WHERE id = %s", [task_id])
    if row is None:
        raise LookupError(f"there is no task {task_id}")
    return int(row[0])


OF_TASK_SQL = """
SELECT direction, file.id, name, media_type, size
  FROM file_use JOIN file ON file.id = file_use.file_id
 WHERE file_use.task_id = %s AND draft_of IS NULL
 ORDER BY file_use.id
"""


def files_of(task_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What a task read and what it made, of what is still there: as clients see it, by `in` and `out`."""
    found: dict[str, list[dict[str, Any]]] = {"in": [], "out": []}
    for direction, file_id, name, media_type, size in fetch_all(OF_TASK_SQL, [task_id]):
        told = {"id": str(file_id), "name": name, "media_type": media_type, "size": size}
        found[direction].append(told)
    return found


def publish(run_token: UUID, files: Sequence[UUID]) -> None:
    """From the end of this transaction, these files of an attempt are there for everybody; its others are gone."""
    Row.objects.filter(draft_of=run_token).exclude(id__in=files).delete()
    published = drafts.publish(run_token)
    note(Direction.OUT, [(file.id, file.task_id) for file in published if file.task_id])
