"""`/files/`: each method reads its input, calls one verb, and answers."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from access.actor import Actor
from access.api.idempotent import Effect, left, once
from access.door import acting, actor_of
from access.idempotency import Ids
from files.actions import changing, uploading
from files.actions.opening import open_content
from files.actions.storing import NewFile
from files.api import digests, forms, openapi, uploads
from files.api.bodies import Said, body_of, read_file
from files.api.forms import UploadQuery
from files.api.refusals import OFFSET, FileView
from files.api.sending import sent
from files.models import File, find_file, shown_files
from files.previews import preview_of
from files.quotas import FILE_MEBIBYTES, refuse_files
from files.receiving import Received, TooLarge, receiving
from rest.body_readers import BrokenOff, TooSlow
from rest.headers import header_of
from rest.input import Strict, read_body, read_query
from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import FieldError, InvalidInput


class FileList(FileView):
    """All files."""

    @documented(openapi.LIST_FILES)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(forms.FileQuery, request.query_params)
        rows = forms.filtered(query, actor_of(request).project_id)
        return paginate(request, rows, forms.represent_all, limit=query.limit, cursor=query.cursor)

    @documented(openapi.CREATE_FILE)
    def post(self, request: Request) -> Response:
        """Store the body, or begin an upload."""
        query = read_query(UploadQuery, request.query_params)
        actor = acting(request)
        return _begin(request, query, actor) if query.size else _store(request, query, actor)


def _store(request: Request, query: UploadQuery, actor: Actor) -> Response:
    body, announced = body_of(request), digests.announced(request)
    with uploads.expecting(body, actor) as received:
        said = read_file(request, body, received)
        digests.refuse_other(announced, received.digest)
        new = uploads.described(query.name, query.media_type, said, actor)
        return _kept(request, received, new, actor)


def _kept(request: Request, received: Received, new: NewFile, actor: Actor) -> Response:
    """The file of what came, made once."""
    content_id = uploads.keep(received, actor)

    def create() -> Effect:
        file = uploads.make(content_id, received.size, new, actor)
        return Effect(_created(request, file), [file.id])

    meaning = {"sha256": received.sha256, "name": new.name, "media_type": new.media_type}
    with transaction.atomic():
        return once(request, create, _again(request, actor), stands_for=meaning)


def _begin(request: Request, query: UploadQuery, actor: Actor) -> Response:
    if int(request.headers.get("Content-Length") or 0) or "Transfer-Encoding" in request.headers:
        detail = "must be left out where a body comes: it begins an upload without one"
        raise InvalidInput([FieldError(("size",), "unexpected_body", detail, parameter=True)])
    size = query.size or 0
    forms.refuse_large(size)
    new = uploads.described(query.name, query.media_type, Said(), actor)
    refuse_files(actor.project_id, actor.quota(FILE_MEBIBYTES), size)

    def create() -> Effect:
        file = uploading.begin(new, size)
        return Effect(_created(request, uploads.told(file, actor)), [file.id])

    with transaction.atomic():
        return once(request, create, _again(request, actor), stands_for={"size": size, "name": new.name})


def _again(request: Request, actor: Actor) -> Callable[[Ids], Response]:
    def again(ids: Ids) -> Response:
        return _created(request, left(shown_files(actor.project_id), ids))

    return again


def _created(request: Request, file: File) -> Response:
    location = request.build_absolute_uri(f"/files/{file.id}/")
    return Response(forms.represent(file), status=201, headers={"Location": location, **_offset(file)})


def _offset(file: File) -> dict[str, str]:
    """Where an upload goes on; nothing more to send: its size."""
    return {OFFSET: str(file.size if file.offset is None else file.offset)}


class FileDetail(FileView):
    """One file."""

    @documented(openapi.GET_FILE)
    def get(self, request: Request, file_id: UUID) -> Response:
        """What is told of it."""
        read_query(Strict, request.query_params)
        file = find_file(file_id, actor_of(request).project_id)
        return Response(forms.represent(file), headers=_offset(file))

    @documented(openapi.CHANGE_FILE)
    def patch(self, request: Request, file_id: UUID) -> Response:
        """Take the next piece, or change what is named."""
        read_query(Strict, request.query_params)
        actor = acting(request)
        start = header_of(request, OFFSET)
        if start is not None:
            file = _continued(request, find_file(file_id, actor.project_id), _offset_of(start))
        else:
            changes = read_body(forms.FileChanges, request.data)
            file = changing.change(file_id, forms.changed_columns(changes), actor)
        return Response(forms.represent(file), headers=_offset(file))

    @documented(openapi.DELETE_FILE)
    def delete(self, request: Request, file_id: UUID) -> Response:
        """It is gone at once, its bytes a little later."""
        read_query(Strict, request.query_params)
        changing.delete(file_id, acting(request))
        return Response(status=204)


def _offset_of(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST_OFFSET):
        detail = "must be a whole number, how many bytes came before"
        raise InvalidInput([FieldError((OFFSET,), "invalid_offset", detail, parameter=True)])
    return int(given)


LONGEST_OFFSET = 15


def _continued(request: Request, file: File, start: int) -> File:
    """The file with the piece that comes. Of one that breaks off, what came is kept, and the problem is raised."""
    uploading.refuse_part(file, start)
    body, announced = body_of(request), digests.announced(request)
    room = file.size - start
    if (body.length or 0) > room:
        raise TooLarge(room)
    with receiving(room, expected=body.length or 0) as received:
        try:
            read_file(request, body, received)
        except (BrokenOff, TooSlow):
            if announced is None:
                uploading.append(file, start, received)
            raise
        digests.refuse_other(announced, received.digest)
        return uploading.append(file, start, received)


class FileContent(FileView):
    """The bytes of one file."""

    @documented(openapi.GET_CONTENT)
    def get(self, request: Request, file_id: UUID) -> HttpResponseBase:
        """All of them, or a part."""
        read_query(Strict, request.query_params)
        return sent(request, find_file(file_id, actor_of(request).project_id))


class FilePreview(FileView):
    """How one file begins."""

    @documented(openapi.GET_PREVIEW)
    def get(self, request: Request, file_id: UUID) -> Response:
        """Rows or text."""
        read_query(Strict, request.query_params)
        file = find_file(file_id, actor_of(request).project_id)
        with open_content(file) as stream:
            return Response(preview_of(file.media_type, stream))
