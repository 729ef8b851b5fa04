"""Learning that this process is told to stop, although somebody else handles the signals."""

import signal
import socket
import threading
from collections.abc import Callable

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def when_told_to_stop(action: Callable[[], None]) -> None:
    """Calls `action`, in a thread of its own, at a signal to stop that has a handler. For the main thread alone."""
    written, read = socket.socketpair()
    written.setblocking(False)
    signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(written, read, action), name="stopping", daemon=True).start()


def _listen(_written: socket.socket, read: socket.socket, action: Callable[[], None]) -> None:
    """Holds on to the writing end, for signals know it by its number only."""
    while not STOP_SIGNALS.intersection(read.recv(64)):
        pass
    action()
