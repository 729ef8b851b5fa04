"""The words and signs that arithmetic knows."""

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from operations.arithmetic import numbers
from operations.arithmetic.numbers import Number


@dataclass(frozen=True, slots=True)
class Function:
    """A function and how many numbers it takes; `most` None means any number of them."""

    apply: Callable[..., Number]
    least: int
    most: int | None

    def takes(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


CONSTANTS: dict[str, Number] = {"pi": math.pi, "e": math.e}

FUNCTIONS: dict[str, Function] = {
    "abs": Function(abs, 1, 1),
    "ceil": Function(math.ceil, 1, 1),
    "floor": Function(math.floor, 1, 1),
    "max": Function(lambda *values: max(values), 1, None),
    "min": Function(lambda *values: min(values), 1, None),
    "round": Function(numbers.round_to, 1, 2),
    "sqrt": Function(numbers.square_root, 1, 1),
}

BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: numbers.multiply,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: numbers.power,
}

UNARY: dict[type[ast.unaryop], Callable[[Number], Number]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
