import math
import sys
import warnings
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operations import Context, InvalidArguments, OperationError, arithmetic, catalogue, is_expression
from operations.arithmetic import numbers

calculate = catalogue.get("calculate")
CONTEXT = Context(task_id="0199", attempt=1)


def run(expression: str) -> Any:
    return calculate.run(calculate.validate({"expression": expression}), CONTEXT)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("4+7", 11), ("4 - 7", -3), ("4*7", 28), ("7/2", 3.5), ("10/5", 2.0), ("7//2", 3), ("-7//2", -4),
        ("7%3", 1), ("-7%3", 2), ("2**10", 1024), ("2**-1", 0.5), ("-2**2", -4), ("(-2)**2", 4),
        ("2**3**2", 512), ("(2**3)**2", 64), ("+-+3", -3), ("8-3-2", 3), ("64/4/2", 8.0), ("1+2*3", 7),
        ("1.5+.5", 2.0), ("1.", 1.0), ("1e5", 100000.0), ("1_000", 1000), ("1E-2", 0.01), ("0", 0),
        (" 4 +\n\t7 ", 11), ("((((4))))", 4), ("abs(-3)", 3), ("round(2.5)", 2), ("round(2.567, 2)", 2.57),
        ("round(1234, -2)", 1200), ("min(3, 1, 2)", 1), ("max(3, 1.5)", 3), ("max(4)", 4), ("sqrt(16)", 4.0),
        ("floor(-1.5)", -2), ("ceil(1.2)", 2), ("pi", math.pi), ("2*e", 2 * math.e), ("1e308*1", 1e308),
        ("round(1.5, 10**9)", 1.5), ("round(5, -10**9)", 0), ("round(-1.5, -10**9)", 0.0),
        ("9**-9**9", 0.0), ("(-1)**10**900", 1), ("0**0", 1), ("10**999", 10**999), ("2**0.5", 2**0.5),
        ("1" + "+1" * 249, 250), ("(" * 49 + "1" + ")" * 49, 1), ("-" * 48 + "1", 1),
    ],
)  # fmt: skip
def test_right_answers(expression: str, result: float) -> None:
    answer = run(expression)
    assert (answer, type(answer)) == (result, type(result))


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ("", "must be an arithmetic expression, got nothing"),
        (" \n", "must be an arithmetic expression, got nothing"),
        ("4+", "ends too early"),
        ("4+*7", 'unexpected "*" at position 3'),
        ("4 5", 'unexpected "4 5" at position 1'),
        ("*3", 'unexpected "*3" at position 1'),
        ("(4", "unclosed ( at position 1"),
        ("4)", "unmatched ) at position 2"),
        ("1)+(2", "unmatched ) at position 2"),
        ("()", 'unexpected "()" at position 1'),
        ("1,2", 'unexpected "1,2" at position 1'),
        ("max(*3)", 'unexpected "*3" at position 5'),
        ("max(**3)", 'unexpected "max(**3)" at position 1'),
        ("1(2)", 'unexpected "1(2)" at position 1'),
        ("x+1", 'unknown name "x" at position 1'),
        ("4+ __import__(1)", 'unknown name "__import__" at position 4'),
        ("1 if x else 2", 'unknown name "if" at position 3'),
        ("lambda: 1", 'unknown name "lambda" at position 1'),
        ("True", 'unknown name "True" at position 1'),
        ("sqrt", "sqrt needs brackets, as in sqrt(2), at position 1"),
        ("pi(3)", 'unexpected "pi(3)" at position 1'),
        ("sqrt()", "sqrt takes 1, got 0, at position 1"),
        ("1+round(1,2,3)", "round takes 1 to 2, got 3, at position 3"),
        ("min()", "min takes at least 1, got 0, at position 1"),
        ("pi.real", 'unexpected ".real" at position 3'),
        ("1..real", 'unexpected "1..real" at position 1'),
        ('"a"*9', r'unexpected "\"" at position 1'),
        ("f'{1}'", 'unknown name "f" at position 1'),
        ("1<2", 'unexpected "<" at position 2'),
        ("e:=3", 'unexpected ":" at position 2'),
        ("[1]", 'unexpected "[" at position 1'),
        ("1;2", 'unexpected ";" at position 2'),
        ("1 # one", 'unexpected "#" at position 3'),
        ("1^2", 'unexpected "^" at position 2'),
        ("{0}", 'unexpected "{" at position 1'),
        ("1j", 'unexpected "1j" at position 1'),
        ("0x1f", 'unexpected "0x1f" at position 1'),
        ("1if 2else 3", 'unexpected "1if" at position 1'),
        ("٣+1", 'unexpected "٣" at position 1'),
        ("4\u00d77", 'unexpected "\u00d7" at position 2'),
        ("\uff50\uff49", 'unexpected "\uff50" at position 1'),
        ("4\u00a0+7", r'unexpected "\u00a0" at position 2'),
        ("1e999", "the number at position 1 is too large"),
        ("(" * 51 + "1" + ")" * 51, "must not be nested deeper than 50, at position 51"),
        ("-" * 60 + "1", "must not be nested deeper than 50, at position 51"),
        ("2**" * 60 + "1", "must not be nested deeper than 50, at position 151"),
        ("1" + "+1" * 250, "must have at most 500 numbers and signs"),
        ("x" * 999, f'unknown name "{"x" * 49}…" at position 1'),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_refusals(expression: str, detail: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        calculate.validate({"expression": expression})
    assert caught.value.errors == [(("expression",), "invalid_expression", detail)]


@pytest.mark.parametrize("expression", ["1_", "1__0", "012", "-" * 999 + "1", "9" * 990 + "_"])
def test_refusals_in_words_that_depend_on_python(expression: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        calculate.validate({"expression": expression})
    assert [error.code for error in caught.value.errors] == ["invalid_expression"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("1" * 1001, "max_length"),
        ("-" * 20_000 + "1", "max_length"),
        ("(" * 10_000 + ")" * 10_000, "max_length"),
        ("1+" * 100_000 + "1", "max_length"),
        ("1" * 1_000_000, "too_large"),
        ("4+7\0", "nul_character"),
        ("4+\ud800", "lone_surrogate"),
        (47, "invalid_type"),
        (None, "invalid_type"),
    ],
    ids=lambda text: str(text)[:9].encode("ascii", "replace").decode(),
)
def test_refusals_before_anything_is_read(expression: Any, code: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        calculate.validate({"expression": expression})
    assert [error.code for error in caught.value.errors] == [code]


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("1/0", "division_by_zero"), ("5 % 0", "division_by_zero"), ("5//0.0", "division_by_zero"),
        ("0**-1", "division_by_zero"), ("0.0**-1", "division_by_zero"), ("1/(2-2)", "division_by_zero"),
        ("9**9**9", "result_too_large"), ("4000000**4000000", "result_too_large"),
        ("10**1000", "result_too_large"), ("-(10**999)*10", "result_too_large"),
        ("10**999*10**999", "result_too_large"), ("10**999 * 9 + 10**999", "result_too_large"),
        ("1e308*10", "result_too_large"), ("-1e308-1e308", "result_too_large"),
        ("2.0**5000", "result_too_large"), ("10**400%1.5", "result_too_large"),
        ("10**400/3", "result_too_large"), ("10**400*1.5", "result_too_large"),
        ("sqrt(10**900)", "result_too_large"), ("round(1.7e308, -308)", "result_too_large"),
        ("(-8)**0.5", "not_a_real_number"), ("sqrt(-1)", "not_a_real_number"),
        ("round(2.5, 1.5)", "not_a_whole_number"),
    ],
)  # fmt: skip
def test_failures(expression: str, kind: str) -> None:
    with pytest.raises(OperationError) as caught:
        run(expression)
    assert (caught.value.type, caught.value.permanent) == (kind, True)
    assert kind in calculate.errors


