"""What the document says of one method of one path, beyond what the forms say themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drf_yasg.utils import swagger_auto_schema
from pydantic import BaseModel

from rest.headers import Header
from rest.openapi.shapes import Problem

Method = TypeVar("Method", bound=Callable[..., Any])

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem. `shape` is a type; None: there is no body. `headers` name `HEADERS`.

    `instead`: the answer that a query such as ``dry_run=true`` brings instead, without the headers. Swagger 2.0 has
    one schema for a status, so its shape stands beside that as `x-instead`. `also`: the same in another form, by the
    media type that a caller accepts; Swagger 2.0 only names that.
    """

    description: str
    shape: Any = None
    example: Any = None
    headers: tuple[str, ...] = ()
    media_type: str = JSON
    instead: Mapping[str, "Answer"] = field(default_factory=dict)
    also: Mapping[str, "Answer"] = field(default_factory=dict)


def one_page(shape: Any, results: Sequence[Any]) -> dict[int, Answer]:
    """The answer of a list of which `rest.pagination` makes pages."""
    example = {"results": results, "next": None, "previous": None}
    return {200: Answer("One page.", shape, example, ("Link",))}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem: when it comes, and an example of what the view raises then, which has the status."""

    description: str
    example: Exception
    shape: Any = Problem


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What a request carries: the form that reads it, and examples by name, the first of which is shown."""

    form: Any
    examples: Mapping[str, Any]
    required: bool = True
    also: Mapping[str, Any] = field(default_factory=dict)
    """The types of bodies that are no JSON, with the JSON Schema of each. Only OpenAPI 3.1 tells of them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path.

    `path` and `headers` describe the parameters found there; an id in the path needs no description. `refusals` are
    those that only this endpoint has, or says better than `rest.openapi.conventions`. The method's docstring is the
    description, unless `description` says more. `scope` is what an actor needs, or PUBLIC or ANY_ACTOR; whoever guards
    reads it from here.
    """

    summary: str
    scope: str
    description: str = ""
    answers: Mapping[int, Answer]
    path: Mapping[str, str] = field(default_factory=dict)
    query: type[BaseModel] | None = None
    headers: Mapping[str, Header] = field(default_factory=dict)
    body: RequestBody | None = None
    refusals: Sequence[Refusal] = ()
    uses_database: bool = True
    limits: Callable[[Any, Any, Mapping[str, Any]], None] | None = None
    """Is told the actor, the body and what the path names of a request that is not carried out, its query as `query`,
    and raises the problem with which quotas would refuse it."""
    operation_id: str = ""
    """Where `naming` would tell a worse one."""

    def __deepcopy__(self, memo: object) -> "Endpoint":
        """Itself: drf-yasg would copy it, and exceptions are not made for that."""
        return self


def documented(endpoint: Endpoint) -> Callable[[Method], Method]:
    """Marks a view's method as this endpoint."""

    def mark(method: Method) -> Method:
        marked: Method = swagger_auto_schema(endpoint=endpoint)(method)
        marked.endpoint = endpoint  # type: ignore[attr-defined] # for whoever guards it
        return marked

    return mark
