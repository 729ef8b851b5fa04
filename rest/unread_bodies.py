"""Who is answered before all of the body was read has to be told that the connection ends.

The server ends it then, for what still comes is no request. If it does not say so, the next request over it is lost.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def closing_if_unread(
    application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """The application's answer, with `Connection: close` if it has not read the body to its end."""
    body = _Watched(environ)

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        closing = [] if body.is_read else [("Connection", "close")]
        return start_response(status, [*headers, *closing], *more)

    return application({**environ, "wsgi.input": body}, start)


class _Watched:
    """The body of a request. `is_read`: nothing more comes of it."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._stream: Any = environ["wsgi.input"]
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        self._left = None if is_chunked else int(environ.get("CONTENT_LENGTH") or 0)
        self.is_read = self._left == 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most so many; none: that is all."""
        piece = bytes(self._stream.read(size))
        if self._left is None:
            self.is_read = self.is_read or not (piece or size == 0)
        else:
            self._left -= len(piece)
            self.is_read = self._left <= 0
        return piece

    def __getattr__(self, name: str) -> Any:
        """Of what is read in other ways nothing is known: then the connection ends."""
        return getattr(self._stream, name)
