"""What there is to describe: each method of each path that is marked `@documented`."""

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

import uritemplate
from drf_yasg.generators import EndpointEnumerator

from rest.openapi.endpoint import Endpoint
from rest.openapi.naming import operation_id_of, parameter_text
from rest.problems import Problem
from rest.views import View

EXAMPLE_REQUEST_ID = "f3c1a0de9b5d4f0c8a7e6d5c4b3a2918"


@dataclass(frozen=True, slots=True)
class Described:
    """One method of one path."""

    method: str
    """In small letters."""
    path: str
    view: View
    endpoint: Endpoint

    @property
    def function(self) -> Any:
        """What answers."""
        return getattr(self.view, self.method)

    @property
    def operation_id(self) -> str:
        """Its name in clients that are generated."""
        return self.endpoint.operation_id or operation_id_of(self.method, self.path)

    @property
    def description(self) -> str:
        """What it does, in sentences."""
        return self.endpoint.description or inspect.getdoc(self.function) or ""

    def description_with_examples(self) -> str:
        """The same where only the first of its bodies can be shown."""
        examples = self.endpoint.body.examples if self.endpoint.body else {}
        if len(examples) < 2:
            return self.description
        lines = [f"- {name}: `{json.dumps(example)}`" for name, example in examples.items()]
        return "\n".join([self.description, "", "Example bodies:", "", *lines])

    def path_parameters(self) -> Iterator[tuple[str, Any, str]]:
        """The name, the type and the meaning of each."""
        hints = get_type_hints(self.function, include_extras=True)
        for name in uritemplate.variables(self.path):
            yield name, hints[name], self.endpoint.path.get(name) or parameter_text(name, self.path)

    def problem_of(self, error: Exception) -> Problem:
        """What the view makes of an error."""
        problem = self.view.refuse(error)
        if not isinstance(problem, Problem):
            raise TypeError(f"{type(self.view).__name__}.refusals do not name {error!r}")
        return problem


def example_of(problem: Problem) -> dict[str, Any]:
    """Its body, as it may come."""
    return {**problem.body, "request_id": EXAMPLE_REQUEST_ID}


def all_described() -> Iterator[Described]:
    """Every method of every path, in their order."""
    for path, method, callback in EndpointEnumerator().get_api_endpoints():
        endpoint = endpoint_of(getattr(callback.cls, method.lower()))
        if endpoint is not None:
            yield Described(method.lower(), path, callback.cls(), endpoint)


def endpoint_of(method: Any) -> Endpoint | None:
    """What `documented` said of a method."""
    said: Endpoint | None = getattr(method, "_swagger_auto_schema", {}).get("endpoint")
    return said
