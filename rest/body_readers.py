"""Bodies are here before a request takes its turn: one that comes slowly holds up nobody.

A chunked body does not tell its length beforehand either, and Django takes that for no body at all.
"""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from io import BytesIO
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from rest.early import respond
from rest.places import AllTaken, Places
from rest.problems import BadRequest, Problem
from rest.unavailable import Unavailable
from rest.unread_bodies import closing_if_unread

IN_MEMORY_BYTES = 256 * 1024
"""What is longer waits in a file, for many may be on their way at once."""

FIRST_PART_BYTES = 16
GRACE_SECONDS = 10
LEAST_BYTES_PER_SECOND = 1024

Address = Callable[[WSGIEnvironment], str | None]


class BrokenOff(Problem):
    """400: the body ended before its end."""

    code = "incomplete_body"
    mending = "Send it again, as long as `Content-Length` says. If it happens often, something on the way cuts bodies."
    sample = ("the body ended before its end",)


class TooSlow(Problem):
    """408: the body does not come as fast as it must."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "body_too_slow"
    mending = "Send it again, in smaller pieces if the connection is slow. Nothing was changed."
    sample = ()

    def __init__(self) -> None:
        super().__init__(
            f"the body must come within {GRACE_SECONDS} seconds, or with at least {LEAST_BYTES_PER_SECOND:,} bytes a "
            "second; send it again"
        )


class TooManySlow(Unavailable):
    """503: as many others as may are sending bodies slowly."""

    code = "too_many_bodies"

    def __init__(self) -> None:
        super().__init__(
            "too many other bodies are still on their way, from here or in all; nothing was changed; try again soon"
        )


class WholeBodies:
    """Reads a body before the application sees the request, and tells its length.

    Of a chunked one that is longer than `limit` only so much is read that the application sees it, too, and refuses
    it; of one that says so beforehand, nothing. Only so many are read at a time as there are `places`. One that ends
    too early is answered with 400: nobody may take a part for the whole.
    """

    def __init__(self, application: WSGIApplication, limit: int, places: Places, address_of: Address) -> None:
        self._application = application
        self._limit = limit
        self._places = places
        self._address_of = address_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        coding = environ.get("HTTP_TRANSFER_ENCODING")
        said = 0 if coding else int(environ.get("CONTENT_LENGTH") or 0)
        if coding is None and said > self._limit:
            return closing_if_unread(self._application, environ, start_response)
        if coding is None and not said:
            return self._application(environ, start_response)
        with BytesIO() if 0 < said <= IN_MEMORY_BYTES else SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            try:
                length = self._read(environ, coding, said, body)
            except Problem as problem:
                # What still comes of it is no request.
                return respond(problem, environ, start_response, close=True)
            body.seek(0)
            environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
            return self._application(environ, start_response)

    def _read(self, environ: WSGIEnvironment, coding: str | None, said: int, body: IO[bytes]) -> int:
        """How long it is. Raises Problem."""
        if coding is not None and coding.lower() != "chunked":
            raise BadRequest(
                f"Transfer-Encoding must be chunked, got {coding[:50]!r}: send the body as it is"
            )
        try:
            with self._places.place(self._address_of(environ)):
                for part in _parts(environ["wsgi.input"], said or self._limit + 1):
                    body.write(part)
        except AllTaken:
            raise TooManySlow from None
        length = body.tell()
        if said and length < said:
            raise BrokenOff(
                f"the body broke off: {said:,} bytes were announced, and {length:,} came; send it again"
            )
        if not length:
            # The server says of a chunked body that breaks off only that it ends, as an empty one does.
            raise BrokenOff(
                "the chunked body is empty or broke off, and the two cannot be told apart; send it again, or without a "
                "body and without Transfer-Encoding"
            )
        return length


def _parts(stream: IO[Any], limit: int) -> Iterator[bytes]:
    """At most so many bytes. Raises TooSlow.

    Each part is as large as all before it, for the server only returns when it has as much as it is asked for: so time
    is looked at before twice as much of it has passed, and most bodies take few calls.
    """
    began, come = monotonic(), 0
    while come < limit and (part := stream.read(_next(come, limit))):
        yield part
        come += len(part)
        waited = monotonic() - began
        if waited > GRACE_SECONDS and come < limit and come < waited * LEAST_BYTES_PER_SECOND:
            raise TooSlow


def _next(come: int, limit: int) -> int:
    return min(limit - come, IN_MEMORY_BYTES, max(come, FIRST_PART_BYTES))
