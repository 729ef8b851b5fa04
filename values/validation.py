"""pydantic's errors in words that a client can act upon: a stable code, what was expected, what came."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from values.wording import nearest, quoted, received, shorten, snake_case

Path = tuple[str | int, ...]
Complaint = tuple[str, str, str]
"""A code, what was expected, and what came."""

MAX_ERRORS = 50
MOST_HINTS = 5
_LONGEST_STEP = 100


class ArgumentError(NamedTuple):
    """One reason for a refusal: where in the document, a stable snake_case code, a sentence's end."""

    path: Path
    code: str
    detail: str


_EXPECTATIONS: dict[str, tuple[str, str]] = {
    "missing": ("required", "is required"),
    "extra_forbidden": ("unknown_field", "is not a known field"),
    "int_type": ("invalid_type", "must be a whole number"),
    "int_from_float": ("invalid_type", "must be a whole number"),
    "float_type": ("invalid_type", "must be a number"),
    "string_type": ("invalid_type", "must be text"),
    "bool_type": ("invalid_type", "must be true or false"),
    "list_type": ("invalid_type", "must be a list"),
    "tuple_type": ("invalid_type", "must be a list"),
    "dict_type": ("invalid_type", "must be an object"),
    "model_type": ("invalid_type", "must be an object"),
    "none_required": ("invalid_type", "must be null"),
    "finite_number": ("not_finite", "must be a finite number"),
    "greater_than_equal": ("min_value", "must be at least {ge}"),
    "greater_than": ("min_value", "must be more than {gt}"),
    "less_than_equal": ("max_value", "must be at most {le}"),
    "less_than": ("max_value", "must be less than {lt}"),
    "multiple_of": ("multiple_of", "must be a multiple of {multiple_of}"),
    "string_too_short": ("min_length", "must have at least {min_length} characters"),
    "string_too_long": ("max_length", "must have at most {max_length} characters"),
    "too_short": ("min_length", "must have at least {min_length} items"),
    "too_long": ("max_length", "must have at most {max_length} items"),
    "string_pattern_mismatch": ("invalid_format", "must match the pattern {pattern}"),
    "literal_error": ("invalid_choice", "must be {expected}"),
    "enum": ("invalid_choice", "must be {expected}"),
    "datetime_parsing": ("invalid_datetime", "must be a time such as 2026-03-29T01:30:00Z"),
    "datetime_from_date_parsing": ("invalid_datetime", "must be a time such as 2026-03-29T01:30:00Z"),
    "timezone_aware": ("invalid_datetime", "must have an offset, such as Z or +02:00"),
    "date_parsing": ("invalid_date", "must be a date such as 2026-03-29"),
    "date_from_datetime_parsing": ("invalid_date", "must be a date such as 2026-03-29"),
    "uuid_parsing": ("invalid_uuid", "must be a UUID"),
    "url_parsing": ("invalid_url", "must be a URL"),
    "union_tag_invalid": ("invalid_choice", "must be one of {expected_tags}"),
    "union_tag_not_found": ("required", "is required"),
}
_NOTHING_CAME = {"missing", "extra_forbidden", "union_tag_not_found"}
_TAGS = {"union_tag_invalid", "union_tag_not_found"}
_LENGTHS = {"string_too_short", "string_too_long", "too_short", "too_long"}


def strict_object(name: str, fields: Mapping[str, Any]) -> TypeAdapter[dict[str, Any]]:
    """A validator of JSON objects with exactly these fields (name to annotation), converting nothing.

    An annotation `NotRequired[...]` makes its field optional.
    """
    return TypeAdapter(strict_shape(name, fields))


def strict_shape(name: str, fields: Mapping[str, Any]) -> Any:
    """The type of such objects. A TypedDict, since a model cannot have fields called `json` or `schema`."""
    make: Any = TypedDict
    shape = make(name, dict(fields))
    shape.__pydantic_config__ = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    return shape


def explain(error: ErrorDetails) -> tuple[str, str]:
    """The code and the detail of one pydantic error: `("max_value", "must be at most 9, got 12")`."""
    code, expectation = _expected(error)
    return code, expectation + _came(error)


