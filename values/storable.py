"""What can be kept in a jsonb column: JSON as Postgres takes it, of bounded size and depth."""

import json
import math
from typing import Any

MAX_BYTES = 1_048_576
MAX_DEPTH = 64
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class Unstorable(Exception):
    """The value cannot be stored: a sentence's end as `reason`, a stable `code`, the `path` to the part."""

    def __init__(self, reason: str, code: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(reason, code, path)
        self.reason = reason
        self.code = code
        self.path = path

    def __str__(self) -> str:
        place = "".join(f"[{step!r:.50}]" for step in self.path)
        return f"value{place} {self.reason}"


def storable(value: Any, max_bytes: int = MAX_BYTES) -> str:
    """The value as JSON text.

    Raises Unstorable for what JSON or jsonb cannot hold (other types, NaN, infinities, NUL, lone
    surrogates), for more than `max_bytes` of UTF-8 and for nesting deeper than 64. Tuples become
    lists, and keys that are numbers become text, as `json.dumps` has it.
    """
    try:
        text = _encode(value)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        _refuse_fault(value, ())
        raise Unstorable(f"is not JSON: {error}", "not_json") from error
    if size > max_bytes:
        raise Unstorable(f"must have at most {max_bytes} bytes as JSON, got {size}", "too_large")
    if "\\u0000" in text or (text.count("[") + text.count("{") > MAX_DEPTH and _is_too_deep(value)):
        _refuse_fault(value, ())
    return text


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list | tuple)
        ]
    return bool(level)


def _refuse_fault(value: Any, path: tuple[str | int, ...]) -> None:
    """Raise for the first part at fault, depth first, so that a value inside itself ends as too deep."""
    match value:
        case None | bool():
            return
        case str():
            _refuse_text(value, path)
        case int() | float():
            _refuse_number(value, path)
        case dict():
            _refuse_depth(path)
            for key, item in value.items():
                _refuse_key(key, path)
                _refuse_fault(item, (*path, key))
        case list() | tuple():
            _refuse_depth(path)
            for index, item in enumerate(value):
                _refuse_fault(item, (*path, index))
        case _:
            raise Unstorable(f"must be JSON, got a {type(value).__name__}", "not_json", path)


def _refuse_depth(path: tuple[str | int, ...]) -> None:
    if len(path) >= MAX_DEPTH:
        raise Unstorable(f"must not be nested deeper than {MAX_DEPTH}", "too_deep")


def _refuse_key(key: Any, path: tuple[str | int, ...]) -> None:
    if isinstance(key, str):
        _refuse_text(key, path)
    elif not isinstance(key, int | float | None):
        raise Unstorable(f"must have keys of text, got a {type(key).__name__}", "not_json", path)


def _refuse_text(text: str, path: tuple[str | int, ...]) -> None:
    if "\0" in text:
        raise Unstorable("must not contain the NUL character", "nul_character", path)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unstorable("must not contain half of a surrogate pair", "lone_surrogate", path) from None


def _refuse_number(number: float, path: tuple[str | int, ...]) -> None:
    if isinstance(number, float) and not math.isfinite(number):
        raise Unstorable(f"must be a finite number, got {number}", "not_finite", path)
    try:
        str(number)
    except ValueError:
        raise Unstorable("must be a number of at most 4300 digits", "too_many_digits", path) from None
