"""Operations that behave badly, for a stack that is started with APPS=testing."""

import os
import signal
import time
from pathlib import Path

from operations import Backoff, Context, OperationError, operation

QUICKLY = Backoff(base_seconds=0.2, cap_seconds=0.2)
FOR_EVER = 600.0


@operation(name="testing.flaky", idempotent=True, timeout_seconds=30, max_attempts=10, backoff=QUICKLY)
def flaky(failures: int, context: Context) -> int:
    """Fail so many times, then return the number of the try."""
    if context.attempt <= failures:
        raise OperationError(f"try {context.attempt} fails")
    return context.attempt


@operation(name="testing.crash", idempotent=True, timeout_seconds=30)
def crash() -> None:
    """End the process that runs it."""
    os._exit(1)


@operation(name="testing.stubborn", idempotent=True, timeout_seconds=FOR_EVER)
def stubborn() -> None:
    """Hang where no signal is heard but the one that cannot be ignored."""
    blocked = set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}
    signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    time.sleep(FOR_EVER)


@operation(name="testing.reporter", idempotent=True, timeout_seconds=FOR_EVER)
def reporter(context: Context) -> None:
    """Tell of its progress until it is asked to stop."""
    while True:
        context.progress(50, "half of it")
        time.sleep(0.05)


@operation(name="testing.slow_once", idempotent=True, timeout_seconds=FOR_EVER)
def slow_once(context: Context) -> int:
    """Hang in the first try; later return the number of the try."""
    if context.attempt == 1:
        time.sleep(FOR_EVER)
    return context.attempt


@operation(name="testing.write", idempotent=True, timeout_seconds=FOR_EVER)
def write(path: str, seconds: float, context: Context) -> int:
    """Write the number of the try to a file when it begins and, after some seconds, return it."""
    with Path(path).open("a") as file:
        file.write(f"{context.attempt}\n")
    time.sleep(seconds)
    return context.attempt
