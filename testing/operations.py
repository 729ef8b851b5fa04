"""Operations that behave badly, for a stack that is started with APPS=testing."""

import json
import logging
import os
import signal
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from operations import Backoff, Context, FileReference, Json, OperationError, SecretText, operation
from testing import misdeeds

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
def write(path: str, until: str, context: Context) -> int:
    """Write the number of the try to a file when it begins and, once there is another file, return it."""
    with Path(path).open("a") as file:
        file.write(f"{context.attempt}\n")
    while not Path(until).exists():
        time.sleep(0.05)
    return context.attempt


@operation(name="testing.make_files", idempotent=True, timeout_seconds=FOR_EVER)
def make_files(path: str, context: Context) -> FileReference:
    """Make a file. In the first try hang with a second one half written, and write then that it is so."""
    with context.new_file("whole.bin", "application/octet-stream") as whole:
        whole.write(b"whole" * 100_000)
    if context.attempt == 1:
        with context.new_file("half.bin", "application/octet-stream") as half:
            half.write(b"half" * 100_000)
            Path(path).write_text("it hangs")
            time.sleep(FOR_EVER)
    return whole.reference


@operation(name="testing.chatty", idempotent=True, timeout_seconds=30)
def chatty(text: str) -> None:
    """Say something in every way."""
    print(f"{text} printed")
    print(f"{text} as an error", file=sys.stderr)
    logging.getLogger("a.library").info("%s logged", text)
    thread = threading.Thread(target=print, args=(f"{text} from a thread",))
    thread.start()
    thread.join()


@operation(name="testing.misdeed", idempotent=False, timeout_seconds=30)
def misdeed(which: str) -> None:
    """Leave the process as no other operation should find it."""
    misdeeds.MISDEEDS[which]()


@operation(name="testing.look", idempotent=False, timeout_seconds=30)
def look(path: str, context: Context) -> Json:
    """Write a line to a file, and return what the process is like."""
    with Path(path).open("a") as file:
        file.write(f"{context.task_id}\n")
    return {"state": misdeeds.state(), "pid": os.getpid()}


@operation(name="testing.leak", idempotent=True, timeout_seconds=30, max_attempts=2, backoff=QUICKLY)
def leak(token: SecretText, how: str, context: Context) -> Json:
    """Let a secret out in one of many ways."""
    LEAKS[how](token, context)
    return {"it": [token], token: f"{token} and more", "in base64": b64encode(token.encode()).decode()}


def _raise(token: str, _context: Context) -> None:
    local = f"a local variable that holds {token}"
    raise ValueError(local, {"token": token.encode()})


def _fail(token: str, _context: Context) -> None:
    try:
        _raise(token, _context)
    except ValueError as error:
        error.add_note(f"a note on {token}")
        raise OperationError("x" * 1_990 + json.dumps(token), type=f"about_{token}") from error


def _hang(token: str, context: Context) -> None:
    context.progress(1, "y" * 490 + token)
    time.sleep(FOR_EVER)


def _log(token: str, _context: Context) -> None:
    for logger in (logging.getLogger("a.library"), logging.getLogger("celery.task")):
        logger.warning("the token is %s", token, extra={"token": token})
        logger.debug({"Authorization": f"Bearer {token}"})


def _print(token: str, _context: Context) -> None:
    print(f"on standard output: {token}", flush=True)
    thread = threading.Thread(target=_raise, args=(token, _context))
    thread.start()
    thread.join()


def _exit(token: str, _context: Context) -> None:
    sys.exit(f"away with {token}")


def _interrupt(token: str, _context: Context) -> None:
    raise misdeeds.NoException(f"no exception holds {token}")


LEAKS: dict[str, Callable[[str, Context], None]] = {
    "return": lambda _token, _context: None,
    "raise": _raise,
    "fail": _fail,
    "hang": _hang,
    "log": _log,
    "print": _print,
    "exit": _exit,
    "interrupt": _interrupt,
}
