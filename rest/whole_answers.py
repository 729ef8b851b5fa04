"""An answer that is complete is handed to the server in one piece, and what a large one took is given back."""

import ctypes
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import HttpResponse

LARGE_BYTES = 1024 * 1024
"""From here on it pays to look through the heap, which takes some milliseconds."""


class WholeAnswers:
    """Makes a list of an answer that is not made while it is sent.

    Granian sends a list at once. Of anything else it takes part after part, and waits in between, without the
    interpreter's lock, for its own thread to send: then the processor is handed round three times as often.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._give_back = _trim_of_this_libc()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        if not isinstance(answer, HttpResponse):
            return answer
        try:
            content: bytes = answer.content
        finally:
            answer.close()
        _untie(answer)
        if len(content) >= LARGE_BYTES:
            del answer  # and with it the request and its body
            self._give_back(0)
        return [content]


def _untie(answer: HttpResponse) -> None:
    """Take apart the circles that Django and DRF make, so that an answer and its request go at once.

    Else they stay until the interpreter looks for circles: of a large one, both are many megabytes.
    """
    context = getattr(answer, "renderer_context", None)
    if context:
        context["request"].parser_context.clear()
        vars(context["view"]).clear()
        context.clear()


def _trim_of_this_libc() -> Callable[[int], object]:
    """glibc's `malloc_trim`: it keeps what lies freed between what is in use, until somebody asks. Others need none."""
    return getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)
