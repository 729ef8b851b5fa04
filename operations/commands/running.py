"""Runs an order to its end, or ends it, under a guard that sees to it that nothing is left."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from operations.commands import guard
from operations.commands.orders import Order
from operations.commands.output import Output

CHUNK_BYTES = 65_536
END_SECONDS = guard.GRACE_SECONDS + 2
"""For how long the guard is waited for. Should that not be enough, it goes on alone."""


class NotStarted(Exception):
    """The system refused to start the command; the text says why."""


class TookTooLong(Exception):
    """The command did not end within its time, and was ended."""


class GuardLost(Exception):
    """The guard was killed, and the command with it; not what the command started in other sessions."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a command writes."""

    stdout: Output
    stderr: Output

    def new_line(self) -> str:
        """The last whole line that was written since this was asked, or nothing."""
        lines = [line for output in (self.stderr, self.stdout) if (line := output.new_line())]
        return lines[-1] if lines else ""


def run(order: Order, outputs: Outputs, *, seconds: float, tell: Callable[[str], None]) -> int:
    """The exit code, negative for the signal that ended the command. `tell` gets each new last line.

    Raises NotStarted, TookTooLong and GuardLost. When this ends, in whatever way, the command and all
    that it started have ended too, or will within END_SECONDS.
    """
    with _guarded(order) as guarded:
        _follow(guarded, outputs, time.monotonic() + seconds, tell)
    reported = guarded.read_report()
    if "not_started" in reported:
        raise NotStarted(f"{reported['not_started']}: {reported['file'] or order.argv[0]}")
    return int(reported["exit_code"])


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A guard at work, the pipe on which it reports, and what it has reported."""

    process: "subprocess.Popen[bytes]"
    pipe: IO[bytes]
    report: bytearray = field(default_factory=bytearray)

    def read_report(self) -> dict[str, Any]:
        """What it has reported until now."""
        return {name: value for line in self.report.splitlines() for name, value in json.loads(line).items()}


@contextmanager
def _guarded(order: Order) -> Iterator[_Guarded]:
    """A guard with its order. In the end the order is closed, and the guard waited for."""
    reading, writing = (os.fdopen(end, mode, 0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    with reading:
        with writing:
            process = _start_guard(writing.fileno())
        try:
            _give(process, order)
            yield _Guarded(process, reading)
        finally:
            _end(process)


def _start_guard(report: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 (a program of ours, without a shell)
        # utf8: what is passed on stays as it is, whatever the locale. -S: nothing is needed that is installed.
        [sys.executable, "-I", "-S", "-X", "utf8", str(Path(guard.__file__)), str(report)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[report],
        env={},
        cwd="/",
        start_new_session=True,
        bufsize=0,
    )


def _give(process: "subprocess.Popen[bytes]", order: Order) -> None:
    """The guard begins when it has the whole line, so that one which is cut off does nothing."""
    rest = memoryview(json.dumps(asdict(order)).encode() + b"\n")
    assert process.stdin  # noqa: S101 (it is a pipe)
    with suppress(BrokenPipeError):  # it was killed, which its report will show
        while rest:
            rest = rest[os.write(process.stdin.fileno(), rest) :]


def _follow(guarded: _Guarded, outputs: Outputs, deadline: float, tell: Callable[[str], None]) -> None:
    """Read all that is written, until nobody is left who could write."""
    process = guarded.process
    assert process.stdout and process.stderr  # noqa: S101, PT018 (they are pipes)
    with selectors.DefaultSelector() as pipes:
        pipes.register(process.stdout, selectors.EVENT_READ, outputs.stdout.add)
        pipes.register(process.stderr, selectors.EVENT_READ, outputs.stderr.add)
        pipes.register(guarded.pipe, selectors.EVENT_READ, guarded.report.extend)
        while pipes.get_map():
            _read(pipes, deadline - time.monotonic())
            if line := outputs.new_line():
                tell(line)
            if guarded.pipe not in {key.fileobj for key in pipes.get_map().values()}:
                _check_guard(guarded.read_report())


def _check_guard(reported: dict[str, Any]) -> None:
    """It has ended. Raises GuardLost if not in order: then what it watched over is left to us."""
    if not {"exit_code", "not_started"}.isdisjoint(reported):
        return
    if "pid" in reported:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(reported["pid"], signal.SIGKILL)
    raise GuardLost


def _read(pipes: selectors.BaseSelector, seconds: float) -> None:
    """Read from each pipe that has something; leave out those that have ended."""
    if seconds <= 0:
        raise TookTooLong
    for key, _ in pipes.select(seconds):
        if chunk := os.read(key.fd, CHUNK_BYTES):
            key.data(chunk)
        else:
            pipes.unregister(key.fileobj)


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018 (they are pipes)
    process.stdin.close()
    process.send_signal(signal.SIGCONT)  # should somebody have stopped it
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    process.stdout.close()
    process.stderr.close()
