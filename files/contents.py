"""Bytes in the storage, each once. A row is there before its bytes are, so that nothing is ever left behind unseen."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from files.models import FileContent
from files.receiving import Received
from files.storage import delete_key, save_unfinished, storage

NOBODYS_SECONDS = 3_600
"""Bytes that no file has stay for so long: somebody may be about to have them."""
GIVEN_UP_SECONDS = 86_400
"""Bytes that were being written for so long will not be."""


class ContentGone(Exception):
    """The bytes were removed before a file began to have them."""


def keep(received: Received) -> UUID:
    """The content of these bytes, which is in the storage from now on. For the outside of transactions.

    Raises StorageFull, and OSError where the storage is away.
    """
    found = _taken(received.sha256)
    if found is not None:
        if not storage().exists(found.key):  # somebody else has deleted it: now it is there again
            save_unfinished(found.key, received.written)
        return found.id
    content = FileContent.objects.create(sha256=received.sha256, size=received.size)
    try:
        save_unfinished(content.key, received.written)
        with transaction.atomic():
            FileContent.objects.filter(id=content.id).update(stored_at=Now())
    except IntegrityError:
        remove(content)
        found = _taken(received.sha256)
        if found is None:
            raise ContentGone from None
        return found.id
    except BaseException:
        with suppress(OSError):
            remove(content)
        raise
    return content.id


def touch(content_id: UUID) -> None:
    """In the transaction in which a file begins to have it: it is not removed meanwhile. Raises ContentGone."""
    touched = FileContent.objects.filter(id=content_id, stored_at__isnull=False).update(touched_at=Now())
    if not touched:
        raise ContentGone


def remove(content: FileContent) -> None:
    """Delete bytes that no file has, and then their row. Raises OSError where the storage is away."""
    delete_key(content.key)
    content.delete()


# The row that is locked is looked at again: one that was touched since is not chosen.
_NOBODYS_SQL = f"""
UPDATE file_content SET stored_at = NULL
 WHERE id = ANY(ARRAY(
    SELECT id FROM file_content
     WHERE touched_at < statement_timestamp() - interval '{NOBODYS_SECONDS} seconds'
       AND (stored_at IS NOT NULL OR touched_at < statement_timestamp() - interval '{GIVEN_UP_SECONDS} seconds')
       AND NOT EXISTS (SELECT FROM file WHERE content_id = file_content.id)
     ORDER BY touched_at LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING id, sha256, size
"""  # noqa: S608 (constants)


def remove_nobodys(limit: int, failed: Callable[[UUID, Exception], None]) -> int:
    """Remove up to `limit` that no file has, or that were given up while they were written. How many.

    `failed` is told of those that the storage would not delete; a day later they are tried again.
    """
    contents = list(FileContent.objects.raw(_NOBODYS_SQL, [limit]))
    for content in contents:
        try:
            remove(content)
        except OSError as error:
            failed(content.id, error)
    return len(contents)


def _taken(sha256: str) -> FileContent | None:
    """The content with this hash, which stays while somebody is about to have it."""
    FileContent.objects.filter(sha256=sha256, stored_at__isnull=False).update(touched_at=Now())
    return FileContent.objects.filter(sha256=sha256, stored_at__isnull=False).first()
