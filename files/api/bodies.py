"""Bytes of a request, as they come: of a body as it is, or of a form's one file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.request import Request

from files.api.refusals import no_file_in_form
from files.receiving import Received
from rest.body_streams import PIECE_BYTES, BodyStream
from rest.connection_turns import turns
from rest.from_drf import compressed
from rest.problems import FieldError, InvalidInput

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Said:
    """What a body says of the file in it; None: nothing."""

    name: str | None = None
    media_type: str | None = None


def body_of(request: Request) -> BodyStream:
    """The body, of which nothing was read yet. Raises Problem where it is packed."""
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.strip().lower() not in ("", "identity"):
        raise compressed(coding)
    return BodyStream(request.META, settings.FILES_MIN_BYTES_PER_SECOND)


def read_file(request: Request, body: BodyStream, received: Received) -> Said:
    """All bytes of the file in a request. Meanwhile others may use the database connection.

    Raises TooLarge, StorageFull, BrokenOff, TooSlow, InvalidInput.
    """
    kind = request.headers.get("Content-Type", "")
    with turns.aside_if_in_turn():
        if is_form(kind):
            return _read_form(request.META, body, received)[0]
        while piece := body.read(PIECE_BYTES):
            received.write(piece)
    return Said(media_type=kind)


def is_form(kind: str) -> bool:
    """Whether a `Content-Type` says that a body is a form which may have files."""
    return kind.partition(";")[0].strip().lower() == MULTIPART


def read_form(request: Request, body: BodyStream, received: Received) -> tuple[Said, QueryDict]:
    """All bytes of the one file in a form, and its other fields; otherwise as `read_file`."""
    if not is_form(request.headers.get("Content-Type", "")):
        raise no_file_in_form()
    with turns.aside_if_in_turn():
        return _read_form(request.META, body, received)


class _One(FileUploadHandler):
    """Takes the first file of a form, and refuses others."""

    chunk_size = PIECE_BYTES

    def __init__(self, received: Received) -> None:
        super().__init__()
        self._received = received
        self.said: Said | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Django's hook: a file begins."""
        super().new_file(*args, **kwargs)
        if self.said is not None:
            raise InvalidInput(
                [FieldError((), "too_many_files", "the body must be a form with one file, got several")]
            )
        self.said = Said(self.file_name, self.content_type)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 (Django's signature)
        """Django's hook: some more of it."""
        self._received.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """Django's hook: its end. No file of Django's is made of it."""


def _read_form(environ: Mapping[str, Any], body: BodyStream, received: Received) -> tuple[Said, QueryDict]:
    if body.length is None:
        raise InvalidInput(
            [
                FieldError(
                    (), "no_length", "the body must have a Content-Length, as it is a form: it came in chunks"
                )
            ]
        )
    one = _One(received)
    try:
        fields, _ = MultiPartParser(dict(environ), cast("Any", body), [one]).parse()
    except (MultiPartParserError, StopUpload) as error:
        raise InvalidInput([FieldError((), "invalid_form", f"the body must be a form: {error}")]) from None
    if one.said is None:
        raise no_file_in_form()
    return one.said, fields
