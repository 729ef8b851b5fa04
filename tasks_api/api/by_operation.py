"""Forms that name an operation and its arguments, as OpenAPI 3.1 tells them: one schema for each operation.

Swagger 2.0 has no words for a choice, and says `arguments` is an object.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from operations import Operation
from operations.arithmetic import EXPRESSION_PATTERN, MAX_LENGTH
from operations.definition import MAX_ARGUMENTS_BYTES
from rest.openapi.components import SCHEMAS, Refine, Schema, plain

LOCAL = "#/$defs/"
MOST_ITEMS = MAX_ARGUMENTS_BYTES // 2
"""In JSON, an item and its comma are two bytes at least."""
EXPRESSION = "expression"
_OF_TEXT = ("format", "pattern", "minLength", "maxLength")
_BY_NAME = ("properties", "patternProperties")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


def told_by_operation(
    form: str, operations: Callable[[], Iterable[Operation]], *, with_placeholders: bool = False
) -> Refine:
    """For a form of this name. `with_placeholders`: text may hold such, so that what it will be is not known."""
    adapt = _with_placeholders if with_placeholders else _itself
    suffix = "template" if with_placeholders else "arguments"

    def refine(schema: Schema) -> Mapping[str, Schema]:
        told: dict[str, Schema] = {f"{form}_{EXPRESSION}": _of_expressions(schema)}
        for operation in operations():
            name = f"{operation.name}_{suffix}"
            told.update(_arguments(name, operation.arguments_schema, adapt))
            told[f"{form}_{operation.name}"] = _of_operation(schema, operation, name)
        choices = [{"$ref": f"{SCHEMAS}{name}"} for name in sorted(told) if name.startswith(f"{form}_")]
        return {**told, form: {"description": schema["description"], "oneOf": choices}}

    return refine


def _of_operation(schema: Schema, operation: Operation, arguments: str) -> Schema:
    """The form where `operation` is this one."""
    reference: Schema = {"$ref": f"{SCHEMAS}{arguments}"}
    needed = bool(operation.arguments_schema.get("required"))
    changes = {
        "operation": {"const": operation.name, "type": "string", "description": operation.summary},
        "arguments": reference if needed else {"anyOf": [reference, {"type": "null"}]},
    }
    required = ["operation", "arguments"] if needed else ["operation"]
    return _changed(schema, f"{operation.name}: {operation.summary}", changes, required)


def _of_expressions(schema: Schema) -> Schema:
    """The form where `operation` is arithmetic."""
    text = {"type": "string", "pattern": EXPRESSION_PATTERN, "minLength": 1, "maxLength": MAX_LENGTH}
    changes = {
        "operation": {**text, "description": "Arithmetic, short for `calculate`.", "examples": ["4+7"]},
        "arguments": {
            "type": ["object", "null"],
            "maxProperties": 0,
            "description": "Left out: the expression says it all.",
        },
    }
    return _changed(schema, "An arithmetic expression in the place of an operation.", changes, ["operation"])


def _changed(schema: Schema, description: str, changes: Schema, required: list[str]) -> Schema:
    others = [name for name in schema.get("required", ()) if name not in required]
    properties = {**schema["properties"], **changes}
    return {
        **schema,
        "description": description,
        "properties": properties,
        "required": [*required, *others],
    }


def _arguments(name: str, schema: Schema, adapt: Callable[[Schema], Schema]) -> Iterator[tuple[str, Schema]]:
    """The schema of arguments, and those that it refers to, each under a name of its own."""
    for inner, model in schema.get("$defs", {}).items():
        yield f"{name}_{inner}", adapt(_bounded(_renamed(plain(model), name)))
    whole = {key: value for key, value in schema.items() if key != "$defs"}
    yield name, adapt(_bounded(_renamed(plain(whole), name)))


def _renamed(schema: Schema, name: str) -> Schema:
    def rename(each: Schema) -> Schema:
        reference = each.get("$ref")
        if not isinstance(reference, str):
            return each
        return {**each, "$ref": f"{SCHEMAS}{name}_{reference.removeprefix(LOCAL)}"}

    return _everywhere(schema, rename)


def _bounded(schema: Schema) -> Schema:
    """All arguments together have so many bytes, and so no part of them has more."""

    def bound(each: Schema) -> Schema:
        match each.get("type"):
            case "string" if not {"enum", "const"} & each.keys():
                return {"maxLength": MAX_ARGUMENTS_BYTES, **each}
            case "array":
                return {"maxItems": MOST_ITEMS, **each}
        return each

    return _everywhere(schema, bound)


def _with_placeholders(schema: Schema) -> Schema:
    def loosen(each: Schema) -> Schema:
        if each.get("type") != "string" or {"enum", "const"} & each.keys():
            return each
        kept = {key: value for key, value in each.items() if key not in _OF_TEXT}
        return {**kept, "maxLength": MAX_ARGUMENTS_BYTES}

    return _everywhere(schema, loosen)


def _itself(schema: Schema) -> Schema:
    return schema


def _everywhere(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """A schema with itself and each one inside of it changed; names of properties are no values."""
    inside: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _BY_NAME:
            inside[key] = {name: _everywhere(member, change) for name, member in value.items()}
        elif key in _LISTS:
            inside[key] = [_everywhere(branch, change) for branch in value]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            inside[key] = _everywhere(value, change)
        else:
            inside[key] = value
    return change(inside)
