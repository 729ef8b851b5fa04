"""`manage.py up`: starts everything in order, keeps it running, stops everything in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from config.checked_environment import read_environment
from config.environment import LOCAL_HOSTS, Environment
from config.server_urls import SCHEMES, servers_of
from config.stack import own_key
from config.stack.child import Child
from config.stack.commands import ROLES, command_for
from config.stack.console import Console
from config.stack.data_folder import DataFolder
from config.stack.errors import StackError
from config.stack.interruption import Interrupted, Interruption
from config.stack.ports import lasting_obstacle
from config.stack.postgres import Postgres
from config.stack.processes import MARKER, adopt_orphans, belonging_to, collect_adopted, end, end_descendants
from config.stack.programs import Program, kill_group
from config.stack.readiness import missing, wants_key
from config.stack.report import StackFile, banner
from config.stack.servers import STARTUP_SECONDS, Server
from config.stack.valkey import Valkey

STOP_ORDER = ("web", "beat", "sweeper", "flower", "worker")
ROLES_STOP_SECONDS = 24
TELL_SECONDS = 2
SERVER_STOP_SECONDS = 3
PATIENT_SECONDS = 90
LEFTOVERS_SECONDS = 5
PORT_SECONDS = 2
COLLECT_SECONDS = 10
HOPELESS_STARTS = 3


class Stack:
    """Everything that one `up` runs."""

    def __init__(self, project: Path, folder: DataFolder, console: Console) -> None:
        self._project = project
        self._folder = folder
        self._console = console
        self._interruption = Interruption()
        self._servers: list[Child] = []
        self._roles: dict[str, Child] = {}

    def run(self) -> None:
        """Runs until someone asks for a stop. Raises StackError or ImproperlyConfigured if it cannot start."""
        adopt_orphans()
        with self._folder.locked(), self._interruption.heeded():
            self._end_leftovers()
            self._tell_of_other_servers()
            servers = _embedded_servers(self._folder)
            self._environment = _environment_for_children(self._folder)
            _check_ports(self._environment)
            self._file = StackFile(self._folder, self._environment)
            try:
                self._start(servers)
                self._announce()
                self._keep_running()
            except Interrupted:
                self._console.hurry()
                self._console.say("stopping; press Ctrl-C again to stop at once")
            finally:
                self._stop()

    def _tell_of_other_servers(self) -> None:
        """They may be those of another service, which a shell has from elsewhere."""
        for setting in SCHEMES:
            if url := os.environ.get(setting):
                self._console.say(f"{setting} is set: uses {servers_of(setting, url)}, and starts none")

    def _end_leftovers(self) -> None:
        if leftovers := belonging_to(self._folder.path):
            self._console.say(f"ending {len(leftovers)} processes left behind by an earlier run")
            end(leftovers, LEFTOVERS_SECONDS)

    def _start(self, servers: list[Server]) -> None:
        for server in servers:
            self._start_server(server)
        self._migrate()
        for role in ROLES:
            if role != "flower" or self._environment.FLOWER:
                self._roles[role] = self._child(role, partial(self._program, role))
                self._roles[role].start()

    def _start_server(self, server: Server) -> None:
        server.prepare()
        self._console.say("starting", server.program.role)
        child = self._child(server.program.role, partial(_prepared, server))
        self._servers.append(child)
        child.start()
        deadline = time.monotonic() + STARTUP_SECONDS
        while not server.is_ready():
            self._interruption.pause(0.05)
            if child.ends >= HOPELESS_STARTS or time.monotonic() > deadline:
                raise StackError(f"{child.role} does not start; the lines above say why")

    def _migrate(self) -> None:
        argv = [sys.executable, "manage.py", "migrate", "--noinput"]
        process = Program("migrate", argv, folder=self._project).start(subprocess.PIPE)
        output = self._console.follow("migrate", process.stdout) if process.stdout else None
        try:
            while process.poll() is None:
                self._interruption.pause(0.05)
        finally:
            kill_group(process)
            if output:
                output.join(1)
        if process.returncode:
            raise StackError("the database migration failed; the lines above say why")

    def _child(self, role: str, make: Callable[[], Program]) -> Child:
        return Child(role, make, self._console, self._write_file)

    def _program(self, role: str) -> Program:
        command = command_for(role, self._environment)
        # Granian's processes would outlive it; those of the other roles end with them.
        death_signal = signal.SIGTERM if role == "web" else signal.SIGKILL
        return Program(
            role,
            command.argv,
            death_signal=death_signal,
            folder=self._project,
            environment=command.environment,
        )

    def _write_file(self) -> None:
        self._file.write([*self._servers, *self._roles.values()])

    def _announce(self) -> None:
        patience_ends = time.monotonic() + PATIENT_SECONDS
        while lacking := missing(self._environment):
            if time.monotonic() > patience_ends:
                self._console.say(f"not ready after {PATIENT_SECONDS} s; missing: {', '.join(lacking)}")
                patience_ends = float("inf")
            self._interruption.pause(0.2)
        closed = wants_key(self._environment)
        self._console.print(banner(self._environment, self._folder, self._project, wants_key=closed))

    def _keep_running(self) -> None:
        while True:
            self._interruption.pause(COLLECT_SECONDS)
            collect_adopted([child.pid for child in (*self._servers, *self._roles.values())])

    def _stop(self) -> None:
        roles = [self._roles[role] for role in STOP_ORDER if role in self._roles]
        for child in roles:
            child.stop()
        deadline = time.monotonic() + ROLES_STOP_SECONDS
        self._tell_of_wait(roles)
        for child in roles:
            self._see_off(child, deadline)
        for child in reversed(self._servers):
            child.stop()
            if not child.wait(SERVER_STOP_SECONDS):
                child.kill()
        end(belonging_to(self._folder.path), patience=0)
        end_descendants()
        self._file.remove()

    def _tell_of_wait(self, roles: list[Child]) -> None:
        """Nothing, if all end at once."""
        soon = time.monotonic() + TELL_SECONDS
        while late := [child.role for child in roles if not child.wait(0)]:
            if self._interruption.urgent:
                return
            if time.monotonic() > soon:
                patience = ROLES_STOP_SECONDS - TELL_SECONDS
                self._console.say(
                    f"waiting up to {patience} s for {', '.join(late)}; Ctrl-C stops it at once"
                )
                return
            time.sleep(0.05)

    def _see_off(self, child: Child, deadline: float) -> None:
        while not child.wait(0.1):
            if self._interruption.urgent or time.monotonic() > deadline:
                self._console.say(f"{child.role} has not stopped: killing it")
                child.kill()
                child.wait(1)
                return


def _embedded_servers(folder: DataFolder) -> list[Server]:
    servers: list[Server] = []
    if not os.environ.get("DATABASE_URL"):
        port, password = folder.port("postgres_port"), folder.secret("postgres_password")
        servers.append(Postgres(folder.path / "postgres", port, password))
        os.environ["DATABASE_URL"] = servers[-1].url
        # Its value is known here alone; no task may read it unless SECRETS says so.
        os.environ.setdefault("SECRET_DATABASE_URL", servers[-1].url)
    if not os.environ.get("CELERY_BROKER_URL"):
        port, password = folder.port("valkey_port"), folder.secret("valkey_password")
        servers.append(Valkey(folder.path / "valkey", port, password))
        os.environ["CELERY_BROKER_URL"] = servers[-1].url
    return servers


def _environment_for_children(folder: DataFolder) -> Environment:
    """Completes our own environment, which all children inherit, and has it checked."""
    own_hosts = os.environ.get("ALLOWED_HOSTS")
    own_key.fill(os.environ, folder)
    os.environ.update(
        {
            MARKER: str(folder.path),
            # We ask over loopback whether all is ready.
            "ALLOWED_HOSTS": ",".join([own_hosts, *LOCAL_HOSTS]) if own_hosts else "",
            **_mail(folder),
            "PYTHONUNBUFFERED": "1",
            # Celery's advice against root is for production, where ours does not run as root.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }
    )
    return read_environment()


def _mail(folder: DataFolder) -> dict[str, str]:
    """Unless a mail server is named, mail is kept in files."""
    if os.environ.get("EMAIL_URL"):
        return {}
    sender = os.environ.get("DEFAULT_FROM_EMAIL") or "punctual@localhost"
    return {"EMAIL_URL": (folder.path / "mail").as_uri(), "DEFAULT_FROM_EMAIL": sender}


def _check_ports(environment: Environment) -> None:
    ports = {
        "PORT": environment.PORT,
        **({"FLOWER_PORT": environment.FLOWER_PORT} if environment.FLOWER else {}),
    }
    if len(set(ports.values())) < len(ports):
        raise StackError(f"PORT and FLOWER_PORT are both {environment.PORT}: choose two ports")
    for name, port in ports.items():
        if obstacle := lasting_obstacle(name, port, environment.HOST, PORT_SECONDS):
            raise StackError(obstacle)


def _prepared(server: Server) -> Program:
    server.prepare()
    return server.program
