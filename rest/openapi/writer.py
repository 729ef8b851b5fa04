"""OpenAPI 3.1, written from the same `Endpoint`s as the document of Swagger 2.0 beside it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rest.guarding import ANY_ACTOR, PUBLIC
from rest.openapi.components import Components, Refine, Schema
from rest.openapi.conventions import HEADERS, headers_of, refusals_of, schema_of_header
from rest.openapi.described import Described, example_of
from rest.openapi.endpoint import JSON, Answer, Refusal, RequestBody
from rest.openapi.naming import tag_of
from rest.problems import CONTENT_TYPE

VERSION = "3.1.1"
LONGEST_HEADER = 8_192
LONGEST_STEP = 200
"""Of a path: no name of anything is longer, so nothing is found at one that is."""
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Writer:
    """Makes a document of what is described.

    `tags` name and explain the groups, in their order. `security`: the ways in which a caller may say who it is; any of
    them will do. `refine` says of forms, by their names, what Swagger 2.0 has no words for.
    """

    info: Schema
    tags: Mapping[str, str]
    security: Mapping[str, Schema]
    refine: Mapping[str, Refine] = field(default_factory=dict)

    def write(self, described: Iterable[Described], address: str) -> Schema:
        """The document of a service at this address."""
        components = Components(self.refine)
        paths: dict[str, Schema] = {}
        everything = list(described)
        for each in everything:
            links = dict(_links(each, everything))
            operation = _Operation(each, components, self.security, links)
            paths.setdefault(each.path, {})[each.method] = operation.write()
        return {
            "openapi": VERSION,
            "info": self.info,
            "servers": [
                {
                    "url": address,
                    "description": "Where this document came from: production, staging or local.",
                    "x-internal": False,
                }
            ],
            "tags": [{"name": name, "description": text} for name, text in self.tags.items()],
            "paths": paths,
            "components": {
                "schemas": dict(sorted(components.schemas.items())),
                "securitySchemes": dict(self.security),
                "headers": {name: _header(said) for name, said in HEADERS.items()},
            },
        }


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation, on its way into a document."""

    described: Described
    components: Components
    security: Mapping[str, Schema]
    links: Mapping[str, Schema]
    """What can be done with what it creates."""

    def write(self) -> Schema:
        endpoint = self.described.endpoint
        body = {"requestBody": self._body(endpoint.body)} if endpoint.body else {}
        return {
            "operationId": self.described.operation_id,
            "tags": [tag_of(self.described.path)],
            "summary": endpoint.summary,
            "description": self.described.description,
            "security": self._security(endpoint.scope),
            "parameters": list(self._parameters()),
            **body,
            "responses": dict(self._responses()),
        }

    def _security(self, scope: str) -> list[Schema]:
        """The scopes that it needs, which 3.1 tells of any scheme."""
        if scope == PUBLIC:
            return []
        return [{name: [] if scope == ANY_ACTOR else [scope]} for name in self.security]

    def _parameters(self) -> Iterator[Schema]:
        endpoint = self.described.endpoint
        for name, annotation, meaning in self.described.path_parameters():
            schema = self.components.schema_of(annotation)
            if schema == {"type": "string"}:
                schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_STEP}
            yield {"name": name, "in": "path", "required": True, "description": meaning, "schema": schema}
        if endpoint.query:
            yield from self.components.parameters_of(endpoint.query)
        for name, header in endpoint.headers.items():
            told = {"description": header.description, "schema": schema_of_header(header)}
            yield {"name": name, "in": "header", "required": False, **told}

    def _body(self, body: RequestBody) -> Schema:
        also = {kind: {"schema": schema} for kind, schema in body.also.items()}
        if body.form is None:
            return {"required": body.required, "content": also}
        content = {"schema": self.components.schema_of(body.form), "examples": _examples(body.examples)}
        return {"required": body.required, "content": {JSON: content, **also}}

    def _responses(self) -> Iterator[tuple[str, Schema]]:
        for status, answer in self.described.endpoint.answers.items():
            yield str(status), self._answer(answer, headers_of(self.described.endpoint, answer))
        refusals = dict(map(self._refusal, refusals_of(self.described)))
        for status, response in sorted(refusals.items()):
            yield str(status), response

    def _answer(self, answer: Answer, headers: tuple[str, ...]) -> Schema:
        response = _response(answer.description, headers)
        if self.links and "Location" in answer.headers:
            response["links"] = dict(self.links)
        if answer.shape is None:
            return response
        content: Schema = {"schema": self.components.schema_of(answer.shape)}
        if answer.instead:
            others = [self.components.schema_of(other.shape) for other in answer.instead.values()]
            content["schema"] = {"oneOf": [content["schema"], *others]}
            shown = {answer.description: answer.example}
            content["examples"] = _examples(
                shown | {f"with {query}": other.example for query, other in answer.instead.items()}
            )
        elif answer.example is not None:
            content["example"] = answer.example
        also = {
            form: {"schema": self.components.schema_of(other.shape), "example": other.example}
            for form, other in answer.also.items()
        }
        return {**response, "content": {answer.media_type: content, **also}}

    def _refusal(self, refusal: Refusal) -> tuple[int, Schema]:
        problem = self.described.problem_of(refusal.example)
        content = {"schema": self.components.schema_of(refusal.shape), "example": example_of(problem)}
        headers = tuple(name for name in problem.headers if name in HEADERS)
        response = _response(refusal.description, headers)
        return int(problem.status), {**response, "content": {CONTENT_TYPE: content}}


def _links(creating: Described, everything: Iterable[Described]) -> Iterator[tuple[str, Schema]]:
    """Where the `id` in an answer leads: to what stands below a collection, if it is one."""
    if creating.method != "post" or "{" in creating.path:
        return
    for each in everything:
        below = each.path.removeprefix(creating.path)
        if below != each.path and re.fullmatch(r"\{\w+_id\}/(?:[\w-]+/)?", below):
            name = below[1 : below.index("}")]
            yield (
                each.operation_id,
                {
                    "operationId": each.operation_id,
                    "parameters": {name: "$response.body#/id"},
                },
            )


def _examples(examples: Mapping[str, Any]) -> dict[str, Schema]:
    """By names that tools take for keys."""
    return {
        _NO_WORD.sub("_", name.lower()).strip("_"): {"summary": name, "value": example}
        for name, example in examples.items()
    }


def _response(description: str, headers: tuple[str, ...]) -> Schema:
    named = {name: {"$ref": f"#/components/headers/{name}"} for name in (*headers, "X-Request-ID")}
    return {"description": description, "headers": named}


def _header(said: Mapping[str, Any]) -> Schema:
    schema = {key: value for key, value in said.items() if key != "description"}
    bound = {"maxLength": LONGEST_HEADER} if schema["type"] == "string" else {}
    return {"description": said["description"], "schema": {**schema, **bound}}
