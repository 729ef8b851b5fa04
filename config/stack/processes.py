"""Finding and ending processes that a killed predecessor, or something of our own, left behind.

They are known by what they are, never by a stored number, which may belong to another process by now.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

MARKER = "PUNCTUAL_STACK"
KILL_SECONDS = 10
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """From now on, what loses its parent below this process becomes its child. On Linux; elsewhere init's."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def collect_adopted(own: Iterable[int | None]) -> None:
    """Let go of adopted processes that have ended. Those in `own` are waited for by others."""
    for process in psutil.Process().children():
        if process.pid not in own and _has_ended(process):
            with suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)


def end_descendants() -> None:
    """Kills all that came from this process, whatever session they are in and whatever their environment says.

    Those that lose their parent by this turn up as children, so it looks again until there are none.
    """
    deadline = time.monotonic() + KILL_SECONDS
    while (left := [each for each in psutil.Process().children(recursive=True) if not _has_ended(each)]) and (
        time.monotonic() < deadline
    ):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await_end(left, 1)


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
