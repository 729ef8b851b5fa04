"""What a running operation may know about the task it runs for, and may tell of its progress."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, NamedTuple

from operations.errors import permanent
from operations.files.access import MISSING, NO_FILES, Files
from operations.files.file import File, NoFile
from operations.files.making import NewFile

MAX_MESSAGE_LENGTH = 500


class Progress(NamedTuple):
    """How far an operation is: 0 to 100 per cent, and what it does just now."""

    percent: float
    message: str | None = None


def _has_none(name: str) -> str:
    raise LookupError(f"there is no secret {name} behind this context")


def _no_names() -> list[str]:
    return []


def _no_margin() -> int:
    return 0


def _tell_nobody(_progress: Progress) -> None:
    """Where no task is behind the context, as in a test."""


@dataclass(frozen=True, slots=True)
class Context:
    """A function receives it by declaring a parameter annotated `Context`.

    `attempt` counts from 1; `scheduled_for` is the instant of the schedule's rule, with the rule's instants
    before and after it: a job that runs daily works on what lies between two of them. All three are None for a
    task that came from no schedule, and the last two where the rule has no such instant.
    """

    task_id: str
    attempt: int
    scheduled_for: datetime | None = None
    previous_scheduled_for: datetime | None = None
    next_scheduled_for: datetime | None = None
    report: Callable[[Progress], None] = field(default=_tell_nobody, repr=False, compare=False)
    mask: Callable[[str], str] = field(default=str, repr=False, compare=False)
    """Hides secrets; before the message is cut, for a part of one would pass."""
    margin: Callable[[], int] = field(default=_no_margin, repr=False, compare=False)
    """How many bytes behind a cut must be known to tell whether it went through a secret."""
    secret: Callable[[str], str] = field(default=_has_none, repr=False, compare=False)
    """The value of a secret that the operator's configuration of the operation names."""
    secrets: Callable[[], list[str]] = field(default=_no_names, repr=False, compare=False)
    """The names of the secrets that this run has read."""
    files: Files = field(default=NO_FILES, repr=False, compare=False)
    """Where the files are that arguments refer to, and those go that it makes."""

    def open(self, file: File) -> BinaryIO:
        """The bytes of a file, from the beginning: `with context.open(file) as stream`. One can go to any place in it.

        Raises OperationError, for good, where they are gone.
        """
        try:
            return self.files.open(file)
        except NoFile as error:
            raise permanent(MISSING, error.reason) from error

    def new_file(self, name: str, media_type: str) -> NewFile:
        """A file to write bytes to: `with context.new_file("rows.csv", "text/csv") as out: out.write(...)`.

        Afterwards `out.reference` stands for it in the result. It is kept if the attempt succeeds and its result names
        it, and gone in any other case. `name` is no path; two files may have the same.
        """
        return NewFile(name, media_type, self.files.keep, self.files.scratch)

    def progress(self, percent: float, message: str | None = None) -> None:
        """Tell how far the work is. Cheap: call it as often as there is something to tell.

        Raises Cancelled when the task was asked to stop, ValueError for what is no per cent.
        """
        if not 0 <= percent <= 100:
            raise ValueError(f"percent must be between 0 and 100, got {percent}")
        self.report(Progress(percent, None if message is None else self.mask(message)[:MAX_MESSAGE_LENGTH]))
