"""Threads that work for all others of their process, begun by the first that needs them."""

import threading
from collections.abc import Callable


def kept_running(thread: threading.Thread | None, work: Callable[[], None], name: str) -> threading.Thread:
    """`thread` if it runs, else a new one that does `work`. Call it under a lock.

    Raises RuntimeError where the system has no thread left.
    """
    if thread is not None and thread.is_alive():
        return thread
    new = threading.Thread(target=work, name=name, daemon=True)
    new.start()
    return new
