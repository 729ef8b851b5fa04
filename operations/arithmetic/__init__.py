"""Arithmetic from untrusted text: refused early, computed within bounds.

`check` reads, `evaluate` reads and computes. The text is at most 1,000 characters, its tree at most
500 nodes and 50 levels, every whole number on the way at most 1,000 digits: so is the time.
"""

from operations.arithmetic.computing import compute
from operations.arithmetic.numbers import ERRORS
from operations.arithmetic.reading import MAX_LENGTH, InvalidExpression, is_expression, read
from operations.arithmetic.reading import PATTERN as EXPRESSION_PATTERN

__all__ = [
    "ERRORS",
    "EXPRESSION_PATTERN",
    "MAX_LENGTH",
    "InvalidExpression",
    "check",
    "evaluate",
    "is_expression",
]


def check(text: str) -> None:
    """Raises InvalidExpression unless the text is arithmetic."""
    read(text)


def evaluate(text: str) -> int | float:
    """The value, as Python would give it: a whole number or a finite float.

    Raises InvalidExpression for what is not arithmetic, and OperationError for what has no value
    here; ERRORS has the types of that.
    """
    return compute(read(text))
