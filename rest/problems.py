"""Errors as RFC 9457 problem bodies, on every path.

A view raises them, and `rest.handlers` answers.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import get_script_prefix

from rest.json import dump_line
from rest.middleware import current_request_id

CONTENT_TYPE = "application/problem+json"
MOST_NAMED = 3
"""Of many things that are wrong, a summary tells the first ones."""
_PREDICATES = ("must ", "is ", "ends ")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")


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


KINDS: dict[str, list[type["Problem"]]] = {}
"""The classes of problems by their codes; some share one."""


class Problem(Exception):
    """An answer other than success. Subclasses fix `status` and `code`; `detail` says what happened.

    It may be an exception, which is told by its text. The page of a code at `/problems/` is made from its classes: the
    docstring says what it means, `mending` what the caller can do, and `sample` holds the arguments of an example.
    """

    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    code = ""
    mending = ""
    sample: tuple[Any, ...] | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in vars(cls):
            KINDS.setdefault(cls.code, []).append(cls)

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
            "type": type_of(self.code) if self.code in KINDS else "about:blank",
            "title": self.status.phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": current_request_id(),
            **self.extra,
        }


def type_of(code: str) -> str:
    """Where a problem of this code is explained: a reference, relative to wherever the service is."""
    return f"{get_script_prefix()}problems/{code}"


class BadRequest(Problem):
    """400: the request as a whole is not one that this service answers."""

    code = "bad_request"
    mending = (
        "If `detail` names the Host header: use an address that the operator allows, or have it added to "
        "`ALLOWED_HOSTS`. Otherwise look at what the client sends: something in it is no valid HTTP."
    )
    sample = ("the Host header is not one of ALLOWED_HOSTS",)


class Forbidden(Problem):
    """403: this is not allowed, whoever asks."""

    code = "forbidden"
    status = HTTPStatus.FORBIDDEN
    mending = (
        "Browsers may send what changes something only from a page of this service, or with a key from a site that the "
        "operator names in `CORS_ALLOWED_ORIGINS`: use the service's own pages, such a site, or a program."
    )
    sample = ("this is not allowed",)


class InvalidInput(Problem):
    """400: each of `errors` names a field, what was expected and what came."""

    code = "invalid_input"
    mending = (
        "Look at each of `errors`: `pointer` says where in the body, or `parameter` which parameter of the query or "
        "header; `detail` says what was expected and what came. Change that. The same request again is refused again."
    )
    sample = ([FieldError(("priority",), "max_value", "must be at most 9, got 12")],)

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

    mending = (
        "Store large data elsewhere, and give the task its address. `arguments` may have 256 KiB as JSON."
    )
    sample = (
        [FieldError(("arguments",), "too_large", "must have at most 262144 bytes as JSON, got 300017")],
    )
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "content_too_large"


class NotFound(Problem):
    """404: there is no such thing."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    mending = (
        "Check the path and the id. What was there may have been deleted, by somebody or after the time for which "
        "final tasks are kept."
    )
    sample = ("there is no task with this id",)


class Conflict(Problem):
    """409: the thing is in a state that does not allow this."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    mending = (
        "Read the thing again and decide anew: `detail` says which state it is in. A final task cannot be cancelled, a "
        "started one cannot be changed, and a name belongs to one schedule."
    )
    sample = ("the task is SUCCESS, so it cannot be cancelled",)


class PreconditionFailed(Problem):
    """412: somebody else changed it first."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "precondition_failed"
    mending = (
        "Read it again, apply the change to what it is now, and send that with the new `ETag` in `If-Match`."
    )
    sample = ("the schedule is at version 3 by now",)


class ContentTooLarge(Problem):
    """413: the body is larger than this service reads."""

    mending = "Send less at once: split a batch in several, or store large data elsewhere."
    sample = ()
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "content_too_large"

    def __init__(self) -> None:
        super().__init__("the body is larger than 16 MiB")


class InternalError(Problem):
    """500: nobody foresaw this."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    mending = "Tell the operator the `request_id`: the log has the cause under it. Sending it again may help, or not."
    sample = ()

    def __init__(self) -> None:
        super().__init__("something went wrong on our side; the log has details under this request_id")


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
