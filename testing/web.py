"""The real web server, for what only real connections show. It works on the test database and the test broker."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from django.db import connection

from access.known import KEEP_SECONDS
from config.checked_environment import read_environment
from config.stack.commands import command_for
from config.stack.ports import LOOPBACK
from config.stack.programs import Program, stop
from testing.api import Answer
from testing.concurrency import PATIENCE_SECONDS
from testing.ports import own_port


@dataclass(frozen=True)
class Web:
    """A web server that listens on `port`."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    def send(self, *parts: bytes, half_closed: bool = False) -> Answer:
        """Send these bytes over a connection of their own, and read one answer until the server has said it all.

        `half_closed`: say that no more will come.
        """
        with socket.create_connection((LOOPBACK, self.port), timeout=30) as wire:
            for part in parts:
                wire.sendall(part)
            if half_closed:
                wire.shutdown(socket.SHUT_WR)
            with wire.makefile("rb") as answer:
                return _read(answer.read())

    def post_chunked(self, path: str, *chunks: bytes) -> Answer:
        """POST a body in chunks, whose length is not told before."""
        framed = (f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in (*chunks, b""))
        return self.send(self._chunked(path), *framed)

    def send_chunked(self, path: str, framed: bytes) -> Answer:
        """POST these bytes as a body in chunks, and then no more."""
        return self.send(self._chunked(path), framed, half_closed=True)

    def post(self, path: str, body: bytes) -> Answer:
        """POST a body in JSON."""
        return self.send(
            self._head("POST", path, "Content-Type: application/json", f"Content-Length: {len(body)}"), body
        )

    def get(self, path: str) -> Answer:
        """GET."""
        return self.send(self._head("GET", path))

    def _chunked(self, path: str) -> bytes:
        return self._head("POST", path, "Content-Type: application/json", "Transfer-Encoding: chunked")

    def _head(self, method: str, path: str, *headers: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {LOOPBACK}:{self.port}", "Connection: close", *headers]
        return "\r\n".join([*lines, "", ""]).encode()


def _read(text: bytes) -> Answer:
    head, _, content = text.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = httpx.Headers([(name, value) for name, _, value in (line.partition(": ") for line in lines)])
    return Answer(int(status_line.split(" ", 2)[1]), headers, content)


def database_url() -> str:
    """The DATABASE_URL of the database that the tests run on."""
    database = connection.settings_dict
    user, password = quote(database["USER"]), quote(database["PASSWORD"])
    return f"postgres://{user}:{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@contextmanager
def running_web(folder: Path, **settings: float | str) -> Iterator[tuple[Web, "subprocess.Popen[bytes]"]]:
    """A web server with these settings, which logs to `folder`, until the context ends."""
    server = Web(own_port(), folder / "log")
    command = command_for("web", read_environment().model_copy(update={"PORT": server.port, **settings}))
    given = {name: str(value) for name, value in settings.items()}
    environment = {**command.environment, "DATABASE_URL": database_url(), **given}
    program = Program(role="web", argv=command.argv, environment=environment)
    with server.log.open("wb") as log:
        process = program.start(log)
    try:
        _wait_until_it_answers(server, process)
        yield server, process
    finally:
        stop(process, program.stop_signal)


@pytest.fixture(scope="session")
def lasting_web(
    django_db_setup: None,  # noqa: ARG001 (the database must be there)
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Web]:
    """One web server for all tests that need a real one."""
    with running_web(tmp_path_factory.mktemp("web")) as (server, _):
        yield server


@pytest.fixture
def web(lasting_web: Web) -> Web:
    """The web server, which has forgotten the keys and people of other tests. What it sees must be committed."""
    forgotten = time.monotonic() + KEEP_SECONDS
    while lasting_web.get("/access/").status != HTTPStatus.OK and time.monotonic() < forgotten:
        time.sleep(0.05)
    return lasting_web


def _wait_until_it_answers(server: Web, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            server.get("/health/live/")
            return
        time.sleep(0.02)
    pytest.fail(f"the web server does not answer:\n{server.log.read_text(errors='replace')}")
