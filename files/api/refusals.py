"""What is raised where files are read and changed, as problems."""

from http import HTTPStatus

from access.api.idempotent import KeyMeansAnother
from access.api.views import PayloadView
from access.idempotency import KeyReused
from files.actions.changing import InUse
from files.actions.opening import BytesLost, NotComplete
from files.actions.uploading import TooManyParts, WrongOffset
from files.models import File
from files.receiving import TooLarge
from files.storage import StorageFull
from rest.problems import FieldError, InvalidInput, NotFound, Problem

OFFSET = "Upload-Offset"


class FileTooLarge(Problem):
    """413: there are more bytes than a file may have, or than its upload announced."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "content_too_large"
    mending = "Send no more than that. The operator may raise `FILES_MAX_MIB`."
    sample = ("the file must have at most 2,147,483,648 bytes",)


class InsufficientStorage(Problem):
    """507: there is no room for more bytes."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "insufficient_storage"
    mending = (
        "Nothing was stored. Delete files that nobody needs, or tell the operator: the disk of the files is nearly "
        "full, of which `FILES_KEEP_FREE_MIB` stays free."
    )
    sample = ("the storage for files has no room left; nothing was stored",)


class DigestMismatch(Problem):
    """422: the bytes that came do not hash to what was announced."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "digest_mismatch"
    mending = "Send them again: something on the way changed them, or `Content-Digest` is of other bytes."
    sample = ("the bytes hash to sha-256=:LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=:",)


class FileInUse(Problem):
    """409: a task that waits or runs needs the file."""

    status = HTTPStatus.CONFLICT
    code = "in_use"
    mending = "Cancel the task, or wait for its end. `GET /files/{id}/` tells the file."
    sample = ("a task that waits or runs needs the file: cancel it first, or wait for its end",)


class OffsetConflict(Problem):
    """409: the upload is at another place."""

    status = HTTPStatus.CONFLICT
    code = "wrong_offset"
    mending = "Go on at `offset`, which the header `Upload-Offset` of `HEAD /files/{id}/` tells, too."
    sample = ("Upload-Offset must be 1048576, so many bytes are here", 1_048_576)

    def __init__(self, detail: str, offset: int) -> None:
        super().__init__(detail, headers={OFFSET: str(offset)}, offset=offset)


class UploadUnfinished(Problem):
    """409: not all of the file is here."""

    status = HTTPStatus.CONFLICT
    code = "upload_unfinished"
    mending = "Send the rest with `PATCH /files/{id}/`, from `Upload-Offset` on."
    sample = ("the file is still on its way: 5 of 8 bytes are here",)


class TooManyPieces(Problem):
    """409: the upload came in too many pieces."""

    status = HTTPStatus.CONFLICT
    code = "too_many_pieces"
    mending = "Delete it, and begin anew with larger pieces, such as of 16 MiB."
    sample = ("the upload came in 2,000 pieces",)


class BytesGone(Problem):
    """410: the storage does not have the bytes any more."""

    status = HTTPStatus.GONE
    code = "bytes_gone"
    mending = "Upload it again, and tell the operator: the folder or the storage of files lost something."
    sample = ("the bytes of the file are not in the storage",)


class NoRange(Problem):
    """416: the file has no bytes there."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    code = "range_not_satisfiable"
    mending = "`Content-Range` tells how many bytes there are: ask for some of these."
    sample = (8,)

    def __init__(self, size: int) -> None:
        super().__init__(
            f"Range must begin within the file's {size:,} bytes", headers={"Content-Range": f"bytes */{size}"}
        )


def no_file_in_form() -> InvalidInput:
    """A form came, and nothing in it was a file."""
    return InvalidInput(
        [FieldError((), "no_file", "the body must be a form with a file in it, such as in a field `file`")]
    )


class FileView(PayloadView):
    """A view of files."""

    refusals = {
        File.DoesNotExist: NotFound,
        TooLarge: lambda error: FileTooLarge(f"the body {error}"),
        StorageFull: InsufficientStorage,
        InUse: FileInUse,
        WrongOffset: lambda error: OffsetConflict(f"{OFFSET} {error}", error.offset),
        TooManyParts: TooManyPieces,
        NotComplete: UploadUnfinished,
        BytesLost: BytesGone,
        KeyReused: KeyMeansAnother,
    }
