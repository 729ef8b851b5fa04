"""Errors as RFC 9457 problem bodies, on every path.

A view raises; `exception_handler` (for DRF) and the `handler…` views (for what never reaches DRF) answer.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
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

from rest import commits
from rest.json import dump
from rest.middleware import current_request_id

CONTENT_TYPE = "application/problem+json"
NOT_ACCEPTABLE = "this request is not acceptable"
UNKNOWN_HOST = "the Host header is not one of ALLOWED_HOSTS"
FORBIDDEN = "this is not allowed"
RETRY_AFTER_DATABASE_SECONDS = 5
BUSY = ("57014", "55P03", "40P01", "40001")
"""Of Postgres: a statement or its wait for a lock took too long; two waited for each other."""
MOST_NAMED = 3
"""Of many things that are wrong, a summary names the first ones."""
_PREDICATES = ("must ", "is ", "ends ")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one part of the input. `location` is a path into the body, or a query parameter."""

    location: tuple[str | int, ...]
    code: str
    detail: str
    parameter: bool = False

    def below(self, *prefix: str | int) -> "FieldError":
        """The same error, seen from `prefix` levels further up."""
        return FieldError((*prefix, *self.location), self.code, self.detail, self.parameter)

    def as_json(self) -> dict[str, str]:
        """`pointer` is RFC 6901 in its URI fragment form; a query parameter goes by its name."""
        where = (
            {"parameter": str(self.location[0])} if self.parameter else {"pointer": pointer(self.location)}
        )
        return {**where, "code": self.code, "detail": self.detail}

    @property
    def subject(self) -> str:
        """What it is about, for people: `arguments.prices[0]`; a pointer where there are names that read badly so."""
        if not self.location:
            return "the body"
        names = [step for step in self.location if isinstance(step, str)]
        if all(map(_PLAIN_NAME.fullmatch, names)) and isinstance(self.location[0], str):
            return "".join(map(_below, self.location)).removeprefix(".")
        return json.dumps(str(self.location[0])[:100]) if self.parameter else pointer(self.location)

    @property
    def sentence(self) -> str:
        """What is wrong, and with which field: `priority must be at most 9, got 12`."""
        if self.detail.startswith(_PREDICATES):
            return f"{self.subject} {self.detail}"
        names_it = not self.location or self.detail.startswith(f"{self.subject} ")
        return self.detail if names_it else f"{self.subject}: {self.detail}"


