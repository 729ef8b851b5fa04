"""Finding and ending processes that a killed predecessor left behind.

They are known by what they are, never by a stored number, which may belong to another process by now.
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

MARKER = "PUNCTUAL_STACK"
KILL_SECONDS = 10


def belonging_to(data_folder: Path) -> list[psutil.Process]:
    """The processes of the stack on `data_folder`, known by the marker in their environment."""
    return [
        process for process in _all() if process.pid != os.getpid() and _marker(process) == str(data_folder)
    ]


def working_in(folder: Path) -> list[psutil.Process]:
    """The processes whose working directory is `folder`, as it is for all processes of a Postgres."""
    return [process for process in _all() if _working_directory(process) == str(folder)]


def end(processes: Iterable[psutil.Process], patience: float) -> None:
    """Interrupts those that started the others, and kills whatever is left when patience ends."""
    remaining = list(processes)
    for process in remaining:
        with suppress(psutil.NoSuchProcess):
            if process.parent() not in remaining:
                process.send_signal(signal.SIGINT)
    remaining = await_end(remaining, patience)
    for process in remaining:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    await_end(remaining, KILL_SECONDS)


def await_end(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Waits until these have ended. Returns those that have not."""
    deadline = time.monotonic() + seconds
    # A process that nobody collects has ended all the same, so psutil.wait_procs() would wait too long.
    while (
        running := [process for process in processes if not _has_ended(process)]
    ) and time.monotonic() < deadline:
        time.sleep(0.02)
    return running


def _all() -> Iterator[psutil.Process]:
    return (process for process in psutil.process_iter() if not _has_ended(process))


def _marker(process: psutil.Process) -> str | None:
    with suppress(psutil.Error, OSError):
        return process.environ().get(MARKER)
    return None


def _working_directory(process: psutil.Process) -> str | None:
    with suppress(psutil.Error, OSError):
        return process.cwd()
    return None


def _has_ended(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE or not process.is_running()
    return True
