"""Uploads that go on where they were cut off: each piece is kept, and in the end they become one content."""

from contextlib import suppress
from datetime import timedelta
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import F

from files import contents
from files.actions.storing import NewFile, after_now, retention
from files.models import File, FilePart, find_file
from files.receiving import Received, receiving
from files.storage import delete_key, open_key, save_unfinished

UNFINISHED_KEPT = timedelta(days=1)
"""After its last piece."""
MOST_PARTS = 2_000
"""2 GiB by pieces of a MiB, or by those of 16 MiB that were cut often."""


class WrongOffset(Exception):
    """The piece does not continue where the upload is."""

    def __init__(self, file: File) -> None:
        self.offset = file.size if file.offset is None else file.offset
        is_over = ", which is all" if file.is_complete else ""
        super().__init__(f"must be {self.offset}, so many bytes are here{is_over}")


class TooManyParts(Exception):
    """The upload came in too many pieces."""

    def __init__(self) -> None:
        super().__init__(
            f"the upload came in {MOST_PARTS:,} pieces, which is all that may be: delete it, and begin anew with "
            "larger ones, such as of 16 MiB"
        )


def begin(new: NewFile, size: int) -> File:
    """A file of which no byte is here yet."""
    file = File.objects.create(
        project_id=new.project_id,
        name=new.name,
        media_type=new.media_type,
        size=size,
        offset=0,
        created_by=new.created_by,
        expires_at=after_now(UNFINISHED_KEPT),
    )
    file.refresh_from_db()
    return file


def refuse_part(file: File, start: int) -> None:
    """Before a piece comes. Raises WrongOffset, TooManyParts."""
    if file.is_complete or file.offset != start:
        raise WrongOffset(file)
    if FilePart.objects.filter(file_id=file.id, size__isnull=False).count() >= MOST_PARTS:
        raise TooManyParts


def append(file: File, start: int, received: Received) -> File:
    """The file with a piece more; complete, if that was the last. For the outside of transactions.

    Raises WrongOffset where another piece came first, File.DoesNotExist where it was deleted, StorageFull, OSError.
    """
    if received.size:
        _keep_part(file, start, received)
        file = find_file(file.id, file.project_id)
    return finish(file) if file.offset == file.size else file


def _keep_part(file: File, start: int, received: Received) -> None:
    part = FilePart.objects.create(file_id=file.id, start=start)
    try:
        save_unfinished(part.key, received.written)
        with transaction.atomic():
            waits = File.objects.filter(id=file.id, content__isnull=True, offset=start)
            moved = waits.update(offset=F("offset") + received.size, expires_at=after_now(UNFINISHED_KEPT))
            if not moved:
                _refuse_late(file)
            FilePart.objects.filter(id=part.id).update(size=received.size)
    except BaseException:
        with suppress(OSError):
            remove_part(part)
        raise


def _refuse_late(file: File) -> NoReturn:
    raise WrongOffset(find_file(file.id, file.project_id))


def finish(file: File) -> File:
    """Make one content of all pieces. What was interrupted can be done again. Raises StorageFull, OSError."""
    parts = list(FilePart.objects.filter(file_id=file.id, size__isnull=False).order_by("start"))
    with receiving(file.size, expected=file.size) as received:
        for part in parts:
            with open_key(part.key) as stream:
                received.take(stream)
        content_id = contents.keep(received)
    with transaction.atomic():
        contents.touch(content_id)
        File.objects.filter(id=file.id, content__isnull=True).update(
            content_id=content_id, offset=None, expires_at=after_now(retention())
        )
    remove_parts(parts)
    return find_file(file.id, file.project_id)


def parts_of(file_id: UUID) -> list[FilePart]:
    """All pieces of a file."""
    return list(FilePart.objects.filter(file_id=file_id))


def remove_parts(parts: list[FilePart]) -> None:
    """Delete pieces that nobody needs; those that the storage does not delete now, the sweep tries again."""
    for part in parts:
        with suppress(OSError):
            remove_part(part)


def remove_part(part: FilePart) -> None:
    """Delete the bytes, and then the row. Raises OSError where the storage is away."""
    delete_key(part.key)
    FilePart.objects.filter(id=part.id).delete()
