"""Operations of one's own: the module `operations` of each app that has one."""

import os
from collections.abc import Iterable
from importlib import import_module
from traceback import extract_tb


class NotLoaded(Exception):
    """A module with operations cannot be imported. The text is one line."""


def load(modules: Iterable[str]) -> None:
    """Import `modules`, and so register the operations that they define. Raises NotLoaded."""
    for name in modules:
        try:
            import_module(name)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise NotLoaded(
                f"cannot load the operations of {name}{_line_in(name, error)}: {type(error).__name__}: {reason}"
            ) from error


def _line_in(module: str, error: Exception) -> str:
    """Where in the module's own file it happened, such as `, line 7`."""
    file = module.replace(".", os.sep) + ".py"
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename.endswith(file)]
    return f", line {lines[-1]}" if lines else ""
