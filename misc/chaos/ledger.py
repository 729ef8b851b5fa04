"""The ledger outside of the database: one line for each thing that an operation does."""

import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

VARIABLE = "CHAOS_LEDGER"
BEGUN, DONE = "begun", "done"


class Line(NamedTuple):
    """A process says that an attempt at a task has begun its work, or has done it."""

    task_id: str
    attempt: int
    pid: int
    mark: str
    at: float


def write(task_id: str, attempt: int, mark: str) -> None:
    """Add a line. Whole, whatever else writes and whenever the process is killed: one write to a file that is only
    appended to."""
    line = f"{task_id} {attempt} {os.getpid()} {mark} {time.time():.6f}\n"
    os.write(_file(), line.encode())


@cache
def _file() -> int:
    return os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def read(path: Path) -> list[Line]:
    """All lines, in the order in which they were written."""
    return list(_lines(path)) if path.exists() else []


def _lines(path: Path) -> Iterator[Line]:
    for text in path.read_text().splitlines():
        task_id, attempt, pid, mark, at = text.split()
        yield Line(task_id, int(attempt), int(pid), mark, float(at))
