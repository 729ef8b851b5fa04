"""The files of one run: what it reads, and what it makes, which is there for others once it has succeeded."""

import json
import logging
from collections.abc import Sequence
from typing import BinaryIO
from uuid import UUID

from django.db import Error, connection

from access.refusals import QuotaReached
from files.actions import drafts
from files.actions.opening import BytesLost, open_content
from files.actions.storing import store
from files.models import File as Row
from files.names import NoName
from files.receiving import TooLarge
from files.storage import StorageFull, incoming_folder
from log_lines import event
from operations import File, OperationError
from operations.files import NoFile, file_ids
from operations.files.access import MISSING
from tasks_api import file_uses
from tasks_api.execution.lending import our_connection
from tasks_api.execution.stop_signals import unstoppable
from tasks_api.transitions import Run
from values.wording import quoted

logger = logging.getLogger(__name__)


class TaskFiles:
    """`Files` of one attempt, on our connection. What is never asked for files sends no statement and opens nothing."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._made: list[UUID] = []

    @property
    def scratch(self) -> str:
        """On the disk of the storage, if that is one: where large files have room."""
        return str(incoming_folder())

    @property
    def made(self) -> Sequence[UUID]:
        """What this attempt has made until now."""
        return tuple(self._made)

    def find(self, id: UUID) -> File:  # noqa: A002 (what it is)
        """See `Files`."""
        with unstoppable(), our_connection():
            found = file_uses.find_for(self._run.task_id, id)
        if found is None:
            raise NoFile(
                "unknown_file", f"the file {id} is not there any more: it was deleted, or has expired"
            )
        return found

    def open(self, file: File) -> BinaryIO:
        """See `Files`."""
        with our_connection():
            row = Row.objects.select_related("content").filter(id=self.find(file.id).id).first()
            if row is None:
                raise _gone(file.id)
            try:
                return open_content(row)
            except BytesLost as error:
                raise NoFile(MISSING, str(error)) from error

    def keep(self, written: BinaryIO, name: str, media_type: str) -> File:
        """See `Files`."""
        task_id, token = self._run.task_id, self._run.token
        with our_connection():
            project_id = file_uses.project_of(task_id)
            try:
                row = store(written, name, media_type, project_id, task_id=task_id, draft_of=token)
            except (NoName, TooLarge) as error:
                detail = f"the new file {quoted(name)}: {error}"
                raise OperationError(detail, permanent=True, type="file_refused") from error
            except (StorageFull, QuotaReached) as error:
                raise OperationError(str(error), type="storage_full") from error
        self._made.append(row.id)
        return File(row.id, row.name, row.media_type, row.size, row.sha256 or "")


def _gone(file_id: UUID) -> NoFile:
    return NoFile(MISSING, f"the file {file_id} is not there any more: it was deleted, or has expired")


def named_in(result: str, made: Sequence[UUID]) -> list[UUID]:
    """Those of some files that a result, which is JSON text, refers to."""
    return [file_id for file_id in file_ids(json.loads(result)) if file_id in made] if made else []


def discard(run: Run) -> None:
    """What an attempt has made, and is not published, is gone; what cannot be deleted now the sweep finds."""
    try:
        drafts.discard(run.token)
    except Error as error:
        logger.warning(
            "cannot delete the files of an attempt at task %s, the sweep will: %s",
            run.task_id,
            error,
            extra=event("files.not_discarded"),
        )
        connection.close()
