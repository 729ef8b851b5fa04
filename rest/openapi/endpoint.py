"""What the document says of one method of one path, beyond what the forms say themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from drf_yasg.utils import swagger_auto_schema
from pydantic import BaseModel

from rest.openapi.shapes import Problem
from rest.problems import FieldError, InvalidInput, problem_body

Method = TypeVar("Method", bound=Callable[..., Any])

JSON = "application/json"
EXAMPLE_REQUEST_ID = "f3c1a0de9b5d4f0c8a7e6d5c4b3a2918"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem. `shape` is a type; None: there is no body. `headers` name `HEADERS`.

    `instead`: the shape that a query such as ``dry_run=true`` brings instead, without the headers. Swagger 2.0 has
    one schema for a status, so it stands beside that as `x-instead`.
    """

    description: str
    shape: Any = None
    example: Any = None
    headers: tuple[str, ...] = ()
    media_type: str = JSON
    instead: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem: when it comes, and an example of it."""

    description: str
    code: str
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    shape: Any = Problem

    def example(self, status: int) -> dict[str, Any]:
        """The body as a client might get it."""
        body = problem_body(HTTPStatus(status), self.code, self.detail, **self.extra)
        return {**body, "request_id": EXAMPLE_REQUEST_ID}


def bad_input(description: str, error: FieldError) -> Refusal:
    """The refusal of one thing that is wrong with a request."""
    problem = InvalidInput([error])
    return Refusal(description, problem.code, problem.detail, problem.extra)


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries: the form that reads it, and examples by name, the first of which is shown."""

    form: Any
    examples: Mapping[str, Any]
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path.

    `path` and `headers` describe the parameters found there. `refusals` are those that only this endpoint has,
    or says better than `rest.openapi.conventions`; None takes one away. The method's docstring is the description,
    unless `description` says more.
    """

    operation_id: str
    tag: str
    summary: str
    description: str = ""
    answers: Mapping[int, Answer]
    path: Mapping[str, str] = field(default_factory=dict)
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    refusals: Mapping[int, Refusal | None] = field(default_factory=dict)
    uses_database: bool = True


def documented(endpoint: Endpoint) -> Callable[[Method], Method]:
    """Marks a view's method as this endpoint."""

    def mark(method: Method) -> Method:
        marked: Method = swagger_auto_schema(endpoint=endpoint)(method)
        return marked

    return mark
