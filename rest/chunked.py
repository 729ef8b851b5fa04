"""Bodies that come in chunks: their length is not told beforehand, and Django takes that for no body at all."""

from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class ChunkedBodies:
    """Reads a chunked body before Django sees the request, which then tells its length.

    Of one that is longer than `limit` only so much is read that Django sees it, too, and refuses it.
    """

    def __init__(self, application: WSGIApplication, limit: int) -> None:
        self._application = application
        self._limit = limit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            body = _read(environ["wsgi.input"], self._limit + 1)
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._application(environ, start_response)


def _read(stream: IO[Any], limit: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0 and (part := stream.read(limit)):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
