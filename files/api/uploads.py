"""A whole file in one request, whoever sends it: the API and its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from access.actor import Actor
from access.audit.events import Action, created, target
from access.audit.recording import record
from files import contents
from files.actions import storing
from files.actions.storing import NewFile
from files.api import forms
from files.api.bodies import Said
from files.models import File
from files.names import media_type
from files.quotas import FILE_MEBIBYTES, refuse_files
from files.receiving import Received, TooLarge, receiving
from rest.body_streams import BodyStream
from rest.problems import FieldError, InvalidInput

FORM_BYTES = 64 * 1024
"""What a form may have around its file."""


@contextmanager
def expecting(body: BodyStream, actor: Actor) -> Iterator[Received]:
    """A place for the file in a body. Raises TooLarge, StorageFull, QuotaReached."""
    size = body.length or 0
    if size > settings.FILES_MAX_BYTES + FORM_BYTES:
        raise TooLarge(settings.FILES_MAX_BYTES)
    refuse_files(actor.project_id, actor.quota(FILE_MEBIBYTES), size)
    with receiving(settings.FILES_MAX_BYTES, expected=size) as received:
        yield received


def described(name: str | None, kind: str | None, said: Said, actor: Actor) -> NewFile:
    """What is told of a file: as its caller says, else as its body does. Raises InvalidInput."""
    name = name or said.name
    if not name:
        raise forms.no_name()
    return NewFile(
        name=forms.as_name(name),
        media_type=_type_of(kind or said.media_type, name),
        project_id=actor.project_id,
        created_by=actor.author,
    )


def _type_of(said: str | None, name: str) -> str:
    try:
        return media_type(said, name)
    except ValueError as error:
        raise InvalidInput(
            [FieldError(("Content-Type",), "invalid_media_type", str(error), parameter=True)]
        ) from None


def keep(received: Received, actor: Actor) -> UUID:
    """The id of the content that came, kept before the file is made, for that may take long.

    Raises InvalidInput, QuotaReached, StorageFull.
    """
    if not received.size:
        detail = "the body must have the bytes of the file, and is empty; or give `size`, to begin an upload"
        raise InvalidInput([FieldError((), "empty_body", detail)])
    refuse_files(actor.project_id, actor.quota(FILE_MEBIBYTES), received.size)
    return contents.keep(received)


def make(content_id: UUID, size: int, new: NewFile, actor: Actor) -> File:
    """The file, told to the audit log; within a transaction."""
    return told(storing.add(content_id, size, new), actor)


def told(file: File, actor: Actor) -> File:
    """The same, after the audit log has it."""
    values = {"name": file.name, "media_type": file.media_type, "size": file.size}
    record(actor, Action.FILE_CREATE, target("file", file.id), created(values))
    return file
