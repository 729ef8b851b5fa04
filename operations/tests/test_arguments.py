import json
import pickle
from datetime import date, datetime
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    Field,
    HttpUrl,
    ValidationError,
)

from operations import ArgumentError, Catalogue, Context, InvalidArguments
from values.validation import MAX_ERRORS, explain, strict_object


class Point(BaseModel):
    x: int
    y: int


shelf = Catalogue()


@shelf.operation(idempotent=True, timeout_seconds=1)
def everything(
    number: Annotated[int, Field(ge=0, le=9)] = 0,
    ratio: Annotated[float, Field(gt=0, lt=1)] = 0.5,
    text: Annotated[str, Field(min_length=2, max_length=5, pattern="^[a-z]+$")] = "ab",
    flag: bool = False,
    choice: Literal["red", "blue"] = "red",
    items: Annotated[list[int], Field(min_length=1, max_length=3)] = [1],  # noqa: B006 - only read
    either: str | list[str] = "a",
    bounded: Annotated[int, Field(le=9)] | Literal["all"] = 1,
    point: Point | None = None,
    moment: AwareDatetime | None = None,
    headers: dict[str, str] = {},  # noqa: B006 - only read
    json: Any = None,
) -> str:
    """Take one of each kind."""
    return repr(moment)


def refusals(arguments: Any) -> list[ArgumentError]:
    with pytest.raises(InvalidArguments) as caught:
        shelf.get("everything").validate(arguments)
    return caught.value.errors


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"number": 9, "ratio": 0.25, "text": "abc", "flag": True, "choice": "blue", "items": [1, 2]},
        {"either": "a", "bounded": "all", "point": {"x": 1, "y": 2}, "headers": {"a": "b"}},
        {"either": ["a"], "bounded": 3, "point": None, "moment": "2026-03-29T01:30:00Z"},
        {"json": [1, {"a": None}]},
    ],
)
def test_what_fits_is_stored_as_it_was_said(arguments: dict[str, Any]) -> None:
    assert shelf.get("everything").validate(arguments) == arguments


def test_a_function_gets_values_of_its_own_types() -> None:
    result = shelf.get("everything").run({"moment": "2026-03-29T01:30:00+02:00"}, Context("0199", 1))
    assert result.startswith("datetime.datetime(2026, 3, 29, 1, 30")


def test_validated_arguments_validate_again() -> None:
    once = shelf.get("everything").validate({"ratio": 0.5, "moment": "2026-03-29T01:30:00+02:00"})
    assert shelf.get("everything").validate(json.loads(json.dumps(once))) == once
    assert datetime.fromisoformat(once["moment"]).utcoffset() is not None


@pytest.mark.parametrize(
    ("arguments", "path", "code", "detail"),
    [
        ({"number": "7"}, ("number",), "invalid_type", 'must be a whole number, got the text "7"'),
        ({"number": True}, ("number",), "invalid_type", "must be a whole number, got true"),
        ({"number": 7.0}, ("number",), "invalid_type", "must be a whole number, got 7.0"),
        ({"number": None}, ("number",), "invalid_type", "must be a whole number, got null"),
        ({"number": 12}, ("number",), "max_value", "must be at most 9, got 12"),
        ({"number": -1}, ("number",), "min_value", "must be at least 0, got -1"),
        ({"number": 10**500}, ("number",), "max_value",
         "must be at most 9, got a number of about 500 digits"),
        ({"ratio": "0.5"}, ("ratio",), "invalid_type", 'must be a number, got the text "0.5"'),
        ({"ratio": True}, ("ratio",), "invalid_type", "must be a number, got true"),
        ({"ratio": 1}, ("ratio",), "max_value", "must be less than 1, got 1"),
        ({"ratio": 0}, ("ratio",), "min_value", "must be more than 0, got 0"),
        ({"ratio": float("nan")}, ("ratio",), "not_finite", "must be a finite number, got nan"),
        ({"json": float("inf")}, ("json",), "not_finite", "must be a finite number, got inf"),
        ({"text": 7}, ("text",), "invalid_type", "must be text, got 7"),
        ({"text": "a"}, ("text",), "min_length", "must have at least 2 characters, got 1"),
        ({"text": "abcdef"}, ("text",), "max_length", "must have at most 5 characters, got 6"),
        ({"text": "AB"}, ("text",), "invalid_format", 'must match the pattern ^[a-z]+$, got the text "AB"'),
        ({"flag": "yes"}, ("flag",), "invalid_type", 'must be true or false, got the text "yes"'),
        ({"flag": 1}, ("flag",), "invalid_type", "must be true or false, got 1"),
        ({"choice": "green"}, ("choice",), "invalid_choice",
         "must be 'red' or 'blue', got the text \"green\""),
        ({"items": {}}, ("items",), "invalid_type", "must be a list, got an object"),
        ({"items": []}, ("items",), "min_length", "must have at least 1 item, got 0"),
        ({"items": [1, 2, 3, 4]}, ("items",), "max_length", "must have at most 3 items, got 4"),
        ({"items": [1, "2"]}, ("items", 1), "invalid_type", 'must be a whole number, got the text "2"'),
        ({"either": 5}, ("either",), "invalid_type", "must be text or a list, got 5"),
        ({"bounded": 12}, ("bounded",), "max_value", "must be at most 9, got 12"),
        ({"bounded": "some"}, ("bounded",), "invalid_choice",
         "must be 'all' or a whole number, got the text \"some\""),
        ({"point": []}, ("point",), "invalid_type", "must be an object, got a list"),
        ({"point": {"x": 1}}, ("point", "y"), "required", "is required"),
        ({"point": {"x": 1, "y": 2, "z": 3}}, ("point", "z"), "unknown_field", "is not a known field"),
        ({"headers": {"a": 1}}, ("headers", "a"), "invalid_type", "must be text, got 1"),
        ({"moment": "2026-03-29T01:30:00"}, ("moment",), "invalid_datetime",
         'must have an offset, such as Z or +02:00, got the text "2026-03-29T01:30:00"'),
        ({"moment": "soon"}, ("moment",), "invalid_datetime",
         'must be a time such as 2026-03-29T01:30:00Z, got the text "soon"'),
        ({"numer": 1}, ("numer",), "unknown_field", 'is not a known field; did you mean "number"?'),
        ({"qqq": 1}, ("qqq",), "unknown_field", "is not a known field"),
        ({"json": {"a": ["\0"]}}, ("json", "a", 0), "nul_character", "must not contain the NUL character"),
        ({"text": "\ud800"}, ("text",), "lone_surrogate", "must not contain half of a surrogate pair"),
        ({"json": {1, 2}}, ("json",), "not_json", "must be JSON, got a set"),
        ([], (), "invalid_type", "must be an object, got a list"),
        ("text", (), "invalid_type", 'must be an object, got the text "text"'),
        (None, (), "invalid_type", "must be an object, got null"),
    ],
)  # fmt: skip
def test_refusals(arguments: Any, path: tuple[str | int, ...], code: str, detail: str) -> None:
    assert refusals(arguments) == [ArgumentError(path, code, detail)]


