"""SIGTERM asks a process to end. It is heard once, however often it comes.

A handler runs between any two steps of the main thread, those of a handler too: one that does its work each time nests
without bound where signals come without a pause, and one that raises does so in the middle of the end.
"""

import signal
from collections.abc import Callable
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


class _Note:
    """Whether this process has been asked to end since it began to take note."""

    is_asked = False

    def take(self, _number: int, _frame: FrameType | None) -> None:
        """A handler, to which it does not matter how often it is called."""
        self.is_asked = True


_note = _Note()


def once(handler: Handler) -> Handler:
    """A handler that does this at its first signal, and nothing at others."""
    heard = False

    def hear(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        # No other handler runs between these two steps.
        if not heard:
            heard = True
            handler(number, frame)

    return hear


def take_note() -> None:
    """From now on SIGTERM does nothing but be noted, in a process that asks `is_asked` again and again."""
    signal.signal(signal.SIGTERM, _note.take)


def is_asked() -> bool:
    """Whether this process has been asked to end since it began to take note."""
    return _note.is_asked
