"""What may be written into a pin: JSON Schema with the words that `pins` reads. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from access.pins import WORDS, Path, pattern_of

MOST_CHARACTERS = 4_096
MOST_DEPTH = 12
_MAPS_OF_SCHEMAS, _LISTS_OF_SCHEMAS = {"properties"}, {"allOf", "anyOf", "oneOf", "prefixItems"}
_SCHEMAS = {"additionalProperties", "items", "contains", "propertyNames", "not"}


class InvalidPin(ValueError):
    """A schema that cannot be a pin: where in it, and what must be otherwise."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(detail)
        self.path = path


def pin_text(schema: Any) -> str:
    """As a pin is stored. Raises InvalidPin."""
    # Here, for it is large, and most processes never need it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    text = json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text) > MOST_CHARACTERS:
        raise InvalidPin((), f"must have at most {MOST_CHARACTERS} characters as JSON, got {len(text)}")
    _check_words(schema, ())
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise InvalidPin(tuple(error.absolute_path), f"must be JSON Schema: {error.message[:200]}") from None
    return text


def _check_words(schema: Any, path: Path) -> None:
    """Raises InvalidPin."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise InvalidPin(path, "must be an object, true or false")
    if len(path) > 2 * MOST_DEPTH:
        raise InvalidPin(path, "is nested too deeply")
    for word, value in schema.items():
        here = (*path, word)
        if word not in WORDS:
            raise InvalidPin(here, f"is not one of the words that pins may have: {', '.join(sorted(WORDS))}")
        if word == "pattern":
            _check_pattern(value, here)
        for step, inner in _inner(word, value):
            _check_words(inner, (*here, *step))


def _inner(word: str, value: Any) -> Iterator[tuple[Path, Any]]:
    """The schemas within a word."""
    if word in _SCHEMAS:
        yield (), value
    elif word in _MAPS_OF_SCHEMAS and isinstance(value, dict):
        yield from (((name,), inner) for name, inner in value.items())
    elif word in _LISTS_OF_SCHEMAS and isinstance(value, list):
        yield from (((index,), inner) for index, inner in enumerate(value))


def _check_pattern(pattern: Any, path: Path) -> None:
    try:
        pattern_of(pattern)
    except Exception as error:
        expected = "must be a regular expression without look-around and back-references"
        raise InvalidPin(path, expected) from error
