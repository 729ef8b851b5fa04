import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from values.storable import Unstorable, storable


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = {"a": value} if isinstance(value, list) else [value]
    return value


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -1.5, "", "text", [], {}, 10**4000, 1e308, "ä€😀", "\\u0000", "\x01", "[" * 100,
        {"a": [1, {"b": None}]}, [[]] * 1000, nested(64),
    ],
)  # fmt: skip
def test_what_can_be_stored(value: Any) -> None:
    assert json.loads(storable(value)) == value


def test_tuples_become_lists_and_numeric_keys_text() -> None:
    assert storable((1, (2,))) == "[1,[2]]"
    assert storable({1: "a"}) == '{"1":"a"}'


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        (math.nan, "not_finite", ()),
        ({"a": [0, math.inf]}, "not_finite", ("a", 1)),
        ("a\0", "nul_character", ()),
        (["\0"], "nul_character", (0,)),
        ({"a": {"b\0": 1}}, "nul_character", ("a",)),
        (["\\u0000", "\0"], "nul_character", (1,)),
        ("\ud800", "lone_surrogate", ()),
        ({"a": {"\udfff": 1}}, "lone_surrogate", ("a",)),
        ({1, 2}, "not_json", ()),
        ({"at": datetime(2026, 1, 1, tzinfo=UTC)}, "not_json", ("at",)),
        ([Decimal(1)], "not_json", (0,)),
        (b"bytes", "not_json", ()),
        ({(1, 2): 3}, "not_json", ()),
        ({"a": 10**5000}, "too_many_digits", ("a",)),
        (nested(65), "too_deep", ()),
        (nested(900), "too_deep", ()),
        (nested(50_000), "too_deep", ()),
        (endless(), "too_deep", ()),
        ("x" * 1_048_575, "too_large", ()),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, str | tuple) else type(value).__name__,
)
def test_what_cannot(value: Any, code: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(Unstorable) as caught:
        storable(value)
    assert (caught.value.code, caught.value.path) == (code, path)
    assert len(str(caught.value)) < 300


def test_size_is_counted_in_bytes_of_utf8() -> None:
    assert storable("x" * 1_048_574)
    assert storable("€€", max_bytes=8)
    with pytest.raises(Unstorable, match="at most 7 bytes as JSON, got 8"):
        storable("€€", max_bytes=7)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    )
)
def test_any_value_comes_back_or_is_refused(value: Any) -> None:
    text, code = None, None
    try:
        text = storable(value)
    except Unstorable as error:
        code = error.code
    assert code in {None, "not_finite", "nul_character", "lone_surrogate"}
    assert text is None or json.loads(text) == value
