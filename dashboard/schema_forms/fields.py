"""From a JSON Schema to fields. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any]

LONG = 5_000
"""A text that may be longer has several lines."""
MOST_STEPS = 16
"""Of references that lead to references."""
SECRET = "$secret"  # noqa: S105 (the key of a reference)
NO_DEFAULT = object()
"""In place of a value that is not there; null is one."""


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    LIST = "list"
    """One item on each line."""
    JSON = "json"


SIMPLE = {"string": Kind.TEXT, "number": Kind.NUMBER, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN}


@dataclass(frozen=True, slots=True)
class Field:
    """One member of the object that a form describes."""

    name: str
    kind: Kind
    required: bool = False
    hint: str = ""
    default: Any = NO_DEFAULT
    choices: tuple[Any, ...] = ()
    """Of CHOICE: the values."""
    items: Kind | None = None
    """Of LIST: TEXT, NUMBER, INTEGER, or JSON for what is a number where it looks like one, and else a text."""
    takes_secret: bool = False
    """Whether a reference to a secret may stand for the text."""
    minimum: Any = None
    maximum: Any = None
    max_length: int | None = None

    @property
    def label(self) -> str:
        """What people read: `max_body_bytes` becomes `Max body bytes`."""
        words = self.name.replace("_", " ").strip()
        return words[:1].upper() + words[1:] or self.name

    @property
    def has_default(self) -> bool:
        """Whether something is known to stand for a field that is left empty."""
        return self.default is not NO_DEFAULT and self.default is not None

    @property
    def default_text(self) -> str:
        """The default, as JSON; a text as it is."""
        return self.default if isinstance(self.default, str) else json.dumps(self.default, ensure_ascii=False)


def fields_of(schema: Schema) -> tuple[Field, ...] | None:
    """The fields of an object, those that are required first. None: it is only as JSON that it can be written."""
    whole = _resolved(schema, schema)
    properties = whole.get("properties")
    is_closed = whole.get("additionalProperties") is False and not whole.keys() & {
        "anyOf",
        "oneOf",
        "allOf",
        "if",
    }
    if not isinstance(properties, Mapping) or not is_closed:
        return None
    required = set(whole.get("required", ()))
    found = [_field(name, member, schema, required=name in required) for name, member in properties.items()]
    return tuple(sorted(found, key=lambda field: not field.required))


def _field(name: str, schema: Schema, root: Schema, *, required: bool) -> Field:
    resolved = _resolved(schema, root)
    branches, takes_secret = _branches(resolved, root)
    said = {
        "name": name,
        "required": required,
        "hint": str(resolved.get("description", "")),
        "default": resolved.get("default", NO_DEFAULT),
    }
    kind = _kind(branches, root)
    only = branches[0] if len(branches) == 1 else {}
    if takes_secret and kind not in (Kind.TEXT, Kind.LONG_TEXT):
        return Field(**said, kind=Kind.JSON)
    match kind:
        case Kind.CHOICE:
            return Field(**said, kind=kind, choices=_choices(only))
        case Kind.LIST:
            return Field(
                **said, kind=kind, items=_items(_branches(_resolved(only["items"], root), root)[0], root)
            )
    return Field(
        **said,
        kind=kind,
        takes_secret=takes_secret,
        minimum=only.get("minimum"),
        maximum=only.get("maximum"),
        max_length=_length(only),
    )


def _resolved(schema: Schema, root: Schema) -> Schema:
    """A schema in place of a reference to it, with what stands beside the reference."""
    for _ in range(MOST_STEPS):
        if not isinstance(schema, Mapping):  # `true`: anything
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        meant: Any = root
        for step in reference.removeprefix("#/").split("/"):
            meant = meant.get(step, {}) if isinstance(meant, Mapping) else {}
        schema = {**meant, **{key: value for key, value in schema.items() if key != "$ref"}}
    return {}


def _branches(schema: Schema, root: Schema) -> tuple[Sequence[Schema], bool]:
    """What a value may be, besides null and a reference to a secret; and whether such a reference is possible."""
    choices = [_resolved(each, root) for each in schema.get("anyOf", schema.get("oneOf", ()))]
    found = choices or [schema]
    if isinstance(kinds := schema.get("type"), list):
        found = [{**schema, "type": kind} for kind in kinds]
    found = [each for each in found if each.get("type") != "null"]
    values = [each for each in found if SECRET not in each.get("properties", {})]
    return values, len(values) < len(found)


def _kind(branches: Sequence[Schema], root: Schema) -> Kind:
    if len(branches) != 1:
        kinds = {each.get("type") for each in branches}
        return Kind.NUMBER if kinds == {"integer", "number"} else Kind.JSON
    (schema,) = branches
    if _choices(schema):
        return Kind.CHOICE
    kind = schema.get("type")
    if kind == "array":
        return Kind.LIST if _is_list(schema, root) else Kind.JSON
    simple = SIMPLE.get(kind, Kind.JSON) if isinstance(kind, str) else Kind.JSON
    is_long = simple is Kind.TEXT and (_length(schema) or LONG + 1) > LONG
    return Kind.LONG_TEXT if is_long and not schema.get("format") else simple


def _choices(schema: Schema) -> tuple[Any, ...]:
    """The values of an enumeration of simple ones."""
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    is_simple = all(value is None or isinstance(value, str | int | float | bool) for value in values)
    return tuple(value for value in values if value is not None) if is_simple else ()


def _is_list(schema: Schema, root: Schema) -> bool:
    """Whether each item fits on a line."""
    items = schema.get("items")
    if not isinstance(items, Mapping) or "prefixItems" in schema:
        return False
    branches, takes_secret = _branches(_resolved(items, root), root)
    simple = [each.get("type") in ("string", "number", "integer") for each in branches]
    return bool(simple) and all(simple) and not takes_secret


def _items(branches: Sequence[Schema], root: Schema) -> Kind:
    if all(each.get("type") == "string" for each in branches):
        return Kind.TEXT
    kind = _kind(branches, root)
    return kind if kind in (Kind.NUMBER, Kind.INTEGER) else Kind.JSON


def _length(schema: Schema) -> int | None:
    length = schema.get("maxLength")
    return length if isinstance(length, int) else None
