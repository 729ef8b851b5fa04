"""The operations add, multiply and sum."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import InvalidArguments, OperationError, catalogue
from operations.testing import run

BIGGEST = 10**1000 - 1

WHOLE = st.integers(-BIGGEST, BIGGEST)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("add", {"x": 4, "y": 7}, 11), ("add", {"x": -4, "y": 4}, 0), ("add", {"x": 4.0, "y": 7}, 11.0),
        ("add", {"x": 0.1, "y": 0.2}, 0.1 + 0.2), ("add", {"x": 2**53, "y": 1}, 2**53 + 1),
        ("add", {"x": BIGGEST, "y": -1}, BIGGEST - 1), ("multiply", {"x": 4, "y": 7}, 28),
        ("multiply", {"x": 2**500, "y": 2**500}, 2**1000), ("multiply", {"x": 3, "y": 0.5}, 1.5),
        ("multiply", {"x": 1e-300, "y": 1e-300}, 0.0), ("multiply", {"x": BIGGEST, "y": 1e-999}, 0.0),
        ("sum", {"numbers": []}, 0), ("sum", {"numbers": [7]}, 7), ("sum", {"numbers": [0.1] * 10}, 1.0),
        ("sum", {"numbers": [1e308, 1e308, -1e308]}, 1e308), ("sum", {"numbers": [10**400, -(10**400), 0.5]}, 0.5),
        ("sum", {"numbers": [1, 2.0, 3]}, 6.0), ("sum", {"numbers": [1] * 10_000}, 10_000),
    ],
)  # fmt: skip
def test_right_answers(name: str, arguments: dict[str, Any], result: float) -> None:
    answer = run(name, arguments).result
    assert (answer, type(answer)) == (result, type(result))


@given(WHOLE, WHOLE)
def test_whole_numbers_stay_whole_and_exact(x: int, y: int) -> None:
    for name, expected in [("add", x + y), ("multiply", x * y)]:
        if abs(expected) <= BIGGEST:
            answer = run(name, {"x": x, "y": y}).result
            assert (answer, type(answer)) == (expected, int)


@given(st.lists(st.one_of(FLOATS, st.integers(-(2**53), 2**53)), min_size=1))
def test_a_sum_is_rounded_once(numbers: list[float]) -> None:
    try:
        expected = math.fsum(numbers)  # rounds once too, but gives up where a part of the sum is too large
    except OverflowError:
        return
    assert float(run("sum", {"numbers": numbers}).result) == expected


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add", {"x": BIGGEST, "y": 1}),
        ("add", {"x": -BIGGEST, "y": -1}),
        ("add", {"x": 10**400, "y": 0.5}),
        ("add", {"x": 1e308, "y": 1e308}),
        ("multiply", {"x": BIGGEST, "y": BIGGEST}),
        ("multiply", {"x": 1e200, "y": -1e200}),
        ("sum", {"numbers": [BIGGEST, 1]}),
        ("sum", {"numbers": [1e308] * 10_000}),
    ],
)
def test_a_result_that_is_too_large_fails_for_good(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(OperationError) as caught:
        run(name, arguments)
    assert (caught.value.type, caught.value.permanent) == ("result_too_large", True)
    assert caught.value.type in catalogue.get(name).errors


@pytest.mark.parametrize(
    ("name", "arguments", "path", "code", "detail"),
    [
        ("add", {"x": 4}, ("y",), "required", "is required"),
        ("add", {"x": "4", "y": 7}, ("x",), "invalid_type", 'must be a number, got the text "4"'),
        ("add", {"x": True, "y": 7}, ("x",), "invalid_type", "must be a number, got true"),
        ("add", {"x": None, "y": 7}, ("x",), "invalid_type", "must be a number, got null"),
        ("multiply", {"x": 4, "y": math.nan}, ("y",), "not_finite", "must be a finite number, got nan"),
        ("multiply", {"x": 4, "y": math.inf}, ("y",), "not_finite", "must be a finite number, got inf"),
        ("multiply", {"x": 10**1000, "y": 1}, ("x",), "too_many_digits", "must have at most 1000 digits"),
        ("add", {"x": 1, "y": 2, "z": 3}, ("z",), "unknown_field", "is not a known field"),
        ("sum", {}, ("numbers",), "required", "is required"),
        ("sum", {"numbers": 7}, ("numbers",), "invalid_type", "must be a list, got 7"),
        ("sum", {"numbers": [1] * 10_001}, ("numbers",), "max_length", "must have at most 10000 items, got 10001"),
        ("sum", {"numbers": [1, "2"]}, ("numbers", 1), "invalid_type",
         'must be a number, got the text "2"'),
        ("sum", {"numbers": [1, -(10**1000)]}, ("numbers", 1), "too_many_digits", "must have at most 1000 digits"),
    ],
)  # fmt: skip
def test_what_is_refused(
    name: str, arguments: dict[str, Any], path: tuple[str, ...], code: str, detail: str
) -> None:
    with pytest.raises(InvalidArguments) as caught:
        catalogue.get(name).validate(arguments)
    assert [tuple(error) for error in caught.value.errors] == [(path, code, detail)]