def _below(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def pointer(location: Iterable[str | int]) -> str:
    """`("arguments", "a/b")` -> `#/arguments/a~1b`."""
    return "#" + "".join("/" + str(part)[:100].replace("~", "~0").replace("/", "~1") for part in location)


class Problem(Exception):
    """An answer other than success. Subclasses fix `status` and `code`; `detail` says what happened."""

    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code = "bad_request"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


class InvalidInput(Problem):
    """400: each of `errors` names a field, what was expected and what came."""

    code = "invalid_input"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = list(errors)
        super().__init__(_told_in_one(self.errors), errors=[error.as_json() for error in self.errors])


def _told_in_one(errors: Sequence[FieldError]) -> str:
    if len(errors) == 1:
        return errors[0].sentence
    names = [error.subject for error in errors[:MOST_NAMED]]
    if len(errors) > MOST_NAMED:
        names.append(f"{len(errors) - MOST_NAMED} more")
    listed = ", ".join(names[:-1]) + f" and {names[-1]}"
    return f"{len(errors)} things are wrong with this request: {listed}"


class InputTooLarge(InvalidInput):
    """413: a part of the input is larger than this service stores."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "content_too_large"


class NotFound(Problem):
    """404: there is no such thing."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class Conflict(Problem):
    """409: the thing is in a state that does not allow this."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class PreconditionFailed(Problem):
    """412: somebody else changed it first."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition_failed"


class ContentTooLarge(Problem):
    """413: the body is larger than this service reads."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "content_too_large"


class Unavailable(Problem):
    """503: the database did not do its part; `detail` says what became of the request."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_DATABASE_SECONDS)}, **extra)


class DatabaseAway(Unavailable):
    """503: the database does not answer, and nothing was changed."""

    code = "database_away"

    def __init__(self, **extra: Any) -> None:
        super().__init__("the database does not answer; nothing was changed; try again soon", **extra)


class DatabaseBusy(Unavailable):
    """503: the database took too long, as for a row that somebody else has locked, and nothing was changed."""

    code = "database_busy"

    def __init__(self) -> None:
        super().__init__("the database could not do this in time; nothing was changed; try again soon")


class OutcomeUnknown(Unavailable):
    """503: the database stopped answering when a change may have been committed."""

    code = "outcome_unknown"

    def __init__(self) -> None:
        super().__init__(
            "the database stopped answering, and the request may have been carried out: repeat it with the same "
            "Idempotency-Key, or look before you repeat it"
        )


def unavailable(error: OperationalError | InterfaceError) -> Unavailable:
    """The problem where the database failed in a request, as far as is known of what the request did."""
    logger.error("the database failed: %s", error)
    if commits.may_have_happened():
        return OutcomeUnknown()
    return DatabaseBusy() if getattr(error.__cause__, "pgcode", None) in BUSY else DatabaseAway()


def problem_body(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """The members of RFC 9457, and ours."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
        **extra,
    }


def exception_handler(error: Exception, _context: dict[str, Any]) -> HttpResponse:
    """DRF's hook: every exception of a view becomes a problem, also those nobody foresaw.

    It is written here, not by the view's renderer, for some render pages.
    """
    return problem_response(as_problem(error))


def as_problem(error: Exception) -> Problem:
    """The problem that tells `error` to a caller. What nobody foresaw is logged and told as 500."""
    match error:
        case Problem():
            return error
        case Http404():
            return NotFound("there is nothing at this address")
        case RequestDataTooBig():
            return ContentTooLarge("the body is larger than 16 MiB")
        case exceptions.APIException():
            return _from_drf(error)
        case OperationalError() | InterfaceError():
            return unavailable(error)
        case PermissionDenied():
            return _with(HTTPStatus.FORBIDDEN, "forbidden", FORBIDDEN)
        case SuspiciousOperation():
            return _with(HTTPStatus.BAD_REQUEST, "bad_request", NOT_ACCEPTABLE)
    logger.error("unexpected error", exc_info=error)
    return _with(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "something went wrong on our side; the log has details under this request_id",
    )


def _from_drf(error: exceptions.APIException) -> Problem:
    code = error.get_codes() if isinstance(error.detail, str) else error.default_code
    return _with(HTTPStatus(error.status_code), str(code), str(error.detail))


def _with(status: HTTPStatus, code: str, detail: str) -> Problem:
    problem = Problem(detail)
    problem.status = status
    problem.code = code
    return problem


def problem_response(problem: Problem) -> HttpResponse:
    """The answer for what never reaches a DRF view."""
    body = problem_body(problem.status, problem.code, problem.detail, **problem.extra)
    return HttpResponse(
        dump(body), status=problem.status, content_type=CONTENT_TYPE, headers=dict(problem.headers)
    )


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400: a host name or a form of request that is refused."""
    detail = UNKNOWN_HOST if isinstance(exception, DisallowedHost) else NOT_ACCEPTABLE
    return problem_response(_with(HTTPStatus.BAD_REQUEST, "bad_request", detail))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 (Django passes it)
    """Django's handler404: no such path."""
    return problem_response(
        NotFound(f"there is nothing at {request.path[:200]}; see /swagger/ for what there is")
    )


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403. What `PermissionDenied` says is told."""
    return problem_response(_with(HTTPStatus.FORBIDDEN, "forbidden", str(exception or "") or FORBIDDEN))


def server_error(_request: HttpRequest) -> HttpResponse:
    """Django's handler500: an error outside of every view."""
    return problem_response(
        _with(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal_error",
            "something went wrong on our side; the log has details under this request_id",
        )
    )
