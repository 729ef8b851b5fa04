"""The OpenAPI document as a yardstick: does this answer fit what it says?"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from django.test import Client
from jsonschema import Draft4Validator, FormatChecker

from testing.api import JSON, PROBLEM, Answer, Api
from testing.openapi31 import document31

Json = dict[str, Any]
HEADERS = (
    "Location",
    "Retry-After",
    "ETag",
    "Link",
    "Idempotent-Replayed",
    "Preference-Applied",
    "WWW-Authenticate",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-ID",
)
NOT_ALWAYS = {
    "Link",
    "Retry-After",
    "Idempotent-Replayed",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
}
_formats = FormatChecker(["uuid"])


def _is_instant(value: Any) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_formats.checks("date-time", raises=ValueError)(_is_instant)


@dataclass(frozen=True)
class Described:
    """One method of one path, as the document has it."""

    method: str
    path: str
    content: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[Json]:
        found: list[Json] = self.content["parameters"]
        return found

    @property
    def responses(self) -> dict[int, Json]:
        return {int(status): response for status, response in self.content["responses"].items()}

    @property
    def bodies(self) -> dict[str, Any]:
        """The example bodies, by name."""
        (body,) = [one for one in self.parameters if one["in"] == "body"] or [{"x-examples": {JSON: {}}}]
        return {name: example["value"] for name, example in body["x-examples"][JSON].items()}

    @property
    def produces(self) -> str:
        """The form of an answer that is no problem."""
        produced: list[str] = self.content.get("produces", [JSON])
        return produced[0]

    @property
    def wants_body(self) -> bool:
        return any(one["in"] == "body" for one in self.parameters)


class Document:
    """What `/swagger.json` says."""

    def __init__(self, content: Json) -> None:
        self.content = content

    @cached_property
    def operations(self) -> list[Described]:
        """Every method of every path."""
        return [
            Described(method.upper(), path, operation)
            for path, item in self.content["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        ]

    def operation(self, method: str, url: str) -> Described:
        """What stands for a request."""
        path = url.partition("?")[0]
        fitting = [one for one in self.operations if one.method == method and _matches(one.path, path)]
        # `/tasks/batch-request/` also looks like `/tasks/{task_id}/`.
        return min(fitting, key=lambda one: one.path.count("{"))

    def problems_of(self, schema: Json, value: Any) -> list[str]:
        """Where `value` does not fit `schema`. What the schema does not name does not fit either."""
        whole = {**_strict(schema), "definitions": self._definitions}
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in Draft4Validator(whole, format_checker=_formats).iter_errors(value)
        ]

    @cached_property
    def _definitions(self) -> Json:
        return {name: _strict(schema) for name, schema in self.content["definitions"].items()}


@cache
def document() -> Document:
    """The document, as a caller gets it."""
    return Document(json.loads(Client(headers={"host": "localhost"}).get("/swagger.json").content))


def _matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _strict(schema: Any) -> Any:
    """As JSON Schema draft 4: `null` where it may be, and no members that are not named."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: value if name == "example" else _strict(value) for name, value in schema.items()}
    if isinstance(strict.get("properties"), dict) and "type" in strict:
        strict.setdefault("additionalProperties", False)
    if strict.pop("x-nullable", False) is True:
        return {"anyOf": [strict, {"type": "null"}]}
    return strict


class Auditor(Api):
    """A caller who holds every answer against the document."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, int]] = set()

    def send(
        self, method: str, path: str, content: bytes = b"", content_type: str = JSON, **headers: str
    ) -> Answer:
        """Any request. Fails where the answer is not as the document says."""
        answer = super().send(method, path, content, content_type, **headers)
        operation = document().operation(method, path)
        self.seen.add((str(operation), answer.status))
        differences = list(_differences(operation, answer, path.partition("?")[2]))
        assert differences == [], f"{operation}: {answer.status} {answer.content!r}"
        return answer


def _differences(operation: Described, answer: Answer, query: str) -> Iterator[str]:
    response = _described(operation, answer.status, query)
    if response is None:
        yield "this status is not in the document"
        return
    for name in HEADERS:
        if name in answer.headers and name not in response["headers"]:
            yield f"the header {name} is not in the document"
    if answer.status < 400:
        yield from _missing(response, answer)
    expected, body = "", None
    if "schema" in response:
        expected = PROBLEM if answer.status >= 400 else operation.produces
        if answer.headers["Content-Type"] != expected:
            yield "another content type"
        body = answer.json if expected in (JSON, PROBLEM) else answer.content.decode()
        yield from document().problems_of(response["schema"], body)
    elif answer.content:
        yield "a body, where the document has none"
    yield from document31().differences(operation.method, operation.path, answer.status, expected, body)


def _described(operation: Described, status: int, query: str) -> Json | None:
    """What the document says of an answer to this query."""
    response = operation.responses.get(status, {})
    for name, schema in response.get("x-instead", {}).items():
        if name in query.split("&"):
            headers = {"X-Request-ID": response["headers"]["X-Request-ID"]}
            return {**response, "schema": schema, "headers": headers}
    return response or None


def _missing(response: Json, answer: Answer) -> Iterator[str]:
    for name in set(response["headers"]) - NOT_ALWAYS:
        if name not in answer.headers:
            yield f"the header {name} is missing"
