"""Files in a folder, for whoever tries out an operation: see `operations.testing`."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from operations.files.annotations import FileReference, reference_to
from operations.files.file import File, NoFile
from operations.files.references import KEY
from values.ids import new_id


class FolderFiles:
    """What a worker has behind a context, without rows: each file lies in the folder under its id."""

    scratch = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[UUID, File] = {}

    def add(self, name: str, content: bytes | Path, media_type: str) -> FileReference:
        """A file with these bytes, or those of another; what arguments refer to it by."""
        file_id = new_id()
        path = self.folder / str(file_id)
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_bytes(content)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        info = File(file_id, name, media_type, path.stat().st_size, digest)
        self._known[file_id] = info
        return reference_to(info)

    def read(self, reference: Mapping[str, Any]) -> bytes:
        """The bytes of a file that was added or made."""
        return (self.folder / str(self.find(UUID(reference[KEY])).id)).read_bytes()

    def find(self, id: UUID) -> File:  # noqa: A002 (what it is)
        """See `Files`."""
        try:
            return self._known[id]
        except KeyError:
            raise NoFile("unknown_file", f"there is no file {id}") from None

    def open(self, file: File) -> BinaryIO:
        """See `Files`."""
        return (self.folder / str(file.id)).open("rb")

    def keep(self, written: BinaryIO, name: str, media_type: str) -> File:
        """See `Files`."""
        path = self.folder / f"{name.replace('/', '_')}.unfinished"
        with path.open("wb") as copy:
            shutil.copyfileobj(written, copy)
        kept = self.find(UUID(self.add(name, path, media_type)["$file"]))
        path.unlink()
        return kept
