"""An answer that is complete is handed to the server in one piece."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import HttpResponse


class WholeAnswers:
    """Makes a list of an answer that is not made while it is sent.

    Granian sends a list at once. Of anything else it takes part after part, and waits in between, without the
    interpreter's lock, for its own thread to send: then the processor is handed round three times as often.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        if not isinstance(answer, HttpResponse):
            return answer
        try:
            return [answer.content]
        finally:
            answer.close()
