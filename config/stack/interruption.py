"""Ctrl-C and its kin: the first asks for an orderly stop, a second one for haste."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# `make` passes on a signal that the terminal or the killer of the group has already sent to everyone.
SAME_REQUEST_SECONDS = 1.0


class Interrupted(Exception):
    """Someone asked for a stop."""


class Interruption:
    """Whether someone asked for a stop. All waiting in the main thread goes through `pause`."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._asked_at = 0.0
        self.urgent = False

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Signals are taken as wishes, until the context ends."""
        former = {number: signal.getsignal(number) for number in SIGNALS}
        for number in SIGNALS:
            # `nohup` has its way.
            if number != signal.SIGHUP or former[number] != signal.SIG_IGN:
                signal.signal(number, self._ask)
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def pause(self, seconds: float | None) -> None:
        """Waits, without end for None. Raises Interrupted as soon as someone asks for a stop."""
        if self._asked.wait(seconds):
            raise Interrupted

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self._asked.is_set():
            self._asked_at = time.monotonic()
        elif time.monotonic() - self._asked_at > SAME_REQUEST_SECONDS:
            self.urgent = True
        self._asked.set()
