"""The operations `add`, `multiply` and `sum`: the first that one tries out."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from operations import arithmetic
from operations.arithmetic.numbers import MAX_DIGITS, bounded, too_large
from operations.catalogue import operation
from operations.definition import Example
from operations.errors import OperationError

MAX_NUMBERS = 10_000
ERRORS = {"result_too_large": arithmetic.ERRORS["result_too_large"]}


def _of_bounded_digits(number: int | float) -> int | float:
    try:
        return bounded(number)
    except OperationError:
        detail = f"must have at most {MAX_DIGITS} digits"
        raise PydanticCustomError("too_many_digits", "{detail}", {"detail": detail}) from None


Number = Annotated[int | float, AfterValidator(_of_bounded_digits)]
One = Annotated[Number, Field(description=f"A number; a whole one has at most {MAX_DIGITS} digits.")]


@operation(
    idempotent=True,
    timeout_seconds=30,
    examples=[Example({"x": 4, "y": 7}, 11), Example({"x": 0.5, "y": 2}, 2.5)],
    errors=ERRORS,
)
def add(x: One, y: One) -> int | float:
    """Add two numbers.

    Whole numbers give a whole number; otherwise the result is the float that is nearest to the exact one.
    """
    return _nearest(sum, [x, y])


@operation(
    idempotent=True,
    timeout_seconds=30,
    examples=[Example({"x": 4, "y": 7}, 28), Example({"x": 0.5, "y": 3}, 1.5)],
    errors=ERRORS,
)
def multiply(x: One, y: One) -> int | float:
    """Multiply two numbers.

    Whole numbers give a whole number; otherwise the result is the float that is nearest to the exact one.
    """
    return _nearest(_product, [x, y])


@operation(
    name="sum",
    idempotent=True,
    timeout_seconds=30,
    examples=[
        Example({"numbers": [1, 2, 3]}, 6),
        Example({"numbers": [0.1] * 10}, 1.0),
        Example({"numbers": []}, 0),
    ],
    errors=ERRORS,
)
def sum_of(
    numbers: Annotated[
        list[Number],
        Field(max_length=MAX_NUMBERS, description=f"Each whole one has at most {MAX_DIGITS} digits."),
    ],
) -> int | float:
    """Add up a list of numbers; an empty one gives 0.

    Whole numbers give a whole number; otherwise the result is the float that is nearest to the exact one.
    """
    return _nearest(sum, numbers)


def _product(numbers: Iterable[int | Fraction]) -> int | Fraction:
    product: int | Fraction = 1
    for number in numbers:
        product *= number
    return product


def _nearest(
    combine: Callable[[Iterable[int | Fraction]], int | Fraction], numbers: list[int | float]
) -> int | float:
    """What comes of the numbers, computed without rounding, and rounded once in the end if there are floats."""
    if all(isinstance(number, int) for number in numbers):
        return bounded(int(combine(map(int, numbers))))
    try:
        return float(combine(map(Fraction, numbers)))
    except OverflowError:
        raise too_large() from None
