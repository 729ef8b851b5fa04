"""A RabbitMQ of the tests' own, on loopback, that leaves the machine's own service alone.

As a plugin it says loudly in the end when RabbitMQ is not installed, so that nobody takes skipped tests for passed.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import psutil
import pytest
from kombu.connection import Connection

from config.stack.ports import LOOPBACK
from config.stack.programs import Program, kill_group, stop
from config.stack.servers import wait_until_ready
from testing.ports import own_port

# Debian's `rabbitmq-server` becomes the service's user and works in its folder; the program behind it does not.
DEBIAN_FOLDER = Path("/usr/lib/rabbitmq/bin")
MISSING = "RabbitMQ is not installed"
START_SECONDS = 240


class RabbitMQ:
    """One node and its name server, epmd, with everything that they write in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.port = own_port()
        self._folder = folder
        self._password = secrets.token_hex(16)
        self._name_server: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The CELERY_BROKER_URL."""
        return f"amqp://punctual:{self._password}@{LOOPBACK}:{self.port}//"

    @cached_property
    def program(self) -> Program:
        """How to run the node. As it may read a console, its start script gives way to it and can be killed as it."""
        environment = {**self._environment, "RABBITMQ_ALLOW_INPUT": "1"}
        return Program("rabbitmq", [_program("rabbitmq-server"), "-noinput"], environment=environment)

    def prepare(self) -> None:
        """Write its configuration."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        (self._folder / "plugins").touch()
        (self._folder / "environment").touch()
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n"
            f"default_user = punctual\ndefault_pass = {self._password}\n"
            "log.file = false\nlog.console = true\nlog.console.level = warning\n"
        )

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        connection = Connection(self.url, connect_timeout=2)
        try:
            connection.connect()
        except connection.connection_errors:
            return False
        finally:
            connection.collect()
        return True

    def start(self) -> None:
        """Start it, and return when it is ready. It finds again what it had."""
        self.prepare()
        with (self._folder / "log").open("ab") as log:
            # Started by us, because one that the node starts would outlive it.
            if self._name_server is None:
                argv = [_program("epmd"), "-address", LOOPBACK]
                self._name_server = Program("epmd", argv, environment=self._environment).start(log)
            self._process = self.program.start(log)
        wait_until_ready(self, self._process, START_SECONDS)

    def kill(self) -> None:
        """End it without a warning, as a power cut does."""
        assert self._process is not None
        kill_group(self._process)
        self._process.wait()

    def suspend(self) -> None:
        """Let it hang until it is resumed."""
        self._psutil.suspend()

    def resume(self) -> None:
        """Let it go on."""
        self._psutil.resume()

    def close(self) -> None:
        """End it, and its name server."""
        for process in (self._process, self._name_server):
            if process is not None:
                stop(process, self.program.death_signal)

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl` says."""
        argv = [_program("rabbitmqctl"), "--node", self._name, *arguments]
        environment = {**os.environ, **self._environment}
        return subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout

    def set_consumer_timeout(self, milliseconds: int) -> None:
        """How long a message may be without acknowledgement, for channels that are opened from now on."""
        settings = {"consumer_timeout": milliseconds, "channel_tick_interval": min(milliseconds, 60_000)}
        commands = [f"application:set_env(rabbit, {name}, {value})" for name, value in settings.items()]
        self.control("eval", f"{', '.join(commands)}.")

    @property
    def _psutil(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def _name(self) -> str:
        return f"punctual-{self.port}@localhost"

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        folder = self._folder
        return {
            "HOME": str(folder),  # of the Erlang cookie
            "ERL_EPMD_PORT": str(own_port()),
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_DIST_PORT": str(own_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            # Idle schedulers that spin would take the tests' time.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        }


def is_installed() -> bool:
    """Whether this machine can run a RabbitMQ."""
    return all(Path(_program(name)).exists() for name in ("rabbitmq-server", "rabbitmqctl", "epmd"))


@contextmanager
def running_rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    """A RabbitMQ with its data in `folder`, ready, until the context ends. Skips the test where there is none."""
    if not is_installed():
        pytest.skip(MISSING)
    node = RabbitMQ(folder / "rabbitmq")
    try:
        node.start()
        yield node
    finally:
        node.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    skipped = [each for each in terminalreporter.stats.get("skipped", []) if MISSING in str(each.longrepr)]
    if skipped:
        terminalreporter.section("RABBITMQ IS NOT INSTALLED", sep="!", red=True, bold=True)
        terminalreporter.line(f"CELERY_BROKER_URL=amqp://... was NOT tested: {len(skipped)} tests skipped.")
        terminalreporter.line("On Debian and Ubuntu: apt-get install rabbitmq-server")


def _program(name: str) -> str:
    debian = DEBIAN_FOLDER / name
    return str(debian) if debian.exists() else shutil.which(name) or name