@pytest.mark.parametrize(
    "text", ["4+7", "7", " -3", "(1)", ".5", "4+", "7 dwarfs", "pi*2", "sqrt(2)", "e + 1", "max (1, 2)"]
)
def test_what_is_meant_as_an_expression(text: str) -> None:
    assert is_expression(text)


@pytest.mark.parametrize(
    "text",
    ["calculate", "sleep", "pi", "sqrt", "http_request", "send-email", "mail.send", "max_of", "", "*", "ä"],
)
def test_what_is_meant_as_a_name(text: str) -> None:
    assert not is_expression(text)


class Untouchable(int):
    """A number that cannot bear to be computed with."""

    def __mul__(self, other: object) -> int:
        raise AssertionError("computed before it was bounded")

    __pow__ = __mul__  # type: ignore[assignment]  # both only raise


@pytest.mark.parametrize(
    ("compute", "left", "right"),
    [
        (numbers.multiply, 10**900, 10**900),
        (numbers.power, 9, 9**9),
        (numbers.power, -4_000_000, 4_000_000),
        (numbers.power, 2, 10**999),
    ],
    ids=["product", "9**9**9", "negative", "endless"],
)
def test_what_grows_too_large_is_refused_from_its_operands(compute: Any, left: int, right: int) -> None:
    with pytest.raises(OperationError):
        compute(Untouchable(left), right)


@pytest.mark.parametrize("step", ["*9", "+(9**9)", "-abs(9)", "**1", "%7", "+max(1,2)"])
def test_cost_grows_with_the_length_of_the_text(step: str) -> None:
    def calls(expression: str) -> int:
        count = 0

        def counting(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event in {"call", "c_call"}

        sys.setprofile(counting)
        try:
            arithmetic.evaluate(expression)
        finally:
            sys.setprofile(None)
        return count

    few, many = calls("1" + step * 10), calls("1" + step * 40)
    assert many < 5 * few


expressions = st.recursive(
    st.integers(0, 99).map(str) | st.floats(0, 1e6).map(str) | st.sampled_from(["pi", "e"]),
    lambda inner: st.one_of(
        st.builds("({}){}({})".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner),
        st.builds("{}{}{}".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner),
        st.builds("({})**{}".format, inner, st.integers(-9, 9)),
        st.builds("{}({})".format, st.sampled_from(["abs", "floor", "ceil", "round", "-", "+"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
    ),
    max_leaves=12,
)
PYTHON = {name: getattr(math, name) for name in ("pi", "e", "floor", "ceil")}


@given(expressions)
def test_python_agrees(expression: str) -> None:
    try:
        ours = arithmetic.evaluate(expression)
    except OperationError:
        return
    theirs = eval(expression, dict(PYTHON))  # noqa: S307 - made above
    assert (ours, type(ours)) == (theirs, type(theirs))


@given(st.text(st.characters()) | st.text("0123456789+-*/%().,e_ \n", max_size=60) | expressions)
@example("1" * 998 + "*9")
@example("((" * 500)
def test_any_text_is_refused_fails_or_gives_a_number(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = run(text)
        except (InvalidArguments, OperationError):
            return
    assert type(result) in {int, float}
    assert abs(result) < 10**1000
    assert isinstance(result, int) or math.isfinite(result)
