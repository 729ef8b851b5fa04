"""What happens around every request."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path

from log_lines import request_id as _request_id

Handler = Callable[[HttpRequest], HttpResponse]

HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,100}")


def current_request_id() -> str | None:
    """The id of the request that is being answered in this thread, if any."""
    return _request_id.get()


def request_id_from(given: str) -> str:
    """The caller's own, if it is harmless, or a new one."""
    return given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex


class RequestIdMiddleware:
    """Gives every request an id: the caller's own (X-Request-ID), if it is harmless, or a new one.

    It is in the answer's header, in every error body and in every line of the log.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_id_from(request.headers.get(HEADER, ""))
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response[HEADER] = request_id
        return response


class OptionalSlashMiddleware:
    """Every path works with and without its trailing slash, without a redirect, which would lose a POST's body."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.endswith("/") and is_valid_path(path + "/") and not is_valid_path(path):
            request.path_info += "/"
        return self.get_response(request)
