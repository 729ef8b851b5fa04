"""How drf-yasg learns what an `Endpoint` says."""

import inspect
import json
from collections.abc import Mapping
from typing import Any, ClassVar, get_type_hints

import uritemplate
from django.urls import get_script_prefix
from drf_yasg.generators import OpenAPISchemaGenerator
from drf_yasg.inspectors import SwaggerAutoSchema
from drf_yasg.openapi import Operation, Responses

from rest.openapi.conventions import HEADERS, PRODUCES, refusals_of
from rest.openapi.endpoint import JSON, Answer, Endpoint, Refusal
from rest.openapi.naming import operation_id_of, parameter_text, tag_of
from rest.openapi.schemas import Schema, parameters_of, schema_of
from rest.problems import CONTENT_TYPE, Problem

EXAMPLE_REQUEST_ID = "f3c1a0de9b5d4f0c8a7e6d5c4b3a2918"


class EndpointInspector(SwaggerAutoSchema):  # type: ignore[misc] # drf-yasg has no types
    """Describes a method that is marked `@documented`; any other as drf-yasg does by itself."""

    def get_operation(self, operation_keys: Any = None) -> Operation:
        """What the document says of this method."""
        endpoint = self.overrides.get("endpoint")
        if endpoint is None:
            return super().get_operation(operation_keys)
        return Operation(
            operation_id=endpoint.operation_id or operation_id_of(self.method.lower(), self.path),
            summary=endpoint.summary,
            description=self._description(endpoint),
            parameters=[*self._path(endpoint), *_query(endpoint), *_headers(endpoint), *self._body(endpoint)],
            responses=Responses(self._responses(endpoint)),
            tags=[tag_of(self.path)],
            **_produces(endpoint),
        )

    @property
    def _method(self) -> Any:
        return getattr(self.view, self.method.lower())

    def _description(self, endpoint: Endpoint) -> str:
        text = endpoint.description or inspect.getdoc(self._method) or ""
        examples = endpoint.body.examples if endpoint.body else {}
        if len(examples) < 2:
            return text
        lines = [f"- {name}: `{json.dumps(example)}`" for name, example in examples.items()]
        return "\n".join([text, "", "Example bodies:", "", *lines])

    def _path(self, endpoint: Endpoint) -> list[Schema]:
        hints = get_type_hints(self._method)
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": endpoint.path.get(name) or parameter_text(name, self.path),
                **schema_of(hints[name], self._definitions),
            }
            for name in uritemplate.variables(self.path)
        ]

    def _body(self, endpoint: Endpoint) -> list[Schema]:
        if endpoint.body is None:
            return []
        schema = self._schema(endpoint.body.form, next(iter(endpoint.body.examples.values())))
        named = {name: {"value": example} for name, example in endpoint.body.examples.items()}
        return [
            {
                "name": "body",
                "in": "body",
                "required": endpoint.body.required,
                "schema": schema,
                "x-examples": {JSON: named},
            }
        ]

    def _responses(self, endpoint: Endpoint) -> dict[int, Schema]:
        answers = {status: self._answer(answer) for status, answer in endpoint.answers.items()}
        refusals = dict(map(self._refusal, refusals_of(endpoint)))
        return {**answers, **dict(sorted(refusals.items()))}

    def _answer(self, answer: Answer) -> Schema:
        response = _response(answer.description, answer.headers)
        if answer.shape is None:
            return response
        shown = {} if answer.example is None else {"examples": {answer.media_type: answer.example}}
        instead = {query: schema_of(shape, self._definitions) for query, shape in answer.instead.items()}
        others = {"x-instead": instead} if instead else {}
        return {**response, "schema": self._schema(answer.shape, answer.example), **shown, **others}

    def _refusal(self, refusal: Refusal) -> tuple[int, Schema]:
        """Its status, and what the view makes of its example."""
        problem = self.view.refuse(refusal.example)
        if not isinstance(problem, Problem):
            raise TypeError(f"{type(self.view).__name__}.refusals do not name {refusal.example!r}")
        example = {**problem.body, "request_id": EXAMPLE_REQUEST_ID}
        return int(problem.status), {
            **_response(refusal.description, tuple(name for name in problem.headers if name in HEADERS)),
            "schema": self._schema(refusal.shape, example),
            "examples": {CONTENT_TYPE: example},
        }

    def _schema(self, shape: Any, example: Any) -> Schema:
        """Pages show the schema's own example, whatever form of answer is chosen there."""
        schema = schema_of(shape, self._definitions)
        if example is None:
            return schema
        return {**({"allOf": [schema]} if "$ref" in schema else schema), "example": example}

    @property
    def _definitions(self) -> Any:
        return self.components.with_scope("definitions")


def _produces(endpoint: Endpoint) -> dict[str, list[str]]:
    """Only where it is not what all produce."""
    others = {answer.media_type for answer in endpoint.answers.values()} - {JSON}
    return {"produces": [*others, CONTENT_TYPE]} if others else {}


def _query(endpoint: Endpoint) -> list[Schema]:
    return parameters_of(endpoint.query) if endpoint.query else []


def _headers(endpoint: Endpoint) -> list[Schema]:
    return [
        {"name": name, "in": "header", "type": "string", "required": False, "description": description}
        for name, description in endpoint.headers.items()
    ]


def _response(description: str, headers: tuple[str, ...]) -> Schema:
    return {
        "description": description,
        "headers": {name: HEADERS[name] for name in (*headers, "X-Request-ID")},
    }


class Generator(OpenAPISchemaGenerator):  # type: ignore[misc] # drf-yasg has no types
    """The whole document. `tags` name and explain the groups, in their order."""

    tags: Mapping[str, str] = {}
    _made: ClassVar[dict[str, Any]] = {}

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """The document. It is the same for every caller, and takes long to make, so it is made once."""
        if self._gen.patterns is not None:  # a page, which asks for the title alone
            return super().get_schema(request, public)
        prefix = get_script_prefix()
        if prefix not in self._made:
            self._made[prefix] = self._make(request, public)
        return self._made[prefix]

    def _make(self, request: Any, public: bool) -> Any:
        document = super().get_schema(request, public)
        document["produces"] = PRODUCES
        document["tags"] = [
            {"name": name, "description": description} for name, description in self.tags.items()
        ]
        return document

    def get_path_parameters(self, path: str, view_cls: type) -> list[Any]:  # noqa: ARG002 (drf-yasg's signature)
        """None: each endpoint names its own, with their types."""
        return []
