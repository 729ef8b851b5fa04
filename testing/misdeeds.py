"""What an operation may do to the process that runs it. Whatever comes after it must not notice."""

import gc
import locale
import logging
import logging.config
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from decimal import getcontext
from io import StringIO
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

STOPPABLE = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGALRM)

LOGGERS = ("tasks_api.transitions.attempt_log", "tasks_api.execution.outcomes", "operation")


class NoException(BaseException):
    """What no `except Exception` catches."""


def _done(_: object) -> None:
    """For what returns what it has changed."""


def _sql(*statements: str) -> Callable[[], None]:
    def execute() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return execute


def _enter_atomic() -> None:
    transaction.atomic().__enter__()
    _sql("SELECT 1")()


def _break_transaction() -> None:
    transaction.atomic().__enter__()
    _sql("SELECT 1/0")()


def _autocommit_off() -> None:
    transaction.set_autocommit(False)
    _sql("SELECT 1")()


def _read_only_client() -> None:
    connection.ensure_connection()
    connection.connection.set_session(readonly=True, isolation_level="SERIALIZABLE")


def _close_underneath() -> None:
    connection.ensure_connection()
    connection.connection.close()


def _half_closed() -> None:
    connection.ensure_connection()
    socket.socket(fileno=os.dup(connection.connection.fileno())).shutdown(socket.SHUT_RDWR)


def _wrap_statements() -> None:
    def refuse(*_: Any) -> None:
        raise RuntimeError("no more statements")

    connection.ensure_connection()
    connection.execute_wrappers.append(refuse)


def _chdir_and_remove() -> None:
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    Path(folder).rmdir()


def _fork_and_return() -> None:
    os.fork()


def _fork_and_raise() -> None:
    if os.fork() == 0:
        raise NoException("in the copy")


def _handlers() -> None:
    for number in STOPPABLE:
        signal.signal(number, signal.SIG_IGN)


def _block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPABLE)


def _environment() -> None:
    os.environ.clear()
    os.environ.update(
        {"DATABASE_URL": "postgres://nowhere", "TZ": "Asia/Tokyo", "PGOPTIONS": "-c search_path=none"}
    )
    time.tzset()


def _paths() -> None:
    sys.path.clear()


def _close_streams() -> None:
    for number in (0, 1, 2):
        os.close(number)


def _close_output() -> None:
    sys.stdout.close()


def _redirect_output() -> None:
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)


def _replace_output() -> None:
    sys.stdout = sys.stderr = StringIO()


def _set_up_logging() -> None:
    logging.basicConfig(force=True, level=logging.ERROR)
    logging.root.handlers.clear()
    logging.config.dictConfig({"version": 1})


def _wake_up() -> None:
    _, end = os.pipe()
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end)


def _interpreter() -> None:
    sys.setrecursionlimit(200)
    gc.disable()
    socket.setdefaulttimeout(0.001)
    logging.disable(logging.CRITICAL)
    logging.root.setLevel(logging.CRITICAL)
    locale.setlocale(locale.LC_ALL, "C.UTF-8")
    getcontext().prec = 2
    timezone.activate("Asia/Tokyo")
    sys.settrace(lambda *_: None)
    sys.setswitchinterval(10)
    sys.set_int_max_str_digits(640)
    sys.unraisablehook = sys.displayhook = _done
    warnings.simplefilter("error")


def _limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20, soft), hard))


def _limit_for_good() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))


def _leave_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(30,)).start()


