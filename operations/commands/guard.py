"""Runs one command, and ends all that it started: when it ends, when it is to end, when the worker is gone.

A program of its own, since a worker's process may be killed at any moment. It is started by path with nothing but
the standard library: `python -I guard.py REPORT`. Its standard input brings one line, the order, and is closed
when the command is to end, be it on purpose or because whoever holds the other end was killed. Its standard
output and error are the command's. What becomes of the command is written, as JSON, to the descriptor REPORT.

The command's parent, which it knows as $PPID and may kill or freeze, is a stand-in of which nothing depends.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

GRACE_SECONDS = 2.0
"""Between the signal that asks the command to end, and the one that cannot be ignored."""
ORDER_SECONDS = 30
ORDER, OUTPUT, ERRORS = 0, 1, 2
UMASK = 0o077
LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

Prctl = Callable[[int, int], int]


def main() -> None:
    """Exits with 0 whatever became of the command."""
    report = int(sys.argv[1])
    prctl = find_prctl()
    # Orphans become our children, so that we find them even in sessions of their own, and see them end.
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    woken = listen()
    order = read_order()
    stand_in, started = start(order, prctl, report)
    release_output()
    write(report, started)
    family = Family(started.get("pid"), stand_in, woken)
    family.await_command()
    family.end()
    if family.exit_code is not None:
        write(report, {"exit_code": family.exit_code})


def find_prctl() -> Prctl:
    """The system call of Linux; elsewhere one that does nothing."""
    if not LINUX:
        return lambda _option, _value: 0
    prctl: Prctl = ctypes.CDLL(None, use_errno=True).prctl
    return prctl


def listen() -> int:
    """Undo what the worker set for signals. Returns a descriptor that is readable after one has come."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in signal.valid_signals():
        if number != signal.SIGPIPE and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    # The command is ended by closing the order, not by ending us, as a service manager may try that ends everybody.
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: None)
    return woken


def read_order() -> dict[str, Any]:
    """Ends this program where none comes: whoever wanted to give one is gone."""
    signal.alarm(ORDER_SECONDS)
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(ORDER, 65_536)
        if not chunk:
            sys.exit()
        line += chunk
    signal.alarm(0)
    order: dict[str, Any] = json.loads(line)
    return order


def start(order: dict[str, Any], prctl: Prctl, report: int) -> tuple[int | None, dict[str, Any]]:
    """The process id of the stand-in, and what it tells: the `pid` of the command, why there is none, or nothing."""
    if not LINUX:  # elsewhere orphans are not inherited
        return None, begun(order, prctl)
    reading, writing = os.pipe()
    stand_in = os.fork()
    if stand_in == 0:
        os.close(report)
        stand_in_for_us(order, prctl, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    told: dict[str, Any] = json.loads(text) if text else {}
    return stand_in, told


def stand_in_for_us(order: dict[str, Any], prctl: Prctl, tell: int) -> NoReturn:
    """Be the command's parent. Whatever happens to this process, the guard inherits the command."""
    os.setsid()  # a signal to our group is none to the guard
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    told = begun(order, prctl)
    write(tell, told)
    os.close(tell)
    release_output()
    if "pid" in told:
        os.waitid(os.P_PID, told["pid"], os.WEXITED | os.WNOWAIT)  # it is the guard that collects it
    os._exit(0)


def begun(order: dict[str, Any], prctl: Prctl) -> dict[str, Any]:
    """The `pid` of the command, or why it is `not_started` and the `file` that is to blame."""
    try:
        return {"pid": begin(order, prctl)}
    except OSError as error:
        return {"not_started": error.strerror or str(error), "file": error.filename}


def begin(order: dict[str, Any], prctl: Prctl) -> int:
    """The process id of the command, in a session of its own. Raises OSError."""
    process = subprocess.Popen(  # noqa: S603 (the operator's command, without a shell)
        order["argv"],
        stdin=subprocess.DEVNULL,
        cwd=order["directory"],
        env=order["environment"],
        umask=UMASK,
        start_new_session=True,
        preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 (there are no threads)
    )
    process.returncode = 0  # else it would be missed
    return process.pid


def release_output() -> None:
    """Leave the pipes to the command alone, so that they end with it."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, OUTPUT)
    os.dup2(nothing, ERRORS)


def write(report: int, message: dict[str, Any]) -> None:
    """Nobody may be there to read it."""
    with suppress(BrokenPipeError):
        os.write(report, json.dumps(message).encode() + b"\n")


class Family:
    """The command, its stand-in parent and everything that it started. No command: it did not start."""

    def __init__(self, command: int | None, stand_in: int | None, woken: int) -> None:
        self.exit_code: int | None = None
        self._command = command
        self._stand_in = stand_in
        self._woken = woken

    def await_command(self) -> None:
        """Returns when the command has ended, or is to end."""
        while self._command is not None and self.exit_code is None:
            readable, _, _ = select.select([ORDER, self._woken], [], [])
            self._collect()
            if ORDER in readable:
                return

    def end(self) -> None:
        """Ask whoever is left to end, then make them. Returns when nobody is left."""
        if self._collect():
            return
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while not self._collect() and (left := deadline - time.monotonic()) > 0:
            select.select([self._woken], [], [], left)
        while not self._collect():
            self._signal(signal.SIGKILL)
            select.select([self._woken], [], [], 0.02)

    def _collect(self) -> bool:
        """Take note of those who ended, and end a stand-in that was stopped. Returns whether nobody is left."""
        with suppress(BlockingIOError):
            os.read(self._woken, 4096)
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
                if pid == 0:
                    return False
                if os.WIFSTOPPED(status):
                    if pid == self._stand_in:
                        os.kill(pid, signal.SIGKILL)
                elif pid == self._command:
                    self.exit_code = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            return True

    def _signal(self, number: signal.Signals) -> None:
        for pid in descendants() if LINUX else self._known():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _known(self) -> list[int]:
        return [-self._command] if self._command else []


def descendants() -> list[int]:
    """The process ids of all that came from us, the nearest first."""
    parents = {int(path.name): parent for path in Path("/proc").glob("[0-9]*") if (parent := parent_of(path))}
    found = [os.getpid()]
    for ancestor in found:
        found += [pid for pid, parent in parents.items() if parent == ancestor]
    return found[1:]


def parent_of(process: Path) -> int | None:
    """None: it is gone."""
    try:
        # Its name stands in brackets before that, and may have brackets and blanks in it.
        return int((process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return None


if __name__ == "__main__":
    main()
