"""A whole stack as a user runs it, for acceptance tests: real processes, driven from outside.

Most tests share one, the fixture `stack`. One that stops it or kills all of it runs its own, `running_stack`.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg2
import pytest
import redis

from config.environment import Environment
from config.stack.processes import await_end, belonging_to, end
from config.stack.programs import Program
from testing.ports import own_port

PROJECT = Path(__file__).resolve().parent.parent
READY = "Punctual is ready"
START_SECONDS = 240
STOP_SECONDS = 90
# What the tests' own process was given is not for the stack.
NOT_INHERITED = (*Environment.model_fields, "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")


class Stack:
    """What `manage.py up` runs on `data_folder`."""

    def __init__(self, data_folder: Path, **environment: str) -> None:
        self.data_folder = data_folder.resolve()
        self._environment = {
            **dict.fromkeys(NOT_INHERITED, ""),
            "DATA_DIR": str(self.data_folder),
            "PORT": str(own_port()),
            "FLOWER_PORT": str(own_port()),
            **environment,
        }
        self._log = data_folder.with_name(f"{data_folder.name}.log")
        self._up: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._environment['PORT']}"
        self.flower_url = f"http://127.0.0.1:{self._environment['FLOWER_PORT']}"

    @cached_property
    def http(self) -> httpx.Client:
        """A client of its API."""
        return httpx.Client(base_url=self.url, timeout=90, trust_env=False)

    def start(self) -> None:
        """Starts it, and returns when it says that it is ready."""
        self.begin()
        self.wait_until(lambda: READY in self.logs(), START_SECONDS)

    def begin(self) -> None:
        """Starts it, and returns at once. The logs begin anew."""
        with self._log.open("wb") as log:
            self._up = Program(
                role="up",
                argv=[sys.executable, "manage.py", "up"],
                folder=PROJECT,
                environment=self._environment,
                death_signal=signal.SIGTERM,
            ).start(log)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stops it in order. Returns the exit code."""
        if self._up is None:
            return 0
        self.send(number)
        return self.exit_code()

    def send(self, number: signal.Signals) -> None:
        """Sends `up` a signal."""
        assert self._up is not None
        self._up.send_signal(number)

    def exit_code(self, seconds: float = STOP_SECONDS) -> int:
        """Waits for its end. Raises TimeoutExpired."""
        assert self._up is not None
        return self._up.wait(seconds)

    def close(self) -> None:
        """Stops it, and makes sure that nothing of it is left."""
        self.http.close()
        try:
            self.stop()
        finally:
            end(belonging_to(self.data_folder), patience=0)

    @property
    def env(self) -> dict[str, str]:
        """What `stack.env` says now."""
        lines = (self.data_folder / "stack.env").read_text().splitlines()
        pairs = (line.partition("=") for line in lines)
        return {name: "".join(shlex.split(value)) for name, _, value in pairs}

    def pid(self, role: str) -> int:
        """The process id of a role, or of `up`."""
        return int(self.env[f"{role.upper()}_PID"])

    def kill(self, role: str) -> int:
        """Kills a role's process at once; the processes that it started die with it. Returns its former id."""
        pid = self.pid(role)
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_everything(self) -> None:
        """What a power cut does to the processes."""
        assert self._up is not None
        everything = [psutil.Process(self._up.pid), *self.processes()]
        for process in everything:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._up.wait()
        assert await_end(everything, 10) == []

    def restarted(self, role: str, former_pid: int) -> bool:
        """Whether a role runs again, in a new process."""
        # One look: the file may be written anew between two.
        pid = self.env.get(f"{role.upper()}_PID")
        return pid is not None and int(pid) != former_pid

    def processes(self) -> list[psutil.Process]:
        """Every process that it started and that is still there."""
        return belonging_to(self.data_folder)

    def logs(self) -> str:
        """All lines that it has written since it was started."""
        return re.sub(r"\x1b\[\d+m", "", self._log.read_text(errors="replace"))

    def ready(self) -> bool:
        """Whether each part says that it is well."""
        try:
            return bool(self.http.get("/health/ready/").json()["status"] == "ok")
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    def flower_listens(self) -> bool:
        """Whether Flower hears of tasks yet. It answers a little before, and what ran until then it never shows."""
        self.http.post("/tasks/", json={"operation": "1+1", "priority": 9})
        return bool(httpx.get(f"{self.flower_url}/api/tasks", timeout=30, trust_env=False).json())

    def psql(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Runs SQL in its database. Returns the rows, if there are any."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def connect(self) -> "psycopg2.extensions.connection":
        """A connection of one's own to its database, with autocommit. The caller closes it."""
        connection = psycopg2.connect(self.env["DATABASE_URL"])
        connection.autocommit = True
        return connection

    def broker(self) -> redis.Redis:
        """A client of its broker. The caller closes it (`with stack.broker() as broker`)."""
        return redis.Redis.from_url(self.env["CELERY_BROKER_URL"])

    def wait_until(self, condition: Callable[[], object], seconds: float = 90) -> None:
        """Waits for something to come true, and fails with the logs if it does not or if `up` has ended."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self._up is not None and self._up.poll() is not None:
                pytest.fail(f"`up` ended with code {self._up.returncode}:\n{self.logs()}")
            if time.monotonic() > deadline:
                pytest.fail(f"did not come true within {seconds} s. The logs:\n{self.logs()[-20_000:]}")
            time.sleep(0.05)


@contextmanager
def running_stack(folder: Path, **environment: str) -> Iterator[Stack]:
    """A stack with its data in `folder`, ready, until the context ends."""
    stack = Stack(folder / "data", **environment)
    try:
        stack.start()
        yield stack
    finally:
        stack.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all tests that leave it as well as they found it."""
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sends all tests that share the stack, or the web server, to the same process (`--dist loadgroup`)."""
    for item in items:
        for name in {"stack", "web"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(name))
