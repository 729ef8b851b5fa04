"""Errors as RFC 9457 problem bodies, on every path.

A view raises them, and `rest.handlers` answers.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse

from log_lines import event
from rest import commits
from rest.json import dump_line
from rest.middleware import current_request_id

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
BUSY = ("57014", "55P03", "40P01", "40001")
"""Of Postgres: a statement or its wait for a lock took too long; two waited for each other."""
MOST_NAMED = 3
"""Of many things that are wrong, a summary tells the first ones."""
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
    """An answer other than success. Subclasses fix `status` and `code`; `detail` says what happened.

    It may be an exception, which is told by its text.
    """

    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code = "bad_request"

    def __init__(
        self, detail: str | Exception, *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.detail = str(detail)
        self.headers = dict(headers or {})
        self.extra = extra

    @property
    def body(self) -> dict[str, Any]:
        """The members of RFC 9457, and ours."""
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": current_request_id(),
            **self.extra,
        }


class InvalidInput(Problem):
    """400: each of `errors` names a field, what was expected and what came."""

    code = "invalid_input"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = list(errors)
        super().__init__(_summarize(self.errors), errors=[error.as_json() for error in self.errors])


def _summarize(errors: Sequence[FieldError]) -> str:
    if len(errors) == 1:
        return errors[0].sentence
    reasons = [error.sentence for error in errors[:MOST_NAMED]]
    if len(errors) > MOST_NAMED:
        reasons.append(f"and {len(errors) - MOST_NAMED} more")
    return f"{len(errors)} things are wrong with this request: {'; '.join(reasons)}"


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

    def __init__(self) -> None:
        super().__init__("the body is larger than 16 MiB")


class InternalError(Problem):
    """500: nobody foresaw this."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("something went wrong on our side; the log has details under this request_id")


class Unavailable(Problem):
    """503: not now, but soon again; `detail` says what became of the request."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str | Exception, **extra: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}, **extra)


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
    logger.error("the database failed: %s", error, extra=event("database.failed"))
    if commits.may_have_happened():
        return OutcomeUnknown()
    return DatabaseBusy() if getattr(error.__cause__, "pgcode", None) in BUSY else DatabaseAway()


def problem_of(
    status: HTTPStatus, code: str, detail: str, *, headers: Mapping[str, str] | None = None
) -> Problem:
    """A problem of a kind that has no class of its own."""
    problem = Problem(detail, headers=headers)
    problem.status = status
    problem.code = code
    return problem


def problem_response(problem: Problem) -> HttpResponse:
    """The answer for what never reaches a DRF view."""
    return HttpResponse(
        dump_line(problem.body), status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers
    )
