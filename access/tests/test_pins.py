"""Pins: read as JSON Schema says, and bounded whatever is written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from access.pin_words import MOST_CHARACTERS, InvalidPin, pin_text
from access.pins import mismatch

scalars = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([1.0, 0.0, 2.5, "", "a", "ab", "b1"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
types = st.sampled_from(["null", "boolean", "string", "number", "integer", "array", "object"])
small = st.integers(0, 3)
patterns = st.sampled_from(["a", "^a$", "[0-9]", "^(a|b1)$", ""])


def _words(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": types | st.lists(types, min_size=1, max_size=2, unique=True),
            "enum": st.lists(values, min_size=1, max_size=3),
            "const": values,
            "pattern": patterns,
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "additionalProperties": inner,
            "propertyNames": inner,
            "items": inner,
            "prefixItems": lists,
            "contains": inner,
            "allOf": lists,
            "anyOf": lists,
            "oneOf": lists,
            "not": inner,
            **{
                f"{bound}{what}": small
                for bound in ("min", "max")
                for what in ("Length", "Items", "Properties")
            },
            **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), small),
        },
    )


schemas = st.recursive(st.booleans() | _words(st.booleans()), _words, max_leaves=8)


@given(schema=schemas, value=values)
def test_it_is_json_schema(schema: Any, value: Any) -> None:
    if len(str(schema)) > MOST_CHARACTERS // 2:
        return
    assert (mismatch(pin_text(schema), value) is None) == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"$ref": "https://evil.example/"}, ("$ref",)),
        ({"properties": {"a": {"$ref": "#"}}}, ("properties", "a", "$ref")),
        ({"$dynamicRef": "#"}, ("$dynamicRef",)),
        ({"patternProperties": {"(a+)+$": True}}, ("patternProperties",)),
        ({"uniqueItems": True}, ("uniqueItems",)),
        ({"format": "email"}, ("format",)),
        ({"anyOf": [{"pattern": "(?=a)"}]}, ("anyOf", 0, "pattern")),
        ({"pattern": r"(a)\1"}, ("pattern",)),
        ({"pattern": "("}, ("pattern",)),
        ({"pattern": 7}, ("pattern",)),
        ({"pattern": "((a{1,1000}){1,1000}){1,1000}"}, ("pattern",)),
        ({"type": "text"}, ("type",)),
        ({"properties": []}, ("properties",)),
        ({"allOf": {}}, ("allOf",)),
        ({"minLength": "1"}, ("minLength",)),
        ([], ()),
        ("string", ()),
        (None, ()),
        ({"enum": ["x" * MOST_CHARACTERS]}, ()),
    ],
)
def test_what_is_no_pin(schema: Any, path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidPin) as error:
        pin_text(schema)
    assert error.value.path == path


def test_depth_is_bounded() -> None:
    schema: Any = True
    for _ in range(60):
        schema = {"not": schema}
    with pytest.raises(InvalidPin):
        pin_text(schema)


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        (
            {"properties": {"a": {"items": {"anyOf": [{"const": str(n)} for n in range(100)]}}}},
            {"a": [1] * 100_000},
        ),
        ({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 250_000 + "b"}),
        ({"additionalProperties": {"enum": list(range(300))}}, {str(n): "x" for n in range(50_000)}),
    ],
)
def test_hostile_ones_end(schema: Any, arguments: dict[str, Any]) -> None:
    assert mismatch(pin_text(schema), arguments) is not None


def test_it_says_where_and_what() -> None:
    pin = pin_text({"properties": {"url": {"pattern": "^https://crm\\.example/"}}, "required": ["url"]})
    assert mismatch(pin, {"url": "https://crm.example/x"}) is None
    found = mismatch(pin, {"url": "https://evil.example/"})
    assert found is not None
    assert found.path == ("url",)
    assert found.detail == 'must satisfy the key\'s pin pattern: "^https://crm\\\\.example/"'
    assert mismatch(pin, {}) == ((), 'must satisfy the key\'s pin required: ["url"]')
