"""A service manager as a process sees it: a socket to which it sends how it is."""

import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.stack.programs import Program, stop
from testing.concurrency import PATIENCE_SECONDS
from testing.stack import PROJECT

CREDENTIALS = struct.Struct("3i")


class Manager:
    """Listens at `address`: a path, or a name behind an `@`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.senders: set[int] = set()
        """The processes that have spoken."""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def hear(self, seconds: float = PATIENCE_SECONDS) -> str:
        """What is said next. Raises TimeoutError."""
        self.socket.settimeout(seconds)
        try:
            text, [(_, _, credentials)], *_ = self.socket.recvmsg(1_000, 1_000)
        except BlockingIOError:
            raise TimeoutError from None
        self.senders.add(CREDENTIALS.unpack(credentials)[0])
        return text.decode()

    def await_silence(self, seconds: float) -> None:
        """Returns when nothing was said for so long; not before what was said already has been heard."""
        try:
            for _ in range(100):
                self.hear(seconds)
        except TimeoutError:
            return
        pytest.fail(f"somebody goes on to speak to {self.address}")


@contextmanager
def listening(address: str) -> Iterator[Manager]:
    """A manager, until the context ends."""
    manager = Manager(address)
    try:
        yield manager
    finally:
        manager.socket.close()


@contextmanager
def managed(
    role: str, manager: Manager, log: Path, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """A part of the service as its unit starts it, until the context ends."""
    program = Program(
        role=role,
        argv=[sys.executable, "manage.py", "start", role],
        folder=PROJECT,
        environment={"NOTIFY_SOCKET": manager.address, **environment},
    )
    with log.open("wb") as output:
        process = program.start(output)
    try:
        yield process
    finally:
        stop(process, program.stop_signal)
