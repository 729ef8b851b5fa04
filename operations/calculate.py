"""The operation `calculate`: arithmetic, safe with any text."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from operations import arithmetic
from operations.catalogue import operation
from operations.definition import Example


def _checked(expression: str) -> str:
    try:
        arithmetic.check(expression)
    except arithmetic.InvalidExpression as error:
        raise PydanticCustomError("invalid_expression", "{reason}", {"reason": str(error)}) from error
    return expression


Expression = Annotated[
    str,
    Field(
        max_length=arithmetic.MAX_LENGTH,
        description="Arithmetic with + - * / // % **, brackets, pi, e, "
        "abs, ceil, floor, max, min, round and sqrt.",
    ),
    AfterValidator(_checked),
]


@operation(
    idempotent=True,
    timeout_seconds=30,
    examples=[Example({"expression": "4+7"}, 11), Example({"expression": "sqrt(2) * 10 // 1"}, 14.0)],
    errors=arithmetic.ERRORS,
)
def calculate(expression: Expression) -> int | float:
    """Compute an arithmetic expression.

    Numbers are as Python has them: `7/2` is 3.5, `10/5` is 2.0, `2**10` is 1024.
    """
    return arithmetic.evaluate(expression)
