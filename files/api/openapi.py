"""What the OpenAPI document says of `/files/`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from access.api.idempotent import DELETED, PARAMETER, REPLAYED, REUSED
from access.scopes import Scope
from files.actions.changing import InUse
from files.actions.opening import BytesLost, NotComplete
from files.actions.uploading import WrongOffset
from files.api import answers, digests
from files.api.forms import MOST_SIZE, FileChanges, FileQuery, UploadQuery, represent
from files.api.refusals import OFFSET, DigestMismatch, NoRange
from files.models import File, FileContent
from files.pdf_looks import TooManyPreviews
from files.receiving import TooLarge
from files.storage import StorageFull
from rest.headers import Header
from rest.openapi import Answer, Endpoint, Refusal, RequestBody, one_page

BYTES = "application/octet-stream"
BINARY = {"type": "string", "format": "binary", "maxLength": MOST_SIZE}
Content = Annotated[bytes, Field(max_length=MOST_SIZE)]
AN_ID = UUID("01a1f8c2-7d11-7c06-9b1e-52c7a0f3d481")
_CONTENT = FileContent(sha256="2cb6b4e3f1d2a7f0" * 4)
_FILE = File(
    id=AN_ID,
    project_id=1,
    name="daily-2026-03-29.csv",
    media_type="text/csv",
    size=48_211,
    content=_CONTENT,
    created_by="key:9Zk3TqLw0bXa",
    created_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    expires_at=datetime(2026, 4, 28, 1, 30, tzinfo=UTC),
)
_ON_ITS_WAY = File(id=AN_ID, size=8, offset=5)
A_FILE = represent(_FILE)
A_PREVIEW = {
    "kind": "csv",
    "rows": [["id", "name"], ["1", "Ada"]],
    "text": None,
    "pages": None,
    "delimiter": ",",
    "encoding": "utf-8",
    "is_cut": True,
}
RANGE = {
    "Range": Header("`bytes=0-1023`: only these; one range, otherwise all come."),
    "If-Range": Header("An `ETag`: only if the bytes are still these, otherwise all come."),
    "If-None-Match": Header(
        "An `ETag` that is known already: if it still is the current one, the answer is 304."
    ),
}
FULL = Refusal("There is no room for more bytes; nothing was stored.", StorageFull())
TOO_LARGE = Refusal("The file is larger than may be.", TooLarge(2**31))
OTHER_BYTES = Refusal(
    "The bytes do not hash to `Content-Digest`; nothing was stored. Or this `Idempotency-Key` was used before with "
    "another request.",
    DigestMismatch(*DigestMismatch.sample or ()),
)
NO_FILE = Refusal("There is no such file in this project.", File.DoesNotExist(f"there is no file {AN_ID}"))
LOST = Refusal("The storage has lost its bytes.", BytesLost(_FILE))
UNFINISHED = Refusal("Not all of it is here yet.", NotComplete(_ON_ITS_WAY))

LIST_FILES = Endpoint(
    summary="List files, newest first",
    scope=Scope.FILES_READ,
    query=FileQuery,
    answers=one_page(answers.FilePage, [A_FILE]),
)
CREATE_FILE = Endpoint(
    summary="Upload a file",
    scope=Scope.FILES_WRITE,
    description="The body is the file as it is, or a form (`multipart/form-data`) with one file in it. It is stored as "
    "it comes, and may be larger than memory; the same bytes are stored once. A `Content-Type` that says nothing, such "
    "as curl's own, is replaced by what the name's ending says. With `size` and no body, an upload begins that "
    "`PATCH /files/{id}/` continues, and that is given up a day after its last piece.",
    query=UploadQuery,
    headers={**PARAMETER, **digests.PARAMETER},
    body=RequestBody(
        None,
        {"a CSV": "id,name\n1,Ada\n"},
        required=False,
        also={
            BYTES: BINARY,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": BINARY},
                "required": ["file"],
            },
        },
    ),
    answers={201: Answer("The new file.", answers.File, A_FILE, ("Location", OFFSET, REPLAYED))},
    refusals=(TOO_LARGE, OTHER_BYTES, FULL, DELETED, REUSED),
)
GET_FILE = Endpoint(
    summary="Read what is told of a file",
    scope=Scope.FILES_READ,
    description="Not its bytes. `HEAD` tells in `Upload-Offset` how many of them are here, where to go on.",
    answers={200: Answer("The file.", answers.File, A_FILE, (OFFSET,))},
    refusals=(NO_FILE,),
)
CHANGE_FILE = Endpoint(
    summary="Continue an upload, or change what is told of a file",
    scope=Scope.FILES_WRITE,
    description="With `Upload-Offset`, the body is the next piece of an upload, which must begin there; of one that is "
    "cut off, what came is kept. After the last piece the file is complete. Without it, the body is JSON.",
    headers={
        OFFSET: Header("How many bytes came before this piece.", pattern="^[0-9]{1,15}$", max_length=15),
        **digests.PARAMETER,
    },
    body=RequestBody(
        FileChanges,
        {"another name": {"name": "daily.csv"}, "kept longer": {"expires_at": "2027-01-01T00:00:00Z"}},
        required=False,
        also={BYTES: BINARY},
    ),
    answers={200: Answer("The file as it is now.", answers.File, A_FILE, (OFFSET,))},
    refusals=(
        NO_FILE,
        Refusal(
            "The piece does not continue where the upload is.", WrongOffset(_ON_ITS_WAY), answers.WrongOffset
        ),
        TOO_LARGE,
        OTHER_BYTES,
        FULL,
    ),
)
DELETE_FILE = Endpoint(
    summary="Delete a file",
    scope=Scope.FILES_WRITE,
    description="Or give up an upload. Its bytes go within an hour, unless another file has the same.",
    answers={204: Answer("It is gone.")},
    refusals=(NO_FILE, Refusal("A task that waits or runs needs it.", InUse())),
)
GET_CONTENT = Endpoint(
    operation_id="get_file_content",
    summary="Download a file",
    scope=Scope.FILES_READ,
    description="Its bytes, of its own media type, always as an attachment, and in a sandbox. `ETag` is their SHA-256.",
    headers=RANGE,
    answers={
        200: Answer("All bytes.", Content, None, ("ETag",), media_type=BYTES),
        206: Answer("Some of them, as `Content-Range` tells.", Content, None, ("ETag",), media_type=BYTES),
        304: Answer("They are known already.", headers=("ETag",)),
    },
    refusals=(NO_FILE, UNFINISHED, LOST, Refusal("The file has no bytes there.", NoRange(8))),
)
GET_PREVIEW = Endpoint(
    operation_id="get_file_preview",
    summary="See how a file begins",
    scope=Scope.FILES_READ,
    description="The first rows of a CSV, the beginning of a text, or how many pages a PDF has. Of other files nothing "
    "is told.",
    answers={200: Answer("How it begins.", answers.FilePreview, A_PREVIEW)},
    refusals=(
        NO_FILE,
        UNFINISHED,
        LOST,
        Refusal("As many others as may are looking at pages.", TooManyPreviews()),
    ),
)
