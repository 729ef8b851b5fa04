"""What has become of files whose time is over, and of bytes that nobody has. Called by the sweep, in small batches."""

import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection

from files import contents
from files.actions.uploading import remove_part
from files.models import FilePart
from files.storage import Folder, incoming_folder, storage
from files.uses import NEEDED_SQL

Failed = Callable[[UUID, Exception], None]

# One that a task needs is not deleted, however old it is.
_OLD_SQL = f"""
WITH old AS (
    SELECT id FROM file WHERE expires_at < statement_timestamp() AND NOT {NEEDED_SQL}
     ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED),
 uses AS (DELETE FROM file_use USING old WHERE file_id = old.id)
DELETE FROM file USING old WHERE file.id = old.id
"""  # noqa: S608 (a constant)
# Of attempts that ended without a word, with their worker.
_DRAFTS_SQL = """
DELETE FROM file WHERE id = ANY(ARRAY(
    SELECT id FROM file
     WHERE draft_of IS NOT NULL AND created_at < statement_timestamp() - interval '1 minute'
       AND NOT EXISTS (SELECT FROM task WHERE task.id = file.task_id AND run_token = draft_of AND status = 'STARTED')
     LIMIT %s FOR UPDATE SKIP LOCKED))
"""
_GIVEN_UP_SQL = """
SELECT file_part.id FROM file_part LEFT JOIN file ON file.id = file_id AND file.content_id IS NULL
 WHERE file_part.created_at < statement_timestamp() - interval '1 day' AND (file_part.size IS NULL OR file.id IS NULL)
 ORDER BY file_part.created_at LIMIT %s
"""


def forget_old_files(limit: int) -> int:
    """Delete up to `limit` files whose time is over, those on their way among them. How many."""
    return _execute(_OLD_SQL, limit)


def forget_drafts(limit: int) -> int:
    """Delete up to `limit` files that attempts began to make which are no more. How many."""
    return _execute(_DRAFTS_SQL, limit)


def _execute(sql: str, limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [limit])
        return int(cursor.rowcount)


def remove_bytes(limit: int, failed: Failed) -> int:
    """Delete up to `limit` contents and pieces that no file has. How many. `failed` hears of what stays."""
    return contents.remove_nobodys(limit, failed) + _remove_parts(limit, failed)


def _remove_parts(limit: int, failed: Failed) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN_UP_SQL, [limit])
        ids = [row[0] for row in cursor.fetchall()]
    for part in FilePart.objects.filter(id__in=ids):
        try:
            remove_part(part)
        except OSError as error:
            failed(part.id, error)
    return len(ids)


def remove_unfinished() -> int:
    """Delete what a process that ended had begun to write here, more than a day ago. How many."""
    if not isinstance(storage(), Folder):
        return 0  # the system's own folder for such files, which others use, too
    begun = [path for path in incoming_folder().iterdir() if path.is_file()]
    old = [path for path in begun if path.stat().st_mtime < time.time() - contents.GIVEN_UP_SECONDS]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