def explain_all(
    error: ValidationError,
    document: Any,
    known: Iterable[str] = (),
    other_words: Mapping[str, str] = MappingProxyType({}),
) -> list[ArgumentError]:
    """What is wrong with the document, one error for each place, at most `MAX_ERRORS`.

    `known` are the names of the document's own fields, to suggest one for an unknown field; `other_words` says of words
    that others use which field is meant, or in a sentence's end what to do.
    """
    places: dict[Path, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        places.setdefault(_place(details, document), []).append(details)
        if len(places) > MAX_ERRORS:
            break
    explained = [_merged(path, branches) for path, branches in islice(places.items(), MAX_ERRORS)]
    return _with_hints(explained, list(known), other_words)


def shortened(path: Path) -> Path:
    """The path with the names that a client made up cut to a length one can show."""
    return tuple(shorten(step, _LONGEST_STEP) if isinstance(step, str) else step for step in path)


def _with_hints(
    errors: list[ArgumentError], known: Sequence[str], other_words: Mapping[str, str]
) -> list[ArgumentError]:
    """Which field each of the first unknown ones may have been meant for. With many, nobody misspelt a name."""
    unknown = [each for each in errors if each.code == "unknown_field" and len(each.path) == 1][:MOST_HINTS]
    hinted = {
        each: each._replace(detail=each.detail + _hint(str(each.path[0]), known, other_words))
        for each in unknown
    }
    return [hinted.get(each, each) for each in errors]


def _merged(path: Path, branches: Sequence[ErrorDetails]) -> ArgumentError:
    # Each branch of a union complains for itself. One that already took the type knows best.
    complaints = [(*_expected(branch), _came(branch)) for branch in branches]
    complaints = _best(complaints)
    code, _, came = complaints[0]
    expectations = dict.fromkeys(expectation for _, expectation, _ in complaints)
    if "must be a number" in expectations:
        expectations.pop("must be a whole number", None)
    detail = " or ".join(expectations).replace(" or must be ", " or ") + came
    return ArgumentError(shortened(path), code, detail)


def _best(complaints: list[Complaint]) -> list[Complaint]:
    closest = [one for one in complaints if one[0] != "invalid_type"][:1]
    if not closest or closest[0][0] != "invalid_choice":
        return closest or complaints
    # Of choices each is as good as another type.
    return closest + [one for one in complaints if one[0] == "invalid_type" and one[1] != "must be null"]


def _hint(name: str, known: Sequence[str], other_words: Mapping[str, str]) -> str:
    meant = other_words.get(snake_case(name))
    if meant and meant not in known:
        return f"; {meant}"
    suggestion = meant or nearest(name, known)
    return f"; did you mean {quoted(suggestion)}?" if suggestion else ""


def _expected(error: ErrorDetails) -> tuple[str, str]:
    kind, message = error["type"], error["msg"]
    if kind in _EXPECTATIONS:
        code, template = _EXPECTATIONS[kind]
        expectation = template.format_map(_plain(error.get("ctx", {})))
        return code, re.sub(r"\b1 (item|character)s$", r"1 \1", expectation)
    if kind in {"value_error", "assertion_error"}:
        return "invalid", message.partition(", ")[2]
    return _code(kind), message.replace("Input should ", "must ", 1)


def _code(kind: str) -> str:
    if kind.endswith("_type"):
        return "invalid_type"
    return f"invalid_{kind.removesuffix('_parsing')}" if kind.endswith("_parsing") else kind


def _came(error: ErrorDetails) -> str:
    kind, value = error["type"], error["input"]
    if kind in _NOTHING_CAME:
        return ""
    if kind in _LENGTHS:
        return f", got {len(value)}"
    if kind in _TAGS:
        return f", got {received(value[_tag_name(error)])}" if _has(value, _tag_name(error)) else ""
    if kind in _EXPECTATIONS or error["msg"].startswith("Input should "):
        return f", got {received(value)}"
    return ""


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in context.items()
    }


def _place(error: ErrorDetails, document: Any) -> Path:
    """The error's location without the steps that are pydantic's own, such as a union's branch."""
    steps: list[str | int] = []
    for number, step in enumerate(error["loc"], start=1):
        inside = _has(document, step)
        if inside:
            document = document[step]
        if inside or (error["type"] == "missing" and number == len(error["loc"])):
            steps.append(step)
    return (*steps, _tag_name(error)) if error["type"] in _TAGS else tuple(steps)


def _tag_name(error: ErrorDetails) -> str:
    """The field that says which branch of a union an object is; pydantic names it in quotes."""
    return str(error["ctx"]["discriminator"]).strip("'")


def _has(document: Any, step: str | int) -> bool:
    if isinstance(document, dict):
        return step in document
    return isinstance(document, list) and isinstance(step, int) and 0 <= step < len(document)
