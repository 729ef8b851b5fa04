"""A file that an operation makes: written on the side, and kept once it is whole."""

import io
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import Any, BinaryIO, cast

from operations.files.annotations import FileReference, reference_to
from operations.files.file import File

Keep = Callable[[BinaryIO, str, str], File]


class NewFile(io.BufferedIOBase):
    """Bytes are written to it within its `with`; afterwards `reference` names it in a result.

    What is written stands in a file without a name, which is gone with the process. Closing it, as a wrapper such as
    `io.TextIOWrapper` does, ends the writing and no more. If its `with` ends with an exception, there is no file.
    """

    def __init__(self, name: str, media_type: str, keep: Keep, folder: str | None = None) -> None:
        self.name = name
        self.media_type = media_type
        self._keep = keep
        self._written = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (it is closed in __exit__)
        self._file: File | None = None

    def __enter__(self) -> "NewFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._written:
            self.close()
            if kind is None:
                self._written.seek(0)
                self._file = self._keep(cast("BinaryIO", self._written), self.name, self.media_type)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """How many bytes were written: all of them. Raises ValueError after its end."""
        if self.closed:
            raise ValueError("the file is complete: write to it within its `with`")
        return self._written.write(data)

    def tell(self) -> int:
        return self._written.tell()

    @property
    def reference(self) -> FileReference:
        """What a result has in its place: `{"$file": id}`. Raises ValueError before its end."""
        return reference_to(self.file)

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.size

    @property
    def file(self) -> File:
        """What is told of it, once its `with` has ended. Raises ValueError before."""
        if self._file is None:
            raise ValueError("the file is not complete: its `with` has to end without an exception first")
        return self._file
