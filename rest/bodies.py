"""Bodies are here before a request takes its turn: one that comes slowly holds up nobody.

A chunked body does not tell its length beforehand either, and Django takes that for no body at all.
"""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

IN_MEMORY_BYTES = 256 * 1024
"""What is longer waits in a file, for many may be on their way at once."""


class WholeBodies:
    """Reads a body before the application sees the request, and tells its length.

    Of a chunked one that is longer than `limit` only so much is read that the application sees it, too, and refuses
    it; of one that says so beforehand, nothing. One that ends too early is answered with 400: nobody may take a part
    for the whole.
    """

    def __init__(self, application: WSGIApplication, limit: int) -> None:
        self._application = application
        self._limit = limit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        said = 0 if is_chunked else int(environ.get("CONTENT_LENGTH") or 0)
        if not is_chunked and not 0 < said <= self._limit:
            return self._application(environ, start_response)
        with SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            for part in _parts(environ["wsgi.input"], self._limit + 1 if is_chunked else said):
                body.write(part)
            length = body.tell()
            if length < said:
                start_response("400 Bad Request", [("Content-Length", "0")])
                return []
            body.seek(0)
            environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
            return self._application(environ, start_response)


def _parts(stream: IO[Any], limit: int) -> Iterator[bytes]:
    """At most so many bytes."""
    while limit > 0 and (part := stream.read(min(limit, IN_MEMORY_BYTES))):
        yield part
        limit -= len(part)
