"""Which fields a schema has."""

from typing import Any

import pytest

from dashboard.schema_forms import Field, Kind, fields_of
from operations import catalogue

INT_OR_NUMBER = {"anyOf": [{"type": "integer"}, {"type": "number"}]}
SECRET = {"type": "object", "properties": {"$secret": {"type": "string"}}}
TEXT = {"type": "string", "maxLength": 100}


def the_field(schema: Any, **root: Any) -> Field:
    """Of an object with one member of this schema."""
    found = fields_of({"properties": {"one": schema}, "additionalProperties": False, **root})
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (TEXT, Kind.TEXT),
        ({"type": "string"}, Kind.LONG_TEXT),
        ({"type": "string", "maxLength": 5_001}, Kind.LONG_TEXT),
        ({"type": "string", "format": "date-time"}, Kind.TEXT),
        ({"type": ["string", "null"], "maxLength": 9}, Kind.TEXT),
        ({"anyOf": [TEXT, {"type": "null"}]}, Kind.TEXT),
        ({"type": "integer"}, Kind.INTEGER),
        ({"type": "number"}, Kind.NUMBER),
        (INT_OR_NUMBER, Kind.NUMBER),
        ({"type": "boolean"}, Kind.BOOLEAN),
        ({"enum": ["a", "b"]}, Kind.CHOICE),
        ({"const": 1}, Kind.CHOICE),
        ({"enum": [["a"], ["b"]]}, Kind.JSON),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}, Kind.CHOICE),
        ({"type": "array", "items": TEXT}, Kind.LIST),
        ({"type": "array", "items": INT_OR_NUMBER}, Kind.LIST),
        ({"type": "array", "items": {"type": "object"}}, Kind.JSON),
        ({"type": "array", "items": {"anyOf": [TEXT, SECRET]}}, Kind.JSON),
        ({"type": "array"}, Kind.JSON),
        ({"type": "object"}, Kind.JSON),
        ({"anyOf": [TEXT, {"type": "integer"}]}, Kind.JSON),
        ({"anyOf": [TEXT, SECRET]}, Kind.TEXT),
        ({"anyOf": [{"type": "integer"}, SECRET]}, Kind.JSON),
        ({}, Kind.JSON),
        (True, Kind.JSON),
        ({"type": 7}, Kind.JSON),
        ({"$ref": "#/$defs/missing"}, Kind.JSON),
    ],
)
def test_kinds(schema: Any, kind: Kind) -> None:
    assert the_field(schema).kind is kind


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        (TEXT, Kind.TEXT),
        ({"type": "string", "enum": ["1", "2"]}, Kind.TEXT),
        ({"type": "integer"}, Kind.INTEGER),
        (INT_OR_NUMBER, Kind.NUMBER),
        ({"anyOf": [{"type": "integer"}, TEXT]}, Kind.JSON),
    ],
)
def test_items(items: Any, kind: Kind) -> None:
    assert the_field({"type": "array", "items": items}).items is kind


def test_references_are_followed_with_what_stands_beside_them() -> None:
    field = the_field({"$ref": "#/$defs/Name", "description": "Yours."}, **{"$defs": {"Name": TEXT}})
    assert (field.kind, field.hint, field.max_length) == (Kind.TEXT, "Yours.", 100)


def test_references_in_a_circle_end() -> None:
    assert the_field({"$ref": "#/$defs/A"}, **{"$defs": {"A": {"$ref": "#/$defs/A"}}}).kind is Kind.JSON


def test_required_ones_come_first() -> None:
    schema = {
        "properties": {"a": TEXT, "b": TEXT, "c": TEXT},
        "required": ["c"],
        "additionalProperties": False,
    }
    found = fields_of(schema)
    assert found is not None
    assert [(field.name, field.required) for field in found] == [("c", True), ("a", False), ("b", False)]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"properties": {}},
        {"properties": {"a": TEXT}},
        {"properties": {"a": TEXT}, "additionalProperties": False, "oneOf": [{}, {}]},
    ],
)
def test_what_only_json_can_say(schema: Any) -> None:
    assert fields_of(schema) is None


def test_labels_and_defaults() -> None:
    field = Field("max_body_bytes", Kind.INTEGER, default=65_536)
    assert (field.label, field.has_default, field.default_text) == ("Max body bytes", True, "65536")
    assert not Field("x", Kind.TEXT, default=None).has_default
    assert not Field("x", Kind.TEXT).has_default
    assert Field("read_as", Kind.CHOICE, default="auto").default_text == "auto"


def test_of_http_request() -> None:
    found = fields_of(catalogue.get("http_request").arguments_schema)
    assert found is not None
    kinds = {field.name: field.kind for field in found}
    assert kinds == {
        "url": Kind.TEXT,
        "method": Kind.CHOICE,
        "headers": Kind.JSON,
        "body": Kind.JSON,
        "signing_secret": Kind.TEXT,
        "expected_status": Kind.LIST,
        "follow_redirects": Kind.INTEGER,
        "timeout_seconds": Kind.NUMBER,
        "read_as": Kind.CHOICE,
        "max_body_bytes": Kind.INTEGER,
        "response_headers": Kind.LIST,
    }
