"""Making a file of bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from files import contents
from files.models import File
from files.names import file_name
from files.quotas import limit_of, refuse_files
from files.receiving import Readable, Received, receiving


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """What is told of a file, beside its bytes.

    `task_id`: of the task that makes it. `created_by`: of whoever uploads it, as rows say so: `key:<id>`.
    `draft_of`: the run token of an attempt that is not over (`files.actions.drafts`).
    """

    name: str
    media_type: str
    project_id: int
    created_by: str | None = None
    task_id: UUID | None = None
    draft_of: UUID | None = None


def store(
    source: Readable | Iterable[bytes],
    name: str,
    media_type: str,
    project_id: int,
    *,
    created_by: str | None = None,
    task_id: UUID | None = None,
    draft_of: UUID | None = None,
) -> File:
    """A file with all bytes of a stream, or of pieces. For the outside of transactions; constant memory.

    Raises NoName, TooLarge, QuotaReached, StorageFull, OSError.
    """
    new = NewFile(
        name=file_name(name),
        media_type=media_type,
        project_id=project_id,
        created_by=created_by,
        task_id=task_id,
        draft_of=draft_of,
    )
    with receiving(settings.FILES_MAX_BYTES) as received:
        received.take(source)
        return store_received(received, new)


def store_received(received: Received, new: NewFile) -> File:
    """The same with bytes that have come. Raises QuotaReached, StorageFull, OSError."""
    refuse_files(new.project_id, limit_of(new.project_id), received.size)
    return add(contents.keep(received), received.size, new)


def add(content_id: UUID, size: int, new: NewFile) -> File:
    """A file with a content that was kept a moment ago."""
    with transaction.atomic():
        contents.touch(content_id)
        file = File.objects.create(
            project_id=new.project_id,
            name=new.name,
            media_type=new.media_type,
            size=size,
            content_id=content_id,
            created_by=new.created_by,
            task_id=new.task_id,
            draft_of=new.draft_of,
            expires_at=after_now(retention()),
        )
    file.refresh_from_db()
    return file


def retention() -> timedelta:
    """How long a file is kept after its upload, and after each task that reads it."""
    return timedelta(days=settings.RETENTION_FILE_DAYS)


def after_now(period: timedelta) -> Combinable:
    """A time of the database's clock."""
    return Now() + period
