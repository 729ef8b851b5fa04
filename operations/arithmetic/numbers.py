"""Calculations that could grow out of bounds: each looks at its operands before it computes."""

import math
from typing import TypeAlias

from operations.errors import OperationError

Number: TypeAlias = int | float

MAX_DIGITS = 1000
ERRORS = {
    "division_by_zero": "Something is divided by zero. Permanent.",
    "result_too_large": f"The result has more than {MAX_DIGITS} digits or is beyond a float. Permanent.",
    "not_a_real_number": "An even root of a negative number is no real number. Permanent.",
    "not_a_whole_number": "`round` got a number of digits that is not whole. Permanent.",
}
"""The types of what `failure` makes, and when they happen."""
_BEYOND = 10**MAX_DIGITS
_MAX_BITS = _BEYOND.bit_length()


def bounded(value: Number) -> Number:
    """The value itself, if it is a finite float or a whole number of at most 1,000 digits."""
    if isinstance(value, complex):
        raise failure("not_a_real_number", "an even root of a negative number is not a real number")
    if isinstance(value, float) and not math.isfinite(value):
        raise too_large()
    if isinstance(value, int) and not -_BEYOND < value < _BEYOND:
        raise too_large()
    return value


def multiply(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        _refuse_bits(left.bit_length() + right.bit_length() - 1)
    return left * right


def power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        _refuse_bits((base.bit_length() - 1) * exponent)
    result: Number = base**exponent
    return result


def round_to(value: Number, digits: Number | None = None) -> Number:
    """Python's `round`, which would compute 10**-digits for a whole number, however large that is."""
    if digits is None:
        return round(value)
    if not isinstance(digits, int):
        raise failure("not_a_whole_number", "round takes a whole number of digits")
    beyond = MAX_DIGITS + 1
    return round(value, max(-beyond, min(digits, beyond)))


def square_root(value: Number) -> float:
    if value < 0:
        raise failure("not_a_real_number", "the square root of a negative number is not a real number")
    return math.sqrt(value)


def failure(kind: str, message: str) -> OperationError:
    return OperationError(message, permanent=True, type=kind)


def too_large() -> OperationError:
    return failure("result_too_large", f"a value has more than {MAX_DIGITS} digits or is beyond a float")


def _refuse_bits(at_least: int) -> None:
    if at_least > _MAX_BITS:
        raise too_large()
