"""How drf-yasg learns what an `Endpoint` says."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import get_script_prefix
from drf_yasg.app_settings import swagger_settings
from drf_yasg.generators import OpenAPISchemaGenerator
from drf_yasg.inspectors import SwaggerAutoSchema
from drf_yasg.openapi import Operation, Responses

from rest.guarding import PUBLIC
from rest.openapi.conventions import HEADERS, PRODUCES, headers_of, refusals_of, schema_of_header
from rest.openapi.described import Described, example_of
from rest.openapi.endpoint import JSON, Answer, Endpoint, Refusal
from rest.openapi.naming import tag_of
from rest.openapi.schemas import Schema, parameters_of, schema_of
from rest.problems import CONTENT_TYPE

FORM_FILE = "The file, as a form sends it. Any other body is taken as it is: OpenAPI 3.1 tells of both."


class EndpointInspector(SwaggerAutoSchema):  # type: ignore[misc] # drf-yasg has no types
    """Describes a method that is marked `@documented`; any other as drf-yasg does by itself."""

    def get_operation(self, operation_keys: Any = None) -> Operation:
        """What the document says of this method."""
        endpoint = self.overrides.get("endpoint")
        if endpoint is None:
            return super().get_operation(operation_keys)
        described = Described(self.method.lower(), self.path, self.view, endpoint)
        return Operation(
            operation_id=described.operation_id,
            summary=endpoint.summary,
            description=described.description_with_examples(),
            parameters=[
                *self._path(described),
                *_query(endpoint),
                *_headers(endpoint),
                *self._body(endpoint),
            ],
            responses=Responses(self._responses(described)),
            tags=[tag_of(self.path)],
            security=self._security(endpoint.scope),
            **_consumes(endpoint),
            **_produces(endpoint),
        )

    def _security(self, scope: str) -> list[dict[str, list[str]]]:
        """Any way to say who it is. The scopes themselves are told in OpenAPI 3.1 alone."""
        return [] if scope == PUBLIC else [{name: []} for name in swagger_settings.SECURITY_DEFINITIONS]

    def _path(self, described: Described) -> list[Schema]:
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": meaning,
                **schema_of(annotation, self._definitions),
            }
            for name, annotation, meaning in described.path_parameters()
        ]

    def _body(self, endpoint: Endpoint) -> list[Schema]:
        if endpoint.body is None:
            return []
        if endpoint.body.form is None:
            return [
                {
                    "name": "file",
                    "in": "formData",
                    "required": False,
                    "type": "file",
                    "description": FORM_FILE,
                }
            ]
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

    def _responses(self, described: Described) -> dict[int, Schema]:
        endpoint = described.endpoint
        answers = {
            status: self._answer(answer, headers_of(endpoint, answer))
            for status, answer in endpoint.answers.items()
        }
        refusals = dict(self._refusal(described, each) for each in refusals_of(described))
        return {**answers, **dict(sorted(refusals.items()))}

    def _answer(self, answer: Answer, headers: tuple[str, ...]) -> Schema:
        response = _response(answer.description, headers)
        if answer.shape is None:
            return response
        shown = {} if answer.example is None else {"examples": {answer.media_type: answer.example}}
        instead = {
            query: schema_of(other.shape, self._definitions) for query, other in answer.instead.items()
        }
        others = {"x-instead": instead} if instead else {}
        return {**response, "schema": self._schema(answer.shape, answer.example), **shown, **others}

    def _refusal(self, described: Described, refusal: Refusal) -> tuple[int, Schema]:
        """Its status, and what the view makes of its example."""
        problem = described.problem_of(refusal.example)
        example = example_of(problem)
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


def _consumes(endpoint: Endpoint) -> dict[str, list[str]]:
    """Only where it is no JSON."""
    is_form = endpoint.body is not None and endpoint.body.form is None
    return {"consumes": ["multipart/form-data"]} if is_form else {}


def _produces(endpoint: Endpoint) -> dict[str, list[str]]:
    """Only where it is not what all produce."""
    produced = [form for each in endpoint.answers.values() for form in (each.media_type, *each.also)]
    others = [form for form in dict.fromkeys(produced) if form != JSON]
    first = [JSON] if any(each.also for each in endpoint.answers.values()) else []
    return {"produces": [*first, *others, CONTENT_TYPE]} if others else {}


def _query(endpoint: Endpoint) -> list[Schema]:
    return parameters_of(endpoint.query) if endpoint.query else []


def _headers(endpoint: Endpoint) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": header.description,
            **schema_of_header(header),
        }
        for name, header in endpoint.headers.items()
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
