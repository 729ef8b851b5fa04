"""The signals that ask a running operation to stop. Nothing hears them but the operation that they are meant for."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from billiard.exceptions import SoftTimeLimitExceeded

TIME_IS_UP = signal.SIGUSR1
"""Celery's. It is sent by the thread that hands out tasks, so never to a process that has begun another one."""
CANCEL = signal.SIGUSR2
"""From the node's thread: by the time that it comes, its task may have ended and the next one begun."""

Question = Callable[[], bool]


class Interrupt(BaseException):
    """Somebody at the keyboard ended the run. No failure of the operation's."""


class _Stops:
    """What this process's main thread has been asked while it did not listen."""

    def __init__(self) -> None:
        self.is_cancelled: Question | None = None
        """Whether the task of the operation that runs is to stop; None while none does."""
        self.listens = False
        self.time_is_up = False
        self.cancel = False

    def listen(self) -> None:
        """From now on a signal stops the operation, and so does one that came before, if it is meant for it."""
        self.listens = True
        while self.time_is_up or self.cancel:
            self._answer()

    def hear(self, number: int) -> None:
        """A signal has come."""
        if number == TIME_IS_UP:
            self.time_is_up = True
        else:
            self.cancel = True
        if self.listens:
            self._answer()

    def _answer(self) -> None:
        """Deaf from here on: what follows, as the operation is left, is not interrupted again."""
        self.listens = False
        time_is_up, self.time_is_up, self.cancel = self.time_is_up, False, False
        if time_is_up or (self.is_cancelled is not None and self.is_cancelled()):
            raise SoftTimeLimitExceeded
        self.listens = True


_stops = _Stops()


def listen() -> None:
    """Handle the signals from now on, in this process."""
    for number in (TIME_IS_UP, CANCEL):
        signal.signal(number, lambda number, _frame: _stops.hear(number))


def interrupt(_number: int, _frame: object) -> None:
    """A handler of SIGINT for a process that somebody looks at."""
    if _stops.listens:
        _stops.listens = False
        raise Interrupt
    raise KeyboardInterrupt


def forget() -> None:
    """A new run begins: what was asked before was meant for another one."""
    _stops.time_is_up = _stops.cancel = False


@contextmanager
def stoppable(is_cancelled: Question) -> Iterator[None]:
    """Within, a signal raises SoftTimeLimitExceeded; also one that came since `forget`.

    `is_cancelled` is asked whether a wish to cancel is meant for this run.
    """
    if not _is_main():
        yield
        return
    _stops.is_cancelled = is_cancelled
    try:
        _stops.listen()
        yield
    finally:
        _stops.listens = False
        _stops.is_cancelled = None


@contextmanager
def unstoppable() -> Iterator[None]:
    """Within, what must not be left half done; a signal that comes is heard at the end."""
    listens = _is_main() and _stops.listens
    if not listens:
        yield
        return
    _stops.listens = False
    try:
        yield
    finally:
        _stops.listen()


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
