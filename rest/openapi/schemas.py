"""JSON Schema 2020-12, as pydantic writes it, said in Swagger 2.0."""

from typing import Any

from drf_yasg.openapi import ReferenceResolver
from pydantic import BaseModel, TypeAdapter

Schema = dict[str, Any]

DEFINITIONS = "#/definitions/"
_DROPPED = {"title", "$defs"}
# pydantic leaves bounds as they are called in Python where a validator of ours stands before the type.
_RENAMED = {"ge": "minimum", "le": "maximum"}
_EXCLUSIVE = {
    "exclusiveMinimum": "minimum",
    "exclusiveMaximum": "maximum",
    "gt": "minimum",
    "lt": "maximum",
}
_UNSAYABLE = {"oneOf", "allOf", "not", "prefixItems", "patternProperties", "if"}


class Unsayable(TypeError):
    """Swagger 2.0 has no words for this form."""


def schema_of(annotation: Any, definitions: ReferenceResolver) -> Schema:
    """The schema of a type. Its models, and those inside of them, go to `definitions`."""
    # In a list, for pydantic refers to a model by its name everywhere but at the top.
    source = TypeAdapter(list[annotation]).json_schema(ref_template=DEFINITIONS + "{model}")
    models = source.get("$defs", {})
    for name, model in models.items():
        if model.get("type") == "object":
            _define(name, _convert(model, models), definitions)
    return _convert(source["items"], models)


def parameters_of(form: type[BaseModel]) -> list[Schema]:
    """The query parameters that a form reads, in its order."""
    source = form.model_json_schema(ref_template=DEFINITIONS + "{model}")
    models = source.get("$defs", {})
    required = source.get("required", ())
    return [
        _parameter(name, _convert(member, models), required=name in required)
        for name, member in source.get("properties", {}).items()
    ]


def _parameter(name: str, schema: Schema, *, required: bool) -> Schema:
    schema.pop("x-nullable", None)
    if schema["type"] == "array":
        schema["items"].pop("description", None)
        schema["collectionFormat"] = "multi"
    return {"name": name, "in": "query", "required": required, **schema}


def _define(name: str, schema: Schema, definitions: ReferenceResolver) -> None:
    if definitions.setdefault(name, lambda: schema) != schema:
        raise Unsayable(f"two different models are called {name}")


def _convert(source: Any, models: Schema) -> Schema:
    if "$ref" in source:
        return _reference(source, models)
    if "anyOf" in source:
        return _nullable(source, models)
    if unsayable := _UNSAYABLE & set(source):
        raise Unsayable(f"{', '.join(unsayable)} in {source}")
    said: Schema = {}
    for key, value in source.items():
        said.update(_keyword(key, value, models))
    return said


def _keyword(key: str, value: Any, models: Schema) -> Schema:
    match key:
        case "properties":
            return {key: {name: _convert(member, models) for name, member in value.items()}}
        case "items":
            return {key: _convert(value, models)}
        case "additionalProperties":
            return {key: value if isinstance(value, bool) else _convert(value, models)}
        case "const":
            return {"enum": [value]}
        case "examples":
            return {"example": value[0]}
        case "default" | "required":
            return {} if value in (None, []) else {key: value}
    if key in _EXCLUSIVE:
        bound = _EXCLUSIVE[key]
        return {bound: value, f"exclusive{bound.capitalize()}": True}
    return {} if key in _DROPPED else {_RENAMED.get(key, key): value}


def _reference(source: Schema, models: Schema) -> Schema:
    """A model by its name; the values of an enumeration in its place, as parameters cannot refer."""
    siblings = _convert({key: value for key, value in source.items() if key != "$ref"}, models)
    model = models[source["$ref"].removeprefix(DEFINITIONS)]
    if model.get("type") != "object":
        return {**_convert(model, models), **siblings}
    reference = {"$ref": source["$ref"]}
    # What stands beside a reference does not count.
    return {"allOf": [reference], **siblings} if siblings else reference


def _nullable(source: Schema, models: Schema) -> Schema:
    branches = [branch for branch in source["anyOf"] if branch != {"type": "null"}]
    if len(branches) != 1 or len(source["anyOf"]) > 2:
        raise Unsayable(f"a choice of types: {source}")
    rest = {key: value for key, value in source.items() if key != "anyOf"}
    schema = _convert(branches[0], models)
    if "$ref" in schema:
        schema = {"allOf": [schema]}
    return {**schema, **_convert(rest, models), "x-nullable": True}
