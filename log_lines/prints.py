"""What an operation prints: each line becomes a record, which belongs to its attempt."""

import logging
import sys
import threading
from collections.abc import Iterable
from typing import Any

from log_lines.context import attempt_here
from log_lines.events import event

MOST_CHARACTERS = 10_000
"""A longer line is written in parts."""

logger = logging.getLogger("operation")

_telling: set[int] = set()
"""The threads that write a record now. A handler of the operation's own may print it."""


class Printed:
    """Stands for `sys.stdout` or `sys.stderr` in a process that runs operations. Changes nothing outside of an attempt.

    The handlers of the log must have the stream itself, so they are made before.
    """

    def __init__(self, stream: Any, name: str) -> None:
        self._stream = stream
        self._name = name
        self._begun: dict[int, str] = {}
        """In each thread, for `print` writes a line and its end one after the other."""

    def write(self, text: str) -> int:
        """As of a file."""
        thread = threading.get_ident()
        if thread in _telling or not attempt_here():
            self._stream.write(text)
            return len(text)
        *lines, rest = (self._begun.pop(thread, "") + text).split("\n")
        for line in lines:
            self._tell(line)
        if len(rest) > MOST_CHARACTERS:
            self._tell(rest)
        elif rest:
            self._begun[thread] = rest
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """As of a file."""
        for line in lines:
            self.write(line)

    def end(self) -> None:
        """The attempt is over: a line that was begun is one."""
        while self._begun:
            self._tell(self._begun.popitem()[1])

    def _tell(self, line: str) -> None:
        thread = threading.get_ident()
        _telling.add(thread)
        try:
            for start in range(0, len(line), MOST_CHARACTERS):
                part = line[start : start + MOST_CHARACTERS].rstrip("\r")
                logger.info("%s", part, extra=event("operation.printed", stream=self._name))
        finally:
            _telling.discard(thread)

    @property
    def printed(self) -> "Printed":
        """Itself, whatever is wrapped around it: see `unwrapped`."""
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def unwrapped(stream: Any) -> Any:
    """Ours, if it is what a stream stands for that hides secrets, else the stream."""
    return getattr(stream, "printed", stream)


_printed: list[Printed] = []


def tell_prints() -> None:
    """From now on, in this process and those that it forks."""
    sys.stdout, sys.stderr = Printed(sys.stdout, "stdout"), Printed(sys.stderr, "stderr")
    _printed.extend([sys.stdout, sys.stderr])


def end_lines() -> None:
    """To be called before an attempt is over."""
    for stream in _printed:
        stream.end()
