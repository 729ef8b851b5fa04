"""What becomes of errors: DRF's handler of exceptions, and Django's for what never reaches DRF. All tell problems."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from log_lines import event
from rest.from_drf import from_drf
from rest.ids import EXAMPLE, no_id_in
from rest.problems import (
    BadRequest,
    ContentTooLarge,
    Forbidden,
    InternalError,
    NotFound,
    Problem,
    problem_response,
)
from rest.unavailable import unavailable

NOT_ACCEPTABLE = "this request is not acceptable"
UNKNOWN_HOST = "the Host header is not one of ALLOWED_HOSTS"
FORBIDDEN = "this is not allowed"

logger = logging.getLogger(__name__)


def as_problem(error: Exception, context: Mapping[str, Any] = MappingProxyType({})) -> Problem:
    """The problem that tells `error` to a caller. What nobody foresaw is logged and told as 500.

    `context` is DRF's, if there is one: it knows what would have been possible.
    """
    match error:
        case Problem():
            return error
        case Http404():
            return NotFound("there is nothing at this address")
        case RequestDataTooBig():
            return ContentTooLarge()
        case exceptions.APIException():
            return from_drf(error, context)
        case OperationalError() | InterfaceError():
            return unavailable(error)
        case PermissionDenied():
            return Forbidden(FORBIDDEN)
        case SuspiciousOperation():
            return BadRequest(NOT_ACCEPTABLE)
    logger.error("unexpected error", exc_info=error, extra=event("request.exception"))
    return InternalError()


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400: a host name or a form of request that is refused."""
    detail = UNKNOWN_HOST if isinstance(exception, DisallowedHost) else NOT_ACCEPTABLE
    return problem_response(BadRequest(detail))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 (Django passes it)
    """Django's handler404: no such path."""
    detail = f"there is nothing at {request.path[:200]}; see /swagger/ for what there is"
    if no_id := no_id_in(request.path_info):
        detail = f"{no_id} is not an id: ids are UUIDs such as {EXAMPLE}"
    return problem_response(NotFound(detail))


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403. What `PermissionDenied` says is told."""
    return problem_response(Forbidden(str(exception or "") or FORBIDDEN))


def server_error(_request: HttpRequest) -> HttpResponse:
    """Django's handler500: an error outside of every view."""
    return problem_response(InternalError())
