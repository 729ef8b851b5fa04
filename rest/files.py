"""Files are sent by the thread that answers, and whoever reads slowly keeps it: so few are sent at a time."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import FileResponse

from rest.early import respond
from rest.places import AllTaken, Places
from rest.unavailable import Unavailable

Address = Callable[[WSGIEnvironment], str | None]


class TooManyReaders(Unavailable):
    """503: as many others as may are reading files slowly."""

    code = "too_many_readers"

    def __init__(self) -> None:
        super().__init__("too many other files are still being sent, to here or in all; try again soon")


class FilesInPlaces:
    """Sends only so many files at a time as there are `places`. Other answers are nothing to it."""

    def __init__(self, application: WSGIApplication, places: Places, address_of: Address) -> None:
        self._application = application
        self._places = places
        self._address_of = address_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        if not isinstance(answer, FileResponse):
            return answer
        held = ExitStack()
        held.callback(answer.close)
        try:
            held.enter_context(self._places.place(self._address_of(environ)))
        except AllTaken:
            held.close()
            reason = sys.exc_info()
            return respond(
                TooManyReaders(), environ, lambda status, headers: start_response(status, headers, reason)
            )
        return _Sending(iter(answer), held)


class _Sending:
    def __init__(self, parts: Iterator[bytes], held: ExitStack) -> None:
        self._parts = parts
        self.close = held.close

    def __iter__(self) -> Iterator[bytes]:
        return self._parts
