"""From what a form sends to values, and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.schema_forms import Field, Kind, Mistake, fields_of, read, texts_of
from operations import catalogue
from operations.definition import Operation

PREFIX = "arguments."
FIELDS = (
    Field("text", Kind.TEXT),
    Field("long", Kind.LONG_TEXT, takes_secret=True),
    Field("whole", Kind.INTEGER),
    Field("number", Kind.NUMBER),
    Field("choice", Kind.CHOICE, choices=("a", "b", 3, True)),
    Field("flag", Kind.BOOLEAN),
    Field("names", Kind.LIST, items=Kind.TEXT),
    Field("numbers", Kind.LIST, items=Kind.NUMBER),
    Field("mixed", Kind.LIST, items=Kind.JSON),
    Field("any", Kind.JSON),
)
MANY_DIGITS = "1234567890" * 40


def sent(**texts: str) -> dict[str, str]:
    return {PREFIX + name: text for name, text in texts.items()}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("text", " a b ", " a b "),
        ("long", "a\r\nb", "a\nb"),
        ("long", '{"$secret": "token"}', {"$secret": "token"}),
        ("long", '{"$secret": "token", "more": 1}', '{"$secret": "token", "more": 1}'),
        ("long", "it costs $secret", "it costs $secret"),
        ("text", '{"$secret": "token"}', '{"$secret": "token"}'),
        ("whole", " 7 ", 7),
        ("whole", MANY_DIGITS, int(MANY_DIGITS)),
        ("number", "9007199254740993", 9007199254740993),
        ("number", "-0.5", -0.5),
        ("number", "1e3", 1000.0),
        ("choice", "b", "b"),
        ("choice", "3", 3),
        ("choice", "true", True),
        ("flag", "true", True),
        ("flag", "false", False),
        ("names", "ann\r\n\r\n bob \n", ["ann", "bob"]),
        ("numbers", "1\n2.5", [1, 2.5]),
        ("mixed", "2xx\n404", ["2xx", 404]),
        ("any", '{"a": [1, null]}', {"a": [1, None]}),
        ("any", "null", None),
    ],
)
def test_values(name: str, text: str, value: Any) -> None:
    values, mistakes = read(FIELDS, sent(**{name: text}), PREFIX)
    assert (json.dumps(values), mistakes) == (json.dumps({name: value}), [])


def test_what_is_empty_is_left_out() -> None:
    assert read(FIELDS, {PREFIX + field.name: " " for field in FIELDS}, PREFIX) == ({}, [])
    assert read(FIELDS, {}, PREFIX) == ({}, [])


@pytest.mark.parametrize(
    ("name", "text", "detail"),
    [
        ("whole", "seven", 'must be a whole number, got "seven"'),
        ("whole", "true", 'must be a whole number, got "true"'),
        ("number", "NaN", 'must be a number, got "NaN"'),
        ("number", "1" * 5_000, 'must be a number, got "1111111111111111111111111111111111111111111111111…"'),
        ("choice", "c", 'must be one of a, b, 3, true, got "c"'),
        ("flag", "yes", 'must be one of true, false, got "yes"'),
        ("numbers", "1\nx", 'must be a number, got "x"'),
        ("any", "{", "is not JSON"),
        ("any", '{"a": 1, "a": 2}', 'names the key "a" twice'),
        ("any", "\ud800", "half of a surrogate pair"),
        ("any", "[" * 100 + "]" * 100, "nested deeper than 64 levels"),
    ],
)
def test_mistakes(name: str, text: str, detail: str) -> None:
    values, [mistake] = read(FIELDS, sent(**{name: text}), PREFIX)
    assert (values, mistake.name) == ({}, name)
    assert detail in mistake.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', ({"a": 1}, [])),
        ("", ({}, [])),
        ("[1]", ({}, [Mistake(None, "must be a JSON object")])),
    ],
)
def test_as_a_whole(text: str, expected: Any) -> None:
    assert read(FIELDS, {"arguments.#": text}, PREFIX) == expected
    assert read(None, {"arguments.#": text}, PREFIX) == expected


def test_what_a_field_cannot_show_is_json() -> None:
    values = {"text": 7, "names": ["a\nb"], "long": "", "mixed": ["404"], "number": 3}
    texts = texts_of(FIELDS, values, PREFIX)
    assert texts == {
        "arguments.text#json": "7",
        "arguments.names#json": '[\n  "a\\nb"\n]',
        "arguments.long#json": '""',
        "arguments.mixed#json": '[\n  "404"\n]',
        "arguments.number": "3",
    }
    assert read(FIELDS, texts, PREFIX) == (values, [])


@pytest.mark.parametrize(("name", "text"), [("text", "a\nb"), ("long", "a\r\nb"), ("long", "a\rb")])
def test_what_no_browser_would_send_is_json(name: str, text: str) -> None:
    assert list(texts_of(FIELDS, {name: text}, PREFIX)) == [f"arguments.{name}#json"]


def test_values_without_a_field_make_the_whole_json() -> None:
    texts = texts_of(FIELDS, {"text": "a", "unknown": 1}, PREFIX)
    assert list(texts) == ["arguments.#"]
    assert read(FIELDS, texts, PREFIX) == ({"text": "a", "unknown": 1}, [])
    assert texts_of(FIELDS, {"text": "a"}, PREFIX, whole=True) == {"arguments.#": '{\n  "text": "a"\n}'}


plain_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | numbers | plain_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_text, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([field.name for field in FIELDS]), anything))
def test_whatever_the_values_are_they_come_back(values: dict[str, Any]) -> None:
    again, mistakes = read(FIELDS, texts_of(FIELDS, values, PREFIX), PREFIX)
    assert mistakes == []
    assert json.dumps(again, sort_keys=True) == json.dumps(values, sort_keys=True)


@pytest.mark.parametrize("operation", catalogue.all(), ids=lambda operation: operation.name)
def test_examples_of_operations_come_back(operation: Operation) -> None:
    fields = fields_of(operation.arguments_schema)
    for example in operation.examples:
        texts = texts_of(fields, example.arguments, PREFIX)
        assert read(fields, texts, PREFIX) == (example.arguments, [])
