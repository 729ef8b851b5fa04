"""The document of OpenAPI 3.1 as a yardstick, beside that of Swagger 2.0."""

import json
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]
_ADDRESS = "urn:openapi"
_formats = FormatChecker(["uuid"])


class Document31:
    """What `/openapi.json` says."""

    def __init__(self, content: Json) -> None:
        self.content = content

    @cached_property
    def operations(self) -> dict[tuple[str, str], Json]:
        """Every operation, by its method (in small letters) and path."""
        return {
            (method, path): operation
            for path, item in self.content["paths"].items()
            for method, operation in item.items()
        }

    def response(self, method: str, path: str, status: int) -> Json:
        """What it says of an answer; KeyError where it says nothing."""
        said: Json = self.operations[method, path]["responses"][str(status)]
        return said

    def problems_of(self, schema: Json, value: Any) -> list[str]:
        """Where `value` does not fit `schema`."""
        validator = Draft202012Validator(
            {"$id": f"{_ADDRESS}-part", **_absolute(schema)},
            registry=self._registry,
            format_checker=_formats,
        )
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:500]}"
            for error in validator.iter_errors(value)
        ]

    def differences(self, method: str, path: str, status: int, form: str, body: Any) -> Iterator[str]:
        """Where an answer is not as it says. `body`: as its form has it, or None where there is none."""
        said = self.operations[method.lower(), path]["responses"].get(str(status))
        if said is None:
            yield "this status is not in the document of OpenAPI 3.1"
            return
        content = said.get("content", {})
        if body is None or form not in content:
            if (body is None) != (content == {}):
                yield f"{form} is not in the document of OpenAPI 3.1"
            return
        yield from (f"3.1: {each}" for each in self.problems_of(content[form]["schema"], body))

    @cached_property
    def _registry(self) -> Any:
        whole = Resource.from_contents(self.content, default_specification=DRAFT202012)
        return Registry().with_resource(_ADDRESS, whole)

    def schemas(self) -> Iterator[Json]:
        """Every schema in the components, with those inside of them."""
        yield from _inside(self.content["components"]["schemas"])


def _absolute(schema: Any) -> Any:
    """References by the address of the document, from wherever they are followed."""
    if isinstance(schema, list):
        return [_absolute(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: f"{_ADDRESS}{value}" if name == "$ref" and isinstance(value, str) else _absolute(value)
        for name, value in schema.items()
    }


def _inside(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _inside(member)
    elif isinstance(value, list):
        for item in value:
            yield from _inside(item)


@cache
def document31() -> Document31:
    """The document, as a caller gets it."""
    return Document31(json.loads(Client(headers={"host": "localhost"}).get("/openapi.json").content))
