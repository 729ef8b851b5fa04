"""Argument pins: a JSON Schema that the arguments of an operation must also satisfy. Pure.

Whoever writes one may be hostile, and whoever sends arguments, too. So a pin has only words whose work is bounded, none
of which leads elsewhere; patterns are matched in linear time; and counting ends what takes long all the same. General
libraries promise none of that. A test holds this reading against one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import SchemaValidator, core_schema

MOST_STEPS = 50_000
"""A step looks at one value by one word."""
CHARACTERS_OF_A_STEP = 1_000

Path = tuple[str | int, ...]


class Mismatch(NamedTuple):
    """Where arguments do not satisfy a pin, and what it asks for there."""

    path: Path
    detail: str


class _TooManySteps(Exception):
    """The arguments are so large, or the schema so branched, that it would take long."""


class _Steps:
    """How many may still be taken.

    `is_negated`: a `not` asks. What nobody can know yet, a secret or a text with placeholders, then counts as what it
    forbids.
    """

    def __init__(self) -> None:
        self._left = MOST_STEPS
        self.is_negated = False

    def take(self, count: int = 1) -> None:
        self._left -= count
        if self._left < 0:
            raise _TooManySteps


def mismatch(text: str, arguments: Mapping[str, Any]) -> Mismatch | None:
    """What is wrong with arguments by the pin of this text; None: nothing is."""
    try:
        return _held(_schema(text), arguments, (), _Steps())
    except _TooManySteps:
        return Mismatch((), "are too large or too deep to be held against the key's pin")


@lru_cache(maxsize=256)
def _schema(text: str) -> Any:
    return json.loads(text)


@lru_cache(maxsize=256)
def pattern_of(pattern: str) -> SchemaValidator:
    """Rust's take linear time, whatever is written."""
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True))


def _held(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    """What is wrong with a value first."""
    if schema is True:
        return None
    if schema is False:
        return Mismatch(path, "is not allowed by the key's pin")
    if "pattern" in schema and is_secret(value) and not steps.is_negated:
        return Mismatch(path, "must be text, not a secret: the key's pin cannot be held against that")
    for word, expected in schema.items():
        steps.take()
        if (within := _WITHIN.get(word)) is not None:
            if found := within(schema, value, path, steps):
                return found
        elif (fits := _FITS.get(word)) is not None and not fits(expected, value, steps):
            return _failed(path, word, expected)
    return None


def is_secret(value: Any) -> bool:
    """Whether an operation would put a secret in its place: JSON Schema would say nothing of it, as it is no text."""
    return isinstance(value, dict) and "$secret" in value


def _failed(path: Path, word: str, expected: Any) -> Mismatch:
    shown = json.dumps(expected, ensure_ascii=False)
    return Mismatch(
        path, f"must satisfy the key's pin {word}: {shown if len(shown) <= 200 else shown[:200] + '…'}"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _is_of_type(expected: Any, value: Any, _: _Steps) -> bool:
    return any(_TYPES[name](value) for name in ([expected] if isinstance(expected, str) else expected))


def _is_same(one: Any, other: Any, steps: _Steps) -> bool:
    """In JSON, 1 is 1.0, and true is not 1."""
    steps.take()
    if steps.is_negated and _has_placeholders(other):
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[name], other[name], steps) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_is_same(*pair, steps) for pair in zip(one, other, strict=True))
    return bool(one == other)


def _has_placeholders(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


def _is_not(expected: Any, value: Any, steps: _Steps) -> bool:
    steps.is_negated = not steps.is_negated
    try:
        return _held(expected, value, (), steps) is not None
    finally:
        steps.is_negated = not steps.is_negated


def _matches(pattern: str, value: Any, steps: _Steps) -> bool:
    if not isinstance(value, str):
        return True
    steps.take(len(value) // CHARACTERS_OF_A_STEP)
    if steps.is_negated and _has_placeholders(value):
        return True
    return pattern_of(pattern).isinstance_python(value)


def _of(
    kind: type | tuple[type, ...], fits: Callable[[Any, Any], bool]
) -> Callable[[Any, Any, _Steps], bool]:
    """A word that says nothing of values of other kinds."""

    def check(expected: Any, value: Any, _: _Steps) -> bool:
        return not isinstance(value, kind) or isinstance(value, bool) or fits(expected, value)

    return check


_FITS: Mapping[str, Callable[[Any, Any, _Steps], bool]] = {
    "type": _is_of_type,
    "enum": lambda expected, value, steps: any(_is_same(each, value, steps) for each in expected),
    "const": _is_same,
    "pattern": _matches,
    "minimum": _of((int, float), lambda expected, value: value >= expected),
    "maximum": _of((int, float), lambda expected, value: value <= expected),
    "exclusiveMinimum": _of((int, float), lambda expected, value: value > expected),
    "exclusiveMaximum": _of((int, float), lambda expected, value: value < expected),
    "minLength": _of(str, lambda expected, value: len(value) >= expected),
    "maxLength": _of(str, lambda expected, value: len(value) <= expected),
    "minItems": _of(list, lambda expected, value: len(value) >= expected),
    "maxItems": _of(list, lambda expected, value: len(value) <= expected),
    "minProperties": _of(dict, lambda expected, value: len(value) >= expected),
    "maxProperties": _of(dict, lambda expected, value: len(value) <= expected),
    "required": _of(dict, lambda expected, value: all(name in value for name in expected)),
    "contains": lambda expected, value, steps: (
        not isinstance(value, list) or any(_held(expected, item, (), steps) is None for item in value)
    ),
    "anyOf": lambda expected, value, steps: any(_held(each, value, (), steps) is None for each in expected),
    "oneOf": lambda expected, value, steps: (
        sum(_held(each, value, (), steps) is None for each in expected) == 1
    ),
    "not": _is_not,
}


def _properties(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    if not isinstance(value, dict):
        return None
    named = schema["properties"]
    pairs = ((inner, value[name], (*path, name)) for name, inner in named.items() if name in value)
    return _first(pairs, steps)


def _additional(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    if not isinstance(value, dict):
        return None
    named, others = schema.get("properties", {}), schema["additionalProperties"]
    return _first(((others, item, (*path, name)) for name, item in value.items() if name not in named), steps)


def _property_names(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    if not isinstance(value, dict):
        return None
    return _first(((schema["propertyNames"], name, (*path, name)) for name in value), steps)


def _prefix_items(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    if not isinstance(value, list):
        return None
    pairs = zip(schema["prefixItems"], value, strict=False)
    return _first(((inner, item, (*path, at)) for at, (inner, item) in enumerate(pairs)), steps)


def _items(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    if not isinstance(value, list):
        return None
    begin = len(schema.get("prefixItems", ()))
    return _first(
        ((schema["items"], item, (*path, at)) for at, item in enumerate(value) if at >= begin), steps
    )


def _all_of(schema: Any, value: Any, path: Path, steps: _Steps) -> Mismatch | None:
    return _first(((inner, value, path) for inner in schema["allOf"]), steps)


def _first(held: Iterator[tuple[Any, Any, Path]], steps: _Steps) -> Mismatch | None:
    for schema, value, path in held:
        steps.take()
        if found := _held(schema, value, path, steps):
            return found
    return None


_WITHIN: Mapping[str, Callable[[Any, Any, Path, _Steps], Mismatch | None]] = {
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "prefixItems": _prefix_items,
    "items": _items,
    "allOf": _all_of,
}
WORDS = frozenset({*_FITS, *_WITHIN, "title", "description"})
