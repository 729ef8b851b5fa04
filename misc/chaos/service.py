"""The service under attack: a whole stack, and beside it a second worker, sweeper and beat."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import httpx
import psutil
import psycopg2
import psycopg2.extras
import redis
from amqp.exceptions import AMQPError

from config.stack.child import Child
from config.stack.console import Console
from config.stack.processes import MARKER, await_end
from config.stack.programs import Program
from misc.chaos import ledger
from misc.chaos.brokers import Broker, running_broker
from misc.chaos.evidence import Try
from testing.stack import PROJECT, Stack, running_stack

DOUBLED = ("worker", "sweeper", "beat")
GIVEN = ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY")
LOOK_SECONDS = 0.05
STOP_SECONDS = 25
ALIVE_SECONDS = 5
WORKERS = 4
REFUSAL = "is not ours any more, its outcome is void"

AWAY = (
    *(psycopg2.Error, redis.RedisError, AMQPError, httpx.HTTPError),
    *(psutil.Error, subprocess.SubprocessError, OSError, KeyError),
)
"""What one meets while a part is away, or starts again."""

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]


class Service:
    """What can be asked of the service, and of its parts, from outside."""

    def __init__(
        self, stack: Stack, broker: Broker, second: dict[str, Child], ledger_path: Path, log: Path
    ) -> None:
        self.stack = stack
        self.broker = broker
        self.ledger_path = ledger_path
        self._second = second
        self._log = log

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask its database."""
        return self.stack.psql(statement, parameters)

    def pids(self, role: str) -> list[int]:
        """The processes of a role that run just now."""
        second = self._second[role].pid
        first = [self.stack.pid(role)] if f"{role.upper()}_PID" in self.stack.env else []
        return first + ([second] if second else [])

    def node(self, pid: int) -> UUID | None:
        """How the service knows a process, if it does."""
        rows = self.rows("SELECT id FROM worker_node WHERE name LIKE %s", [_node_name(pid)])
        return rows[0][0] if rows else None

    def is_complete(self, role: str) -> bool:
        """Whether both processes of a role run and say so."""
        alive = (
            "SELECT EXISTS (SELECT FROM worker_node WHERE name LIKE %s "
            "AND beat_at > clock_timestamp() - make_interval(secs => %s))"
        )
        pids = self.pids(role)
        return len(pids) == 2 and all(
            self.rows(alive, [_node_name(pid), ALIVE_SECONDS])[0][0] for pid in pids
        )

    def running_on(self, node: UUID | None) -> set[Try]:
        """The attempts that the table says run on a node."""
        statement = "SELECT id::text, attempt FROM task WHERE status = 'STARTED' AND node_id = %s"
        return {Try(*row) for row in self.rows(statement, [node])}

    def begun_by(self, pid: int) -> set[Try]:
        """The attempts that a process has begun."""
        lines = ledger.read(self.ledger_path)
        return {Try(line.task_id, line.attempt) for line in lines if line.pid == pid}

    def broker_is_watched(self) -> bool:
        """Whether the message is in the broker that stands for all others: somebody has noticed that it was gone."""
        return self.broker.is_watched(self.stack)

    def waiting(self) -> int:
        """How many tasks wait in Postgres for room in the broker."""
        return int(self.rows("SELECT count(*) FROM task WHERE dispatch_at = '-infinity'")[0][0])

    def window(self, priority: int) -> int:
        """How many messages of a priority the broker may hold just now."""
        return int(self.rows("SELECT size FROM dispatch_window WHERE priority = %s", [priority])[0][0])

    def is_open(self) -> bool:
        """Whether tasks of each priority pass to the broker as they come."""
        return self.rows("SELECT bool_and(is_open) FROM dispatch_gate") == [(True,)]

    def is_sealed(self) -> bool:
        """Whether all events of the audit log have their places."""
        return self.rows("SELECT count(*) FROM audit_unsealed") == [(0,)]

    def refused(self) -> int:
        """How many results came too late, from processes that were taken for dead, and were not taken."""
        return (self.stack.logs() + self._log.read_text()).count(REFUSAL)

    def is_quiet(self) -> bool:
        """Whether all tasks are final and all schedules complete."""
        statement = (
            "SELECT NOT EXISTS (SELECT FROM task WHERE finished_at IS NULL) "
            "AND NOT EXISTS (SELECT FROM task_schedule WHERE status = 'active')"
        )
        return bool(self.rows(statement)[0][0])


@contextmanager
def running_service(folder: Path, broker_name: str) -> Iterator[Service]:
    """The service, complete, until the context ends."""
    with running_broker(broker_name, folder) as broker, _running_service(folder, broker) as service:
        yield service


@contextmanager
def _running_service(folder: Path, broker: Broker) -> Iterator[Service]:
    ledger_path, log_path = folder / "ledger", folder / "second.log"
    own = {"APPS": "misc.chaos", ledger.VARIABLE: str(ledger_path)}
    shared = {**own, "WORKERS": str(WORKERS), "FLOWER": "0"}
    with running_stack(folder, **shared, **broker.environment) as stack, log_path.open("w") as log:
        given = {name: stack.env[name] for name in GIVEN}
        environment = {**shared, **given, MARKER: str(stack.data_folder), "DEVELOPMENT": ""}
        second = {role: _child(role, environment, Console(log)) for role in DOUBLED}
        try:
            yield _complete(Service(stack, broker, second, ledger_path, log_path))
        finally:
            _stop(second)


def happens(condition: Callable[[], object], seconds: float) -> bool:
    """Whether something comes true in time. While it cannot be told, it is not."""
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        if time.monotonic() > deadline:
            return False
        Event().wait(LOOK_SECONDS)
    return True


def send(pid: int, number: signal.Signals, *, children: bool = False) -> None:
    """Signal a process, and if it is said its children."""
    parent = psutil.Process(pid)
    processes = [*(parent.children(recursive=True) if children else []), parent]
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    if number == signal.SIGKILL and await_end(processes, 10):
        raise RuntimeError(f"{pid} survived")


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except AWAY:
        return False


def _child(role: str, environment: dict[str, str], console: Console) -> Child:
    program = partial(
        Program,
        role,
        [sys.executable, "manage.py", "start", role],
        folder=PROJECT,
        environment=environment,
    )
    child = Child(role, program, console, lambda: None)
    child.start()
    return child


def _complete(service: Service) -> Service:
    if not happens(lambda: all(map(service.is_complete, DOUBLED)), 90):
        raise RuntimeError("the second worker, sweeper and beat do not start")
    return service


def _stop(children: dict[str, Child]) -> None:
    for child in children.values():
        child.stop()
    for child in children.values():
        if not child.wait(STOP_SECONDS):
            child.kill()


def _node_name(pid: int) -> str:
    """As a pattern for LIKE."""
    arguments = psutil.Process(pid).cmdline()
    if "-n" in arguments:
        return arguments[arguments.index("-n") + 1].replace("%h", "%")
    return f"beat@{socket.gethostname()}:{pid}"
