"""Changing what is told of a file, and deleting it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from access.actor import Actor
from access.audit.events import Action, differences, removed, target
from access.audit.recording import record
from files.actions.uploading import parts_of, remove_parts
from files.models import File, FileUse, find_file
from files.uses import is_needed


class InUse(Exception):
    """A task that waits or runs reads the file."""

    def __init__(self) -> None:
        super().__init__("a task that waits or runs needs the file: cancel it first, or wait for its end")


def change(file_id: UUID, columns: Mapping[str, Any], actor: Actor) -> File:
    """Set some columns of a file of the actor's project. Raises File.DoesNotExist."""
    with transaction.atomic():
        file = _locked(file_id, actor)
        before = {name: getattr(file, name) for name in columns}
        for name, value in columns.items():
            setattr(file, name, value)
        if changes := differences(before, columns):
            file.save(update_fields=list(columns))
            record(actor, Action.FILE_UPDATE, target("file", file_id), changes)
    return find_file(file_id, actor.project_id)


def delete(file_id: UUID, actor: Actor) -> None:
    """Delete a file of the actor's project; its bytes go with the sweep, unless another file has them, too.

    Raises File.DoesNotExist, InUse.
    """
    with transaction.atomic():
        file = _locked(file_id, actor)
        if is_needed(file_id):
            raise InUse
        FileUse.objects.filter(file_id=file_id).delete()
        file.delete()
        gone = {"name": file.name, "media_type": file.media_type, "size": file.size}
        record(actor, Action.FILE_DELETE, target("file", file_id), removed(gone))
    remove_parts(parts_of(file_id))


def _locked(file_id: UUID, actor: Actor) -> File:
    """Until the transaction ends, no task begins to need it."""
    find_file(file_id, actor.project_id)
    return File.objects.select_for_update().get(id=file_id, project_id=actor.project_id)
