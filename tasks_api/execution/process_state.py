"""What an operation can change in the process that runs it: put back afterwards, or the process is replaced."""

import _signal  # type: ignore[import-not-found]
import gc
import locale
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from log_lines import event
from log_lines.prints import unwrapped

TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
SIGNALS = sorted(int(each) for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
LIMITS = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_DATA,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_NPROC,
    resource.RLIMIT_STACK,
)
STREAMS = (0, 1, 2)

logger = logging.getLogger(__name__)


class Part(NamedTuple):
    """One kind of state. `put_back` gets what `read` returned before; without it only another process has it again."""

    name: str
    read: Callable[[], Any]
    put_back: Callable[[Any], object] | None = None


class _Kept:
    """What this process was like when it was remembered, a value for each part, and whether it can be so again."""

    before: Sequence[Any] = ()
    is_spoilt = False


_kept = _Kept()


def remember() -> None:
    """From now on this process is kept as it is just now."""
    _kept.before = [part.read() for part in PARTS]


@contextmanager
def unchanged_process(about: str) -> Iterator[None]:
    """Whatever is done within to a process that is kept is undone; where it cannot be, the process is spoilt.

    `about` is named in the log.
    """
    try:
        yield
    finally:
        # Nothing is remembered where nobody runs afterwards.
        for part, value in zip(PARTS, _kept.before, strict=False):
            _put_back(part, value, about)


@contextmanager
def one_process() -> Iterator[None]:
    """A process that is forked within, and comes out here too, ends before it touches what is not its own."""
    pid = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != pid:
            os._exit(1)


def is_spoilt() -> bool:
    """Whether this process can run nothing more, as something is changed in it for good."""
    return _kept.is_spoilt


def _put_back(part: Part, value: Any, about: str) -> None:
    try:
        if part.read() == value:
            return
        if part.put_back:
            part.put_back(value)
            if part.read() == value:
                logger.debug("%s changed %s, which was put back", about, part.name)
                return
    except Exception as error:  # noqa: BLE001 (whatever it is, this process is not as it was)
        logger.debug("%s cannot be put back: %r", part.name, error)
    logger.warning(
        "%s changed %s for good, so its process is replaced",
        about,
        part.name,
        extra=event("process.replaced"),
    )
    _kept.is_spoilt = True


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 (as text, which chdir takes)
    except OSError:  # it is gone
        return None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _environment() -> dict[bytes, bytes]:
    """As it is kept: decoding it takes a tenth of a millisecond."""
    variables: dict[bytes, bytes] = vars(os.environ)["_data"]
    return variables.copy()


def _put_back_environment(before: dict[bytes, bytes]) -> None:
    os.environb.clear()
    os.environb.update(before)


def _handlers() -> list[Any]:
    """Without the names that the module `signal` gives them, which takes a fifth of a millisecond."""
    return [_signal.getsignal(number) for number in SIGNALS]


def _put_back_handlers(before: list[Any]) -> None:
    for number, now, handler in zip(SIGNALS, _handlers(), before, strict=True):
        if now != handler:
            signal.signal(number, handler)


def _timers() -> list[bool]:
    return [signal.getitimer(timer) != (0.0, 0.0) for timer in TIMERS]


def _put_back_timers(before: list[bool]) -> None:
    for timer, ran in zip(TIMERS, before, strict=True):
        if not ran:
            signal.setitimer(timer, 0)


def _limits() -> list[tuple[int, int]]:
    return [resource.getrlimit(limit) for limit in LIMITS]


def _put_back_limits(before: list[tuple[int, int]]) -> None:
    for limit, now, value in zip(LIMITS, _limits(), before, strict=True):
        if now != value:
            resource.setrlimit(limit, value)


def _streams() -> list[Any]:
    """What stands behind the standard streams, and which are Python's, and whether they are closed."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    closed = [getattr(stream, "closed", True) for stream in streams]
    return [*map(_file, STREAMS), *closed, *map(unwrapped, streams)]


def _file(number: int) -> tuple[int, int] | None:
    try:
        file = os.fstat(number)
    except OSError:  # it is closed
        return None
    return file.st_dev, file.st_ino


def _identity() -> tuple[Any, ...]:
    """Who this process is, for the system and for other processes."""
    return os.getresuid(), os.getresgid(), os.getpgrp(), os.getpriority(os.PRIO_PROCESS, 0)


def _logging() -> tuple[int, int, list[logging.Handler], bool]:
    """Of all loggers, whether ours is disabled: `logging.config` disables those that it finds, unless told not to."""
    root = logging.root
    return root.level, root.manager.disable, list(root.handlers), logger.disabled


def _put_back_logging(before: tuple[int, int, list[logging.Handler], bool]) -> None:
    logging.root.setLevel(before[0])
    logging.disable(before[1])
    logging.root.handlers[:] = before[2]
    if logger.disabled:
        for each in logging.root.manager.loggerDict.values():
            if isinstance(each, logging.Logger):
                each.disabled = False


def _put_back_warnings(before: list[Any]) -> None:
    warnings.resetwarnings()
    warnings.filters.extend(before)  # type: ignore[attr-defined]


def _hooks() -> tuple[Any, ...]:
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook)
    return sys.gettrace(), sys.getprofile(), *hooks


def _put_back_hooks(before: tuple[Any, ...]) -> None:
    sys.settrace(before[0])
    sys.setprofile(before[1])
    sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook = before[2:]


def _put_back_path(before: list[str]) -> None:
    sys.path[:] = before


# In this order: no signal handler of the operation's runs while the rest is put back.
PARTS = (
    Part("the handlers of signals", _handlers, _put_back_handlers),
    Part("timers", _timers, _put_back_timers),
    Part(
        "the signals that are blocked",
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        lambda before: signal.pthread_sigmask(signal.SIG_SETMASK, before),
    ),
    Part("limits of resources", _limits, _put_back_limits),
    # It can only be read by putting it back.
    Part("the file that signals are told to", lambda: signal.set_wakeup_fd(-1), lambda _: None),
    Part("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    Part("the turns of threads", sys.getswitchinterval, sys.setswitchinterval),
    Part("the digits of numbers", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    Part("the working directory", _folder, os.chdir),
    Part("the umask", _umask, os.umask),
    Part("the environment", _environment, _put_back_environment),
    Part("the time zone", lambda: time.tzname, lambda _: time.tzset()),
    Part(
        "the locale",
        lambda: locale.setlocale(locale.LC_ALL),
        lambda old: locale.setlocale(locale.LC_ALL, old),
    ),
    Part("where modules are found", lambda: list(sys.path), _put_back_path),
    Part("the log", _logging, _put_back_logging),
    Part("the filters of warnings", lambda: list(warnings.filters), _put_back_warnings),
    Part("the interpreter's hooks", _hooks, _put_back_hooks),
    Part("the collection of garbage", gc.isenabled, lambda was: gc.enable() if was else gc.disable()),
    Part("the time limit of sockets", socket.getdefaulttimeout, socket.setdefaulttimeout),
    Part("the standard streams", _streams),
    Part("who it is to the system", _identity),
)
