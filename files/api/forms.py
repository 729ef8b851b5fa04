"""What comes in and goes out at `/files/`."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from pydantic import AfterValidator, Field

from files.models import DIGEST_CHARACTERS, File, shown_files
from files.names import LONGEST_NAME, LONGEST_TYPE, NoName, file_name
from files.newest import name_fits
from rest.input import Instant, QueryFlag, QueryInt, QueryUUID, Strict, refusal
from rest.json import instant_text
from rest.pagination import DEFAULT_LIMIT, MAX_LIMIT
from rest.problems import FieldError, InvalidInput
from values.ids import first_id_at

CLOCKS_AGREE = timedelta(minutes=1)
"""How far the clock of a web server, which is in ids, may be from the database's, which is in `created_at`."""
LONGEST_KEPT = timedelta(days=3_660)
MOST_SIZE = 2**40


def _name(value: str) -> str:
    try:
        return file_name(value)
    except NoName as error:
        raise refusal("invalid_name", str(error)) from None


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_name)]


class UploadQuery(Strict):
    """Query parameters of `POST /files/`."""

    name: Annotated[
        Name | None,
        Field(description="What it is called; required, unless the body is a form, which names its file."),
    ] = None
    size: Annotated[
        Annotated[QueryInt, Field(ge=1, le=MOST_SIZE)] | None,
        Field(
            description="Without a body: begin an upload of so many bytes, which come with `PATCH /files/{id}/`."
        ),
    ] = None
    media_type: Annotated[
        Annotated[str, Field(max_length=LONGEST_TYPE)] | None,
        Field(
            description="Of which type it is. Default: the `Content-Type` of the body, or by the name's ending."
        ),
    ] = None


class FileQuery(Strict):
    """Query parameters of `GET /files/`."""

    name: Annotated[
        Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] | None,
        Field(description="The name, or a pattern in which `*` stands for any characters and `?` for one."),
    ] = None
    media_type: Annotated[
        Annotated[str, Field(max_length=LONGEST_TYPE)] | None, Field(description="Of this type.")
    ] = None
    sha256: Annotated[
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=DIGEST_CHARACTERS)] | None,
        Field(description="With these bytes."),
    ] = None
    task: Annotated[QueryUUID | None, Field(description="That this task reads or made.")] = None
    complete: Annotated[QueryFlag | None, Field(description="Whether all of it is here. Default: both.")] = (
        None
    )
    created_after: Annotated[Instant | None, Field(description="Created at or after this time.")] = None
    created_before: Annotated[Instant | None, Field(description="Created before this time.")] = None
    limit: Annotated[QueryInt, Field(ge=1, le=MAX_LIMIT, description="How many per page.")] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None, Field(max_length=100, description="Where to continue: taken from `next` or `previous`.")
    ] = None


class FileChanges(Strict):
    """The body of `PATCH /files/{id}/` without `Upload-Offset`. Omitted fields stay as they are."""

    name: Annotated[Name | None, Field(description="What it is called.")] = None
    expires_at: Annotated[
        Instant | None, Field(description="When it is deleted, if no task needs it then. In the future.")
    ] = None


def filtered(query: FileQuery, project_id: int) -> QuerySet[File]:
    """The files of a project that a query names."""
    files = shown_files(project_id)
    if query.name is not None:
        files = files.filter(name_fits(query.name))
    if query.complete is not None:
        files = files.filter(content__isnull=not query.complete)
    if query.task is not None:
        files = files.filter(id__in=File.objects.filter(uses__task_id=query.task).values("id"))
    wanted: dict[str, Any] = {
        "media_type": query.media_type,
        "content__sha256": query.sha256,
        "created_at__gte": query.created_after,
        "created_at__lt": query.created_before,
        "id__gte": query.created_after and first_id_at(query.created_after - CLOCKS_AGREE),
        "id__lt": query.created_before and first_id_at(query.created_before + CLOCKS_AGREE),
    }
    return files.filter(**{name: value for name, value in wanted.items() if value is not None})


def changed_columns(changes: FileChanges) -> dict[str, Any]:
    """What is changed. Raises InvalidInput."""
    given = changes.model_dump(exclude_none=True)
    expires_at = given.get("expires_at")
    now = datetime.now(UTC)
    if expires_at is not None and not now < expires_at <= now + LONGEST_KEPT:
        detail = f"must be in the future, and within {LONGEST_KEPT.days} days, got {instant_text(expires_at)}"
        raise InvalidInput([FieldError(("expires_at",), "out_of_range", detail)])
    return given


def represent_all(files: Iterable[File]) -> list[dict[str, Any]]:
    """Files as clients see them."""
    return [represent(file) for file in files]


def represent(file: File) -> dict[str, Any]:
    """A file as clients see it."""
    return {
        "id": str(file.id),
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "is_complete": file.is_complete,
        "offset": file.offset,
        "task": None if file.task_id is None else str(file.task_id),
        "created_by": file.created_by,
        "created_at": instant_text(file.created_at),
        "expires_at": instant_text(file.expires_at),
    }


def refuse_large(size: int) -> None:
    """For an upload that says how large it will be. Raises InvalidInput."""
    if size > settings.FILES_MAX_BYTES:
        detail = f"must be at most {settings.FILES_MAX_BYTES} bytes, got {size}"
        raise InvalidInput([FieldError(("size",), "max_value", detail, parameter=True)])


def as_name(text: str) -> str:
    """A name that a form says. Raises InvalidInput."""
    try:
        return file_name(text)
    except NoName as error:
        raise InvalidInput([FieldError(("name",), "invalid_name", str(error), parameter=True)]) from None


def no_name() -> InvalidInput:
    """What to raise where nothing says what the file is called."""
    detail = "must be given in the query, such as ?name=report.pdf"
    return InvalidInput([FieldError(("name",), "missing", detail, parameter=True)])
