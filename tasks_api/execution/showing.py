"""An operation's exception as text, whatever it does when somebody looks at it."""

import traceback
from collections.abc import Callable
from typing import NamedTuple


class Shown(NamedTuple):
    """The name of its type, its type and message as a line, the traceback, and what can be logged: mostly itself."""

    type: str
    message: str
    traceback: str
    error: BaseException


class Unshowable(Exception):
    """Stands for an exception that cannot be shown, with its traceback."""


def show(error: BaseException) -> Shown:
    """Raises nothing."""
    name = as_text(lambda: type(error).__name__, "BaseException")
    try:
        return Shown(name, "".join(traceback.format_exception_only(error)).strip(), _trace(error), error)
    except BaseException:  # noqa: BLE001 (the code of whoever made the exception)
        message = f"{name} cannot be shown as text"
        instead = Unshowable(message).with_traceback(BaseException.__getattribute__(error, "__traceback__"))
        return Shown(name, message, _trace(instead), instead)


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def as_text(read: Callable[[], object], otherwise: str) -> str:
    """What `read` returns as text, or `otherwise` where that fails, in whatever way."""
    try:
        return str.__str__(str(read()))
    except BaseException:  # noqa: BLE001 (the code of whoever made the value)
        return otherwise
