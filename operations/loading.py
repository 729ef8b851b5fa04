"""Operations of one's own: the module `operations` of each app that has one."""

from collections.abc import Iterable
from importlib import import_module


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
                f"cannot load the operations of {name}: {type(error).__name__}: {reason}"
            ) from error
