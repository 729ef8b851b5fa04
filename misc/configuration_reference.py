"""The table of settings, from what `config.environment` says of each."""

from typing import Any

from config.environment import Environment


def text() -> str:
    """A table in Markdown."""
    rows = [_row(name, field) for name, field in Environment.model_json_schema()["properties"].items()]
    return "\n".join(["| setting | default | takes | meaning |", "|---|---|---|---|", *rows])


def _row(name: str, field: dict[str, Any]) -> str:
    return f"| `{name}` | {_default(field['default'])} | {_takes(field)} | {field['description']} |"


def _default(value: Any) -> str:
    match value:
        case "" | [] | {} if not value:
            return ""
        case bool():
            return f"`{int(value)}`"
        case list():
            return f"`{','.join(value)}`"
    return f"`{value}`"


def _takes(field: dict[str, Any]) -> str:
    match field:
        case {"type": "boolean"}:
            return "`0` or `1`"
        case {"type": "integer" | "number", "minimum": least, "maximum": most}:
            return f"{least} to {most}"
        case {"type": "number", "exclusiveMinimum": least}:
            return f"a number, more than {least}"
        case {"type": "integer" | "number" as kind, "minimum": least}:
            word = "a whole number" if kind == "integer" else "a number"
            return f"{word}, at least {least}"
        case {"type": "array"}:
            return "a list"
        case {"type": "object"}:
            return "JSON"
    return "text"
