"""Bodies that are read while the request is answered: too long to wait for, and for memory."""

from collections.abc import Callable, Iterable
from time import monotonic
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from rest.body_readers import Address, BrokenOff, TooSlow
from rest.early import respond
from rest.places import AllTaken, Places
from rest.problems import BadRequest
from rest.unavailable import Unavailable
from rest.unread_bodies import closing_if_unread

PIECE_BYTES = 64 * 1024
FIRST_PIECE_BYTES = 1_024
WINDOW_SECONDS = 30


class TooManyUploads(Unavailable):
    """503: as many others as may are uploading files."""

    code = "too_many_uploads"

    def __init__(self) -> None:
        super().__init__(
            "too many other files are on their way, from here or in all; nothing was stored; try again soon"
        )


class StreamedBodies:
    """Lets only so many requests through at a time whose bodies the application reads as they come, as there are
    `places`. All others go to `whole`."""

    def __init__(
        self,
        application: WSGIApplication,
        whole: WSGIApplication,
        is_streamed: Callable[[WSGIEnvironment], bool],
        places: Places,
        address_of: Address,
    ) -> None:
        self._application = application
        self._whole = whole
        self._is_streamed = is_streamed
        self._places = places
        self._address_of = address_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._is_streamed(environ):
            return self._whole(environ, start_response)
        try:
            with self._places.place(self._address_of(environ)):
                return closing_if_unread(self._application, environ, start_response)
        except AllTaken:
            return respond(TooManyUploads(), environ, start_response, close=True)


class BodyStream:
    """The body of a request, read as it comes. One that is slow for `WINDOW_SECONDS` is broken off.

    `length`: what was announced; None of one in chunks.
    """

    def __init__(self, environ: WSGIEnvironment, least_bytes_per_second: int) -> None:
        coding = environ.get("HTTP_TRANSFER_ENCODING")
        if coding is not None and coding.lower() != "chunked":
            raise BadRequest(
                f"Transfer-Encoding must be chunked, got {coding[:50]!r}: send the body as it is"
            )
        self.length = None if coding else int(environ.get("CONTENT_LENGTH") or 0)
        self.come = 0
        self._stream = environ["wsgi.input"]
        self._least = least_bytes_per_second
        self._window_began, self._window_come = monotonic(), 0

    def read(self, size: int = PIECE_BYTES, /) -> bytes:
        """The next bytes, at most so many; none: all has come. Raises TooSlow, and BrokenOff where it ends early."""
        wanted = min(size if size >= 0 else PIECE_BYTES, PIECE_BYTES, max(self.come, FIRST_PIECE_BYTES))
        if self.length is not None:
            wanted = min(wanted, self.length - self.come)
        piece = bytes(self._stream.read(wanted)) if wanted else b""
        self.come += len(piece)
        if not piece and self.length is not None and self.come < self.length:
            raise BrokenOff(
                f"the body broke off: {self.length:,} bytes were announced, and {self.come:,} came; send it again"
            )
        self._refuse_slow(len(piece))
        return piece

    def _refuse_slow(self, come: int) -> None:
        self._window_come += come
        waited = monotonic() - self._window_began
        if waited < WINDOW_SECONDS:
            return
        if self._window_come < waited * self._least and come:
            raise TooSlow
        self._window_began, self._window_come = monotonic(), 0
