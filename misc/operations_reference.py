"""The catalogue of operations as a page."""

import json
from collections.abc import Iterator
from typing import Any

from operations import Operation, catalogue
from operations.secrets.annotations import REFERENCE_SCHEMA

_LIMITS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("maxLength", "at most {} characters"),
    ("maxItems", "at most {} items"),
)


def text() -> str:
    """One section for each operation, in Markdown."""
    return "\n\n".join("\n".join(_section(operation)) for operation in catalogue.all())


def _section(operation: Operation) -> Iterator[str]:
    yield f"### {operation.name}"
    yield ""
    yield operation.summary
    yield ""
    yield "| argument | type | | meaning |"
    yield "|---|---|---|---|"
    required = operation.arguments_schema.get("required", [])
    for name, schema in operation.arguments_schema["properties"].items():
        default = "required" if name in required else f"default `{json.dumps(schema.get('default'))}`"
        yield f"| `{name}` | {_type(schema)} | {default} | {schema.get('description', '')} |"
    yield ""
    yield f"Result: {_type(operation.result_schema)}. " + _limits(operation)
    yield ""
    for example in operation.examples:
        arguments, result = json.dumps(example.arguments), json.dumps(example.result)
        yield f"- `{arguments}` gives `{result}`"
    if operation.errors:
        yield ""
        yield "| error | when |"
        yield "|---|---|"
        yield from (f"| `{word}` | {meaning} |" for word, meaning in operation.errors.items())


def _limits(operation: Operation) -> str:
    kind = "idempotent" if operation.idempotent else "not idempotent"
    return (
        f"Defaults: `timeout_seconds` {operation.timeout_seconds:g}, "
        f"`max_attempts` {operation.max_attempts} ({kind})."
    )


def _type(schema: dict[str, Any]) -> str:
    if schema == REFERENCE_SCHEMA:
        return "[secret](../how-to/use-secrets.md)"
    if schema.get("enum"):
        return " or ".join(f"`{json.dumps(choice)}`" for choice in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(branch) for branch in schema["anyOf"])
    words = ", ".join(
        [_kind(schema), *(limit.format(schema[key]) for key, limit in _LIMITS if key in schema)]
    )
    return f"{words}: {_type(schema['items'])}" if "items" in schema else words


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:  # so far only to objects
        return "object"
    return str(schema.get("type", "any JSON"))
