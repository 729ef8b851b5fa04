"""Where the files are that arguments refer to, and what comes of a reference: at the door, and in the worker."""

from collections.abc import Callable
from typing import BinaryIO, Protocol
from uuid import UUID

from operations.errors import OperationError
from operations.files.file import File, NoFile
from operations.files.references import Newest, Reference

MISSING = "file_missing"


class Files(Protocol):
    """The files of a project, to those who run its operations."""

    @property
    def scratch(self) -> str | None:
        """The folder in which files are written before they are kept; None: the system's."""

    def find(self, id: UUID) -> File:  # noqa: A002 (what it is)
        """What is told of a file. Raises NoFile."""

    def open(self, file: File) -> BinaryIO:
        """Its bytes, from the beginning; one can go to any place in it. Whoever opens it closes it. Raises NoFile."""

    def keep(self, written: BinaryIO, name: str, media_type: str) -> File:
        """A new file with these bytes, for the task that makes it. Raises OperationError where there is no room."""


class _NoFiles:
    """Where no task is behind the context."""

    scratch = None

    def find(self, id: UUID) -> File:  # noqa: A002 (what it is)
        raise NoFile("unknown_file", f"there is no file {id} behind this context")

    def open(self, file: File) -> BinaryIO:
        raise NoFile("unknown_file", f"there is no file {file.id} behind this context")

    def keep(self, written: BinaryIO, name: str, media_type: str) -> File:  # noqa: ARG002 (it goes nowhere)
        raise LookupError(f"there is no place for the file {name} behind this context")


NO_FILES: Files = _NoFiles()


class FileAccess:
    """At the door. What `find` and `newest` tell stands for a reference; without them it stays as it is written.

    Both raise NoFile.
    """

    def __init__(
        self,
        find: Callable[[UUID], File] | None = None,
        newest: Callable[[Newest], File] | None = None,
    ) -> None:
        self._find = find
        self._newest = newest

    def take(self, reference: Reference) -> File | Reference:
        """The file, or the reference where nobody asks which file it is. Raises NoFile."""
        if isinstance(reference.means, Newest):
            return reference if self._newest is None else self._newest(reference.means)
        return reference if self._find is None else self._find(reference.means)


class FilesOfRun(FileAccess):
    """In the worker, for one run: a reference is a file, or the attempt fails for good."""

    def __init__(self, files: Files) -> None:
        super().__init__(files.find, _was_not_there)

    def take(self, reference: Reference) -> File | Reference:
        """The file. Raises OperationError."""
        try:
            return super().take(reference)
        except NoFile as error:
            raise OperationError(error.reason, permanent=True, type=MISSING) from error


def _was_not_there(newest: Newest) -> File:
    raise NoFile(MISSING, f"there was no {newest} when the task was made; once there is, make a new task")