def test_all_errors_are_told_at_once() -> None:
    errors = refusals({"number": 12, "flag": 1, "numer": 1})
    assert sorted(error.code for error in errors) == ["invalid_type", "max_value", "unknown_field"]


def test_messages_stay_short_whatever_came() -> None:
    long = "x" * 200_000
    for arguments in [
        {"number": long},
        {long: 1},
        {"headers": {long: 1}},
        {"json": {long: "\0"}},
        {"either": {long: long}},
    ]:
        assert len(str(refusals(arguments))) < 400


def test_at_most_so_many_errors_are_told() -> None:
    assert len(refusals({f"field_{number}": number for number in range(10_000)})) == MAX_ERRORS


def test_arguments_have_a_size() -> None:
    assert [error.code for error in refusals({"json": "x" * 300_000})] == ["too_large"]


def test_control_characters_are_shown_escaped() -> None:
    assert refusals({"number": "a\x1b[2J\u202e"})[0].detail.endswith(r'the text "a\u001b[2J\u202e"')


def test_errors_survive_pickling() -> None:
    with pytest.raises(InvalidArguments) as caught:
        shelf.get("everything").validate({"number": 12})
    assert pickle.loads(pickle.dumps(caught.value)).errors == caught.value.errors  # noqa: S301 - ours


def test_explain_takes_any_error_of_pydantic() -> None:
    def even(number: int) -> int:
        raise ValueError("must be even")

    fields = {
        "number": Annotated[int, AfterValidator(even)],
        "url": HttpUrl,
        "blob": Base64Bytes,
        "day": date,
    }
    with pytest.raises(ValidationError) as caught:
        strict_object("Body", fields).validate_json(
            '{"number": 1, "url": "nowhere", "blob": "a", "day": "soon"}'
        )
    problems = [explain(error) for error in caught.value.errors()]
    assert problems[0] == ("invalid", "must be even")
    assert problems[1] == ("invalid_url", 'must be a URL, got the text "nowhere"')
    assert problems[2][0] == "base64_decode"
    assert problems[3] == ("invalid_date", 'must be a date such as 2026-03-29, got the text "soon"')


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(list(shelf.get("everything").signature.names)) | st.text(max_size=3)


@given(st.dictionaries(names, anything, max_size=5))
def test_any_arguments_are_either_stored_or_refused_in_words(arguments: dict[str, Any]) -> None:
    stored, errors = None, []
    try:
        stored = shelf.get("everything").validate(arguments)
    except InvalidArguments as error:
        errors = error.errors
    assert (stored is None) == bool(errors)
    assert json.loads(json.dumps(stored, allow_nan=False)) == stored
    assert all(code.isidentifier() and detail for _, code, detail in errors)


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float


class Square(BaseModel):
    kind: Literal["square"]
    side: float


@shelf.operation(idempotent=True, timeout_seconds=1)
def draw(shape: Annotated[Circle | Square, Field(discriminator="kind")]) -> str:
    """Draw one of two shapes."""
    return shape.kind


@pytest.mark.parametrize(
    ("shape", "path", "code", "detail"),
    [
        ({"kind": "circle"}, ("shape", "radius"), "required", "is required"),
        ({"side": 1}, ("shape", "kind"), "required", "is required"),
        ({"kind": "star"}, ("shape", "kind"), "invalid_choice",
         "must be one of 'circle', 'square', got the text \"star\""),
        ({"kind": None}, ("shape", "kind"), "invalid_choice",
         "must be one of 'circle', 'square', got null"),
        ("circle", ("shape",), "invalid_type", 'must be an object, got the text "circle"'),
    ],
)  # fmt: skip
def test_unions_that_a_field_tells_apart(shape: Any, path: tuple[str, ...], code: str, detail: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        shelf.get("draw").validate({"shape": shape})
    assert [tuple(error) for error in caught.value.errors] == [(path, code, detail)]
