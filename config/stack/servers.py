"""What the embedded servers have in common."""

import subprocess
import time
from typing import Protocol

from config.stack.errors import StackError
from config.stack.programs import Program

STARTUP_SECONDS = 60


class Server(Protocol):
    """A server that we run ourselves."""

    @property
    def url(self) -> str: ...

    @property
    def program(self) -> Program: ...

    def prepare(self) -> None: ...

    def is_ready(self) -> bool: ...


def wait_until_ready(
    server: Server, process: subprocess.Popen[bytes], seconds: float = STARTUP_SECONDS
) -> None:
    """Waits until the server answers. Raises StackError if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not server.is_ready():
        if process.poll() is not None:
            raise StackError(f"{server.program.role} ended at once with code {process.returncode}")
        if time.monotonic() > deadline:
            raise StackError(f"{server.program.role} does not answer after {seconds:g} seconds")
        time.sleep(0.02)
