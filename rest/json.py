"""JSON as this service reads and writes it: RFC 8259, and stricter where Postgres or people would stumble."""

import json
import math
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

MAX_DEPTH = 64
_SURROGATE = re.compile("[\ud800-\udfff]")


class JSONRefused(ValueError):
    """This text is not JSON, or holds what we do not take. The message says what and where."""


def load(text: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Refused (JSONRefused): what is not JSON, duplicate keys, NaN and infinities, numbers that no double or
    no int of ours can hold, nesting deeper than `MAX_DEPTH`, and the two things that JSON can spell and
    jsonb cannot hold, NUL and lone surrogates.
    """
    try:
        value = json.loads(
            text.decode(), object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise JSONRefused(f"is not UTF-8: byte {error.start} is {text[error.start]:#04x}") from None
    except json.JSONDecodeError as error:
        raise JSONRefused(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise JSONRefused(f"is nested deeper than {MAX_DEPTH} levels") from None
    except JSONRefused:
        raise
    except ValueError:  # Python guards itself against numbers that take long to convert
        raise JSONRefused(f"holds a number of more than {sys.get_int_max_str_digits()} digits") from None
    _check(value, escapes=b"\\u" in text)
    return value


class Written(bytes):
    """A value that is JSON already."""


def dump(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8; instants in RFC 3339 with `Z`, ids as text."""
    return _encode(value).encode()


def dump_line(value: Any) -> bytes:
    """`dump`, and the end of the line: a body as a terminal shows it well."""
    return (value if isinstance(value, Written) else dump(value)) + b"\n"


def instant_text(instant: datetime | None) -> str | None:
    """RFC 3339 in UTC with `Z`; microseconds only where there are any."""
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encode = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise JSONRefused(f"names the key {json.dumps(twice[:50])} twice in one object")
    return members


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise JSONRefused(f"holds {digits[:50]}, which is beyond the range of numbers")
    return number


def _refuse_constant(name: str) -> Any:
    raise JSONRefused(f"holds {name}, which is not a JSON number")


def _check(value: Any, *, escapes: bool) -> None:
    """Walk the value level by level: no deeper than allowed, and no text that Postgres cannot hold."""
    level = [value]
    for _depth in range(MAX_DEPTH + 1):
        if escapes:
            _check_texts(level)
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return
        level = [child for container in containers for child in _children(container)]
    raise JSONRefused(f"is nested deeper than {MAX_DEPTH} levels")


def _children(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def _check_texts(level: list[Any]) -> None:
    for item in level:
        for text in item if isinstance(item, dict) else (item,):
            if isinstance(text, str):
                _check_text(text)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise JSONRefused("holds the character NUL, which cannot be stored")
    if _SURROGATE.search(text):
        raise JSONRefused("holds half of a surrogate pair, which is not a character")
