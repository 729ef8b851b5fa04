"""Where bytes are: a folder, or any storage of Django's that the operator names. What is there is never changed."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File as DjangoFile
from django.core.files.storage import FileSystemStorage, Storage, storages

ALIAS = "files"
INCOMING = "incoming"
PIECE_BYTES = 1024 * 1024
"""So much is read and written at a time."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StorageFull(Exception):
    """There is no room for more bytes."""

    def __init__(self) -> None:
        super().__init__("the storage for files has no room left; nothing was stored")


class Folder(FileSystemStorage):
    """Django's, in which a file is there whole or not at all, and on the disk before anybody relies on it."""

    def _save(self, name: str, content: Any) -> str:
        """Django's hook. A file in `incoming` of this folder is moved to its place, any other is copied there first."""
        path = Path(self.path(name))
        _make_folder(path.parent)
        if (unfinished := getattr(content, "unfinished", None)) is not None:
            Path(unfinished).replace(path)
        else:
            with NamedTemporaryFile(dir=incoming_folder(), delete=False) as copy:
                shutil.copyfileobj(content, copy, PIECE_BYTES)
                to_disk(copy)
            Path(copy.name).replace(path)
        _folder_to_disk(path.parent)
        return name


def storage() -> Storage:
    """The one for files."""
    return storages[ALIAS]


def open_key(key: str) -> BinaryIO:
    """A stream from the beginning, in which one can go to any place. Raises OSError where it is gone."""
    return cast("BinaryIO", storage().open(key, "rb"))


def save_unfinished(key: str, written: IO[bytes]) -> None:
    """Keep what is in a file of `unfinished_file` under this key, which is new. Raises StorageFull, OSError."""
    written.seek(0)
    content = DjangoFile(written)
    content.unfinished = written.name  # type: ignore[attr-defined] # for `Folder`, which moves it
    with full_disk_told():
        if isinstance(storage(), Folder):
            to_disk(written)
        storage().save(key, content)


def delete_key(key: str) -> None:
    """Delete bytes; that they are not there is no error."""
    storage().delete(key)


@contextmanager
def unfinished_file() -> Iterator[IO[bytes]]:
    """A new file for bytes on their way, on the disk of the storage if that is a folder. It is gone in the end, unless
    `save_unfinished` has moved it."""
    with NamedTemporaryFile(dir=incoming_folder(), delete=False) as written:
        try:
            yield cast("IO[bytes]", written)
        finally:
            with suppress(FileNotFoundError):
                Path(written.name).unlink()


def incoming_folder() -> Path:
    """Where bytes on their way are written."""
    place = storage()
    if not isinstance(place, Folder):
        return Path(gettempdir())
    folder = Path(place.location) / INCOMING
    _make_folder(folder)
    return folder


def refuse_full(size: int) -> None:
    """Raises StorageFull where so many bytes more would leave less free than the operator wants to keep so."""
    if shutil.disk_usage(incoming_folder()).free - size < settings.FILES_KEEP_FREE_BYTES:
        raise StorageFull


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Raises StorageFull for what the system says of a full disk, a quota of its own among it."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull from None
        raise


def to_disk(written: IO[bytes]) -> None:
    """Wait until all of it is on the disk."""
    written.flush()
    os.fsync(written.fileno())


def _make_folder(folder: Path) -> None:
    """For nobody else, and so those above it that are new: by itself `mkdir` would open them to everybody."""
    missing = list(takewhile(lambda each: not each.exists(), (folder, *folder.parents)))
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def _folder_to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
