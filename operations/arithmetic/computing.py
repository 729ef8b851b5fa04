"""From a tree that was read to its value."""

import ast

from operations.arithmetic.numbers import Number, bounded, failure, too_large
from operations.arithmetic.vocabulary import BINARY, CONSTANTS, FUNCTIONS, UNARY


def compute(tree: ast.expr) -> Number:
    """Raises OperationError where there is no value, or none that is small enough."""
    try:
        return _value(tree)
    except ZeroDivisionError:
        raise failure("division_by_zero", "division by zero") from None
    except OverflowError:
        raise too_large() from None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return CONSTANTS[name]
        case ast.UnaryOp(op=sign, operand=operand):
            return UNARY[type(sign)](_value(operand))
        case ast.BinOp():
            return _chain(node)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return bounded(FUNCTIONS[name].apply(*map(_value, arguments)))
    raise TypeError(f"{ast.dump(node)} was never read as arithmetic")


def _chain(node: ast.expr) -> Number:
    """`1+2+3+...` leans to the left: a loop keeps a long sum from being a deep recursion."""
    links: list[ast.BinOp] = []
    while isinstance(node, ast.BinOp):
        links.append(node)
        node = node.left
    value = _value(node)
    for link in reversed(links):
        value = bounded(BINARY[type(link.op)](value, _value(link.right)))
    return value