def _raise(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


ON_THE_CONNECTION: dict[str, Callable[[], None]] = {
    "begin": _sql("BEGIN", "SELECT pg_advisory_xact_lock(1)"),
    "begin and write": _sql("BEGIN", "UPDATE task SET tags = '{spoilt}'"),
    "atomic": _enter_atomic,
    "broken transaction": _break_transaction,
    "autocommit off": _autocommit_off,
    "read only": _sql("SET default_transaction_read_only = on"),
    "read only client": _read_only_client,
    "search path": _sql("SET search_path = pg_catalog"),
    "time zone of the session": _sql("SET TIME ZONE 'Asia/Tokyo'", "SET statement_timeout = 1"),
    "role": _sql("SET ROLE pg_monitor"),
    "locks": _sql("SELECT pg_advisory_lock(1)", "CREATE TEMPORARY TABLE task (id int)", "LISTEN anything"),
    "encoding": _sql("SET client_encoding = 'LATIN1'"),
    "closed": _close_underneath,
    "cut": _half_closed,
    "ended": _sql("SELECT pg_terminate_backend(pg_backend_pid())"),
    "statements wrapped": _wrap_statements,
}
ON_THE_PROCESS: dict[str, Callable[[], None]] = {
    "working directory": lambda: os.chdir("/tmp"),  # noqa: S108 (it holds nothing)
    "working directory that is gone": _chdir_and_remove,
    "umask": lambda: _done(os.umask(0o777)),
    "environment": _environment,
    "handlers": _handlers,
    "blocked signals": _block,
    "timers": lambda: _done(signal.setitimer(signal.ITIMER_REAL, 5, 5)),
    "alarm": lambda: _done(signal.alarm(5)),
    "fork": _fork_and_return,
    "fork and raise": _fork_and_raise,
    "sys.path": _paths,
    "closed streams": _close_streams,
    "closed output": _close_output,
    "redirected output": _redirect_output,
    "replaced output": _replace_output,
    "logging": _set_up_logging,
    "wake-up": _wake_up,
    "interpreter": _interpreter,
    "limit": _limit,
    "limit for good": _limit_for_good,
    "new session": os.setsid,
    "niceness": lambda: _done(os.nice(1)),
    "thread": _leave_a_thread,
}
ERRORS: dict[str, Callable[[], None]] = {
    "KeyboardInterrupt": _raise(KeyboardInterrupt()),
    "GeneratorExit": _raise(GeneratorExit()),
    "SystemExit": _raise(SystemExit(0)),
    "NoException": _raise(NoException("no exception")),
}
MISDEEDS = {**ON_THE_CONNECTION, **ON_THE_PROCESS, **ERRORS}


def state() -> dict[str, Any]:
    """What an operation finds in its process: the same, whatever ran there before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE source IN ('session', 'client') ORDER BY name"
        )
        settings = dict(cursor.fetchall())
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        locks = cursor.fetchone()[0]
        cursor.execute("SELECT to_regclass('task')::regclass::text, current_user = session_user")
        names = list(cursor.fetchone())
    mask = os.umask(0o022)
    os.umask(mask)
    return {
        "session": settings,
        "locks": locks,
        "names": names,
        "transaction": [connection.in_atomic_block, connection.get_autocommit()],
        "folder": str(Path.cwd()),
        "umask": mask,
        "environment": dict(os.environ),
        "handlers": [str(signal.getsignal(number)).split(" at ")[0] for number in STOPPABLE],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "timer": signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0),
        "path": list(sys.path),
        "streams": [_is_open(number) for number in (0, 1, 2)],
        "output": [os.fstat(1).st_ino, type(sys.stdout).__name__, type(sys.stderr).__name__],
        "interpreter": [
            sys.getrecursionlimit(), gc.isenabled(), socket.getdefaulttimeout(), logging.root.level,
            logging.root.manager.disable, locale.setlocale(locale.LC_ALL), getcontext().prec,
            timezone.get_current_timezone_name(), sys.gettrace() is None, list(time.tzname),
            sys.getswitchinterval(), sys.get_int_max_str_digits(), sys.unraisablehook is sys.__unraisablehook__,
            sys.displayhook is sys.__displayhook__, len(warnings.filters), len(logging.root.handlers),
            signal.set_wakeup_fd(-1),
            [name for name in LOGGERS if logging.getLogger(name).disabled],
        ],
        "limits": [resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_FSIZE)],
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
    }  # fmt: skip


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
