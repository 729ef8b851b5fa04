"""A program to run: its command line and how it is started and stopped."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.stack.errors import StackError


@dataclass(frozen=True, slots=True)
class Program:
    """What to run for a role.

    `prefix` stands before the command line, as `unshare` and its kind do. `death_signal` is what the program
    gets when we are killed: the default is right where no process that the program started outlives it.
    """

    role: str
    argv: Sequence[str | Path]
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()

    def start(self, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Starts it in a session of its own. It ends when the thread that called this ends."""
        command_line = [*self.prefix, *_ends_with_its_parent(self.death_signal), *self.argv]
        try:
            return subprocess.Popen(  # noqa: S603 (our own command line)
                command_line,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise StackError(f"cannot start {self.role}: {error}") from None


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, patience: float = 10) -> None:
    """Stops a program and everything that it started."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of a program, its children too. It led a process group of its own."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(process.pid, signal.SIGKILL)


def _ends_with_its_parent(death_signal: signal.Signals) -> list[str]:
    if shutil.which("setpriv") is None:
        return []
    return ["setpriv", "--pdeathsig", death_signal.name.removeprefix("SIG"), "--"]
