"""From text to a tree of arithmetic, or to the reason why there is none."""

import ast
import math
import re
import threading

from operations.arithmetic.vocabulary import BINARY, CONSTANTS, FUNCTIONS, UNARY
from values.wording import quoted

MAX_LENGTH = 1000
MAX_DEPTH = 50
MAX_NODES = 500

_TOKEN = re.compile(
    r"""\s+
    | (?: \d[\d_]* (?:\.[\d_]*)? | \.\d[\d_]* ) (?:[eE][+-]?\d[\d_]*)? (?![\w.])  # a number
    | (?P<name> [A-Za-z_]\w* )
    | [-+*/%(),]
    """,
    re.VERBOSE | re.ASCII,
)
_WORDS = "|".join([*CONSTANTS, *FUNCTIONS])
_WORD = re.compile(r"[\w.]+", re.ASCII)
_SPACE = r"[\t-\r ]"
_BEGINNING = rf"{_SPACE}*(?:[-+(.0-9]|(?:{_WORDS}){_SPACE}*[-+*/%(])"
_START = re.compile(_BEGINNING)
PATTERN = rf"^{_BEGINNING}[-+*/%(),._0-9A-Za-z\t-\r ]*$"
"""For those who describe expressions: what is_expression takes, as far as its characters are those of arithmetic."""

_one_at_a_time = threading.Lock()
"""Python 3.11 counts the depth of trees for all threads together, and fails where two of them grow at once."""


class InvalidExpression(ValueError):
    """The text is not arithmetic; the message is a sentence's end, with positions counted from 1."""


def is_expression(text: str) -> bool:
    """Whether the text is meant as arithmetic rather than as a name, be it well formed or not."""
    return _START.match(text) is not None


def read(text: str) -> ast.expr:
    """The tree of an expression, with nothing in it but arithmetic.

    Raises InvalidExpression, naming the part at fault.
    """
    # The limit of length is also what bounds the digits of a literal before it is made a number.
    if len(text) > MAX_LENGTH:
        raise InvalidExpression(f"must have at most {MAX_LENGTH} characters, got {len(text)}")
    _refuse_foreign_words(text)
    _refuse_open_brackets(text)
    tree = _parsed(text)
    if sum(isinstance(node, ast.expr) for node in ast.walk(tree)) > MAX_NODES:
        raise InvalidExpression(f"must have at most {MAX_NODES} numbers and signs")
    _inspect(tree, text, depth=1)
    return tree


def _refuse_foreign_words(text: str) -> None:
    """Keep from Python's parser what it would warn of, normalise, or run out of memory with."""
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            word = _WORD.match(text, position)
            raise _unexpected(text, position + 1, word.end() + 1 if word else 0)
        name = token["name"]
        if name and name not in CONSTANTS and name not in FUNCTIONS:
            raise InvalidExpression(f"unknown name {quoted(name)} at position {position + 1}")
        position = token.end()


def _refuse_open_brackets(text: str) -> None:
    opened: list[int] = []
    for position, character in enumerate(text, start=1):
        if character == "(":
            opened.append(position)
        elif character == ")" and not opened:
            raise InvalidExpression(f"unmatched ) at position {position}")
        elif character == ")":
            opened.pop()
        if len(opened) > MAX_DEPTH:
            raise _too_deep(position)
    if opened:
        raise InvalidExpression(f"unclosed ( at position {opened[-1]}")


def _parsed(text: str) -> ast.expr:
    if not text.strip():
        raise InvalidExpression("must be an arithmetic expression, got nothing")
    # The bracket in front makes indentation harmless, and columns the positions counted from 1.
    line = "(" + re.sub(r"\s", " ", text) + ")"
    try:
        with _one_at_a_time:
            return ast.parse(line, mode="eval").body
    except SyntaxError as error:
        raise _unexpected(text, (error.offset or 0) - 1, (error.end_offset or 0) - 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise _too_deep(1) from None


def _inspect(node: ast.expr, text: str, depth: int) -> None:
    """Refuse all but arithmetic. A chain such as `1+2+3+...` counts as one level, however long."""
    if depth > MAX_DEPTH:
        raise _too_deep(node.col_offset)
    while isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        _inspect(node.right, text, depth + 1)
        node = node.left
    match node:
        case ast.Constant(value=int() | float() as value):
            _inspect_number(value, node)
        case ast.Name(id=name) if name in CONSTANTS:
            return
        case ast.Name(id=name) if name in FUNCTIONS:
            raise InvalidExpression(f"{name} needs brackets, as in {name}(2), at position {node.col_offset}")
        case ast.UnaryOp() if type(node.op) in UNARY:
            _inspect(node.operand, text, depth + 1)
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            _inspect_call(name, node, text, depth)
        case _:
            raise _unexpected(text, node.col_offset, node.end_col_offset or 0)


def _inspect_number(value: float, node: ast.expr) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidExpression(f"the number at position {node.col_offset} is too large")


def _inspect_call(name: str, node: ast.Call, text: str, depth: int) -> None:
    function, given = FUNCTIONS[name], len(node.args)
    if given < function.least or (function.most is not None and given > function.most):
        raise InvalidExpression(
            f"{name} takes {function.takes()}, got {given}, at position {node.col_offset}"
        )
    for argument in node.args:
        _inspect(argument, text, depth + 1)


def _unexpected(text: str, start: int, end: int) -> InvalidExpression:
    """For the part from one position to before another, at least one character of it."""
    if start > len(text.rstrip()):
        return InvalidExpression("ends too early")
    start = max(start, 1)
    part = quoted(text[start - 1 : max(start, end - 1)])
    return InvalidExpression(f"unexpected {part} at position {start}")


def _too_deep(position: int) -> InvalidExpression:
    return InvalidExpression(f"must not be nested deeper than {MAX_DEPTH}, at position {position}")
