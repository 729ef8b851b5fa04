"""Sends the bytes of a file: as what they are said to be, and so that no browser ever runs them."""

from http import HTTPStatus
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from files.actions.opening import open_content
from files.api.ranges import Part, PartOfStream, is_known, part_of
from files.models import File

CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


class _Sent(FileResponse):
    block_size = 64 * 1024

    def set_headers(self, filelike: Any) -> None:
        """Django's hook, which would look at the stream for what is known."""


def sent(request: Request, file: File) -> HttpResponseBase:
    """The answer with the bytes that are asked for. Raises NotComplete, BytesLost, NoRange."""
    tag = f'"{file.sha256}"'
    if file.is_complete and is_known(request.headers, tag):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    part = part_of(request.headers, file.size, tag) if file.is_complete else None
    stream = PartOfStream(open_content(file), part or Part(0, file.size))
    is_part = part is not None
    answer = _Sent(stream, status=HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK)
    answer.headers["Content-Type"] = file.media_type
    start, end = part or Part(0, file.size)
    headers = {
        "Content-Length": str(end - start),
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }
    for name, value in headers.items():
        answer[name] = value
    if is_part:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return answer
