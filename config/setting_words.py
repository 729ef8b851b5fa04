"""What a setting takes, in words, and the line for one that is wrong. Both come from its description."""

from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from values.wording import quoted


def takes(field: dict[str, Any]) -> str:
    """What a setting takes, by its JSON schema: `0 or 1`, `a whole number from 1 to 65535`."""
    match field:
        case {"type": "boolean"}:
            return "0 or 1"
        case {"enum": [*first, last]}:
            return f"{', '.join(first)} or {last}"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"a whole number from {least} to {most}"
        case {"type": "number", "minimum": least, "maximum": most}:
            return f"a number from {least} to {most}"
        case {"type": "number", "exclusiveMinimum": least, "maximum": most}:
            return f"a number above {least}, at most {most}"
        case {"type": "array"}:
            return "a list"
        case {"type": "object"}:
            return "JSON"
    return "text"


def written(value: Any) -> str:
    """A default, as one would set it. Empty for none."""
    match value:
        case bool():
            return str(int(value))
        case list():
            return ",".join(value)
        case dict():
            return ""
    return str(value)


def wrong_line(model: type[BaseModel], problem: ErrorDetails) -> str:
    """Which setting is wrong, what it takes, what came, and how to mend it.

    What came is not told here where a validator of ours says what is wrong: it tells that itself, unless it is secret.
    """
    place = ": ".join(str(step) for step in problem["loc"] if step != "[key]")
    if problem["type"] == "value_error":
        return f"{place}: {problem['ctx']['error']}"
    field = model.model_json_schema()["properties"][problem["loc"][0]]
    expected, came = takes(field), quoted(str(problem["input"]))
    return f"{place}: must be {expected}, got {came}; unset it for the default, {written(field['default'])}"
