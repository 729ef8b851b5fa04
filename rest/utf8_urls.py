"""Addresses are text: what is no UTF-8 would come through as other text, and name another thing."""

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import HttpRequest, HttpResponse

from rest.middleware import Handler
from rest.problems import BadRequest, problem_response

PATH_AS_SENT = "rest.path_as_sent"
NO_TEXT = "the path and the query must be UTF-8, with percent-encoding where that is needed"


class KeepPathAsSent:
    """Keeps the bytes of the path, which Django replaces by text."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[PATH_AS_SENT] = environ.get("PATH_INFO", "").encode("latin-1")
        return self._application(environ, start_response)


class TextAddressMiddleware:
    """Refuses with 400 a path or a query that is no UTF-8."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_text(request):
            return problem_response(BadRequest(NO_TEXT))
        return self.get_response(request)


def _is_text(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "").encode("latin-1")
    try:
        request.META.get(PATH_AS_SENT, b"").decode()
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True
