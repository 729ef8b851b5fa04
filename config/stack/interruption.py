"""Ctrl-C and its kin: the first asks for an orderly stop, a second one for haste."""

import os
import select
import signal
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
    """Whether someone asked for a stop. All waiting in the main thread goes through `pause`.

    A handler runs between any two steps of the main thread, so it must not want a lock, not even an Event's,
    which the step that it interrupts may hold. Ours notes the time. What wakes the waiting is a pipe, into which
    the interpreter writes before it calls the handler, and which is never read: once asked is asked for good.
    """

    def __init__(self) -> None:
        self._asked_at: float | None = None
        self.urgent = False
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Signals are taken as wishes; once the context has ended they are ignored, for nothing is left to stop."""
        # `nohup` has its way.
        hangup_ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        heeded = [number for number in SIGNALS if number != signal.SIGHUP or not hangup_ignored]
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in heeded:
            signal.signal(number, self._ask)
        try:
            yield
        finally:
            # One that came already has its handler called here. Ignored before that, it would be told as an error.
            signal.pthread_sigmask(signal.SIG_BLOCK, heeded)
            for number in heeded:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, heeded)
            signal.set_wakeup_fd(-1)

    def pause(self, seconds: float | None) -> None:
        """Waits, without end for None. Raises Interrupted as soon as someone asks for a stop."""
        if select.select([self._woken], [], [], seconds)[0]:
            raise Interrupted

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif now - self._asked_at > SAME_REQUEST_SECONDS:
            self.urgent = True
