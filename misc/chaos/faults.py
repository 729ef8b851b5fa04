"""What is done to the service. Each fault strikes, and says by what one can tell that the service got over it."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from threading import Event
from typing import NamedTuple
from uuid import UUID

import psutil

from misc.chaos.evidence import Try
from misc.chaos.service import WORKERS, Service, happens, send
from tasks_api.transitions import NODE_LEASE_SECONDS

NOTICE_SECONDS = 30
BUSY = WORKERS // 2
SETTLE_SECONDS = 0.3
"""By then what a process said last before it was struck has reached the table."""
FROZEN_SECONDS = NODE_LEASE_SECONDS + 3
LATE_SECONDS = 10
"""By then a worker that was frozen has ended what it was at."""

Healed = Callable[[], bool]


class Scene:
    """Where faults strike, and whom they struck."""

    def __init__(self, service: Service, chance: Random, keep_busy: Callable[[int], object]) -> None:
        self.service = service
        self.chance = chance
        self.keep_busy = keep_busy
        self.victims: set[Try] = set()

    def a(self, role: str) -> int:
        """One of the processes of a role."""
        return self.chance.choice(sorted(self.service.pids(role)))

    def a_busy_worker(self) -> int:
        """A worker that runs several tasks just now."""
        self.keep_busy(2 * WORKERS)
        pid = self.a("worker")
        must(
            lambda: len(self.service.running_on(self.service.node(pid))) >= BUSY, "a worker has little to do"
        )
        return pid

    def struck(self, victims: Iterable[Try]) -> Healed:
        """Tries that will bring no result: healed when none of them passes for running any more."""
        found = set(victims)
        self.victims |= found
        statement = "SELECT id::text, attempt FROM task WHERE status = 'STARTED'"
        return lambda: not found & {Try(*row) for row in self.service.rows(statement)}


class Fault(NamedTuple):
    """A way to hurt the service."""

    name: str
    strike: Callable[[Scene], Healed]


def must(condition: Callable[[], object], otherwise: str) -> None:
    """Wait for what has to come true."""
    if not happens(condition, NOTICE_SECONDS):
        raise RuntimeError(otherwise)


def kill_worker(scene: Scene) -> Healed:
    """kill -9 of a worker's parent, in the middle of work."""
    service, pid = scene.service, scene.a_busy_worker()
    node = service.node(pid)
    send(pid, signal.SIGKILL, children=True)
    Event().wait(SETTLE_SECONDS)
    rescued = scene.struck(service.running_on(node))
    return lambda: rescued() and service.is_complete("worker")


def kill_child(scene: Scene) -> Healed:
    """kill -9 of one process of a worker, in the middle of work. Stopped first, so that it cannot end meanwhile."""
    service, pid = scene.service, scene.a_busy_worker()
    node = service.node(pid)
    must(lambda: any(_victims(service, child, node) for child in _children(pid)), "no child works")
    child = next(child for child in _children(pid) if _victims(service, child, node))
    send(child, signal.SIGSTOP)
    Event().wait(SETTLE_SECONDS)
    victims = _victims(service, child, node)
    send(child, signal.SIGKILL)
    return scene.struck(victims)


def freeze_worker(scene: Scene) -> Healed:
    """A worker stands still for longer than its lease, then goes on as if nothing had been."""
    service, pid = scene.service, scene.a_busy_worker()
    node = service.node(pid)
    send(pid, signal.SIGSTOP, children=True)
    thaws_at = time.monotonic() + FROZEN_SECONDS
    Event().wait(SETTLE_SECONDS)
    rescued = scene.struck(service.running_on(node))
    refused, thawed = service.refused(), Event()

    def healed() -> bool:
        if not thawed.is_set() and time.monotonic() > thaws_at and rescued():
            send(pid, signal.SIGCONT, children=True)
            thawed.set()
        late = time.monotonic() > thaws_at + LATE_SECONDS or service.refused() > refused
        return thawed.is_set() and late and service.is_complete("worker")

    return healed


def stop_worker(scene: Scene) -> Healed:
    """SIGTERM to a worker: it ends in order."""
    service, pid = scene.service, scene.a_busy_worker()
    send(pid, signal.SIGTERM)
    return lambda: pid not in service.pids("worker") and service.is_complete("worker")


def kill_one(role: str, scene: Scene) -> Healed:
    """kill -9 of one of two processes that do the same."""
    pid = scene.a(role)
    send(pid, signal.SIGKILL)
    return lambda: pid not in scene.service.pids(role) and scene.service.is_complete(role)


def kill_both(role: str, scene: Scene) -> Healed:
    """kill -9 of all that do the same."""
    pids = set(scene.service.pids(role))
    for pid in pids:
        send(pid, signal.SIGKILL)
    return lambda: not pids & set(scene.service.pids(role)) and scene.service.is_complete(role)


def flush_broker(scene: Scene) -> Healed:
    """FLUSHALL."""
    with scene.service.stack.broker() as broker:
        broker.flushall()
    return scene.service.broker_is_watched


def kill_broker(scene: Scene) -> Healed:
    """kill -9 of the broker, which keeps nothing."""
    stack = scene.service.stack
    former = stack.kill("valkey")
    return lambda: stack.restarted("valkey", former) and scene.service.broker_is_watched() and stack.ready()


def cut_broker(scene: Scene) -> Healed:
    """Every connection to the broker is closed."""
    with scene.service.stack.broker() as broker:
        cut = broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    if not cut:
        raise RuntimeError("nobody was connected to the broker")
    return scene.service.stack.ready


def restart_database(number: signal.Signals, scene: Scene) -> Healed:
    """Postgres stops, by SIGINT fast, by SIGQUIT as in a crash, and is started again."""
    stack, began = scene.service.stack, _database_start(scene.service)
    former = stack.pid("postgres")
    os.kill(former, number)
    return lambda: (
        stack.restarted("postgres", former) and _database_start(scene.service) != began and stack.ready()
    )


def cut_database(scene: Scene) -> Healed:
    """Every connection to the database is ended."""
    cut = scene.service.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    if not cut:
        raise RuntimeError("nobody was connected to the database")
    return scene.service.stack.ready


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def _victims(service: Service, child: int, node: UUID | None) -> set[Try]:
    # What runs is asked first: while the long ledger is read, a short task ends.
    return service.running_on(node) & service.begun_by(child)


def _database_start(service: Service) -> object:
    return service.rows("SELECT pg_postmaster_start_time()")[0][0]


FAULTS = (
    Fault("kill -9 a worker", kill_worker),
    Fault("kill -9 a worker's child", kill_child),
    Fault("freeze a worker past its lease", freeze_worker),
    Fault("stop a worker in order", stop_worker),
    Fault("kill -9 a sweeper", partial(kill_one, "sweeper")),
    Fault("kill -9 a beat", partial(kill_one, "beat")),
    Fault("kill -9 both sweepers", partial(kill_both, "sweeper")),
    Fault("kill -9 both beats", partial(kill_both, "beat")),
    Fault("FLUSHALL", flush_broker),
    Fault("kill -9 the broker", kill_broker),
    Fault("cut all broker connections", cut_broker),
    Fault("restart Postgres, fast", partial(restart_database, signal.SIGINT)),
    Fault("restart Postgres, immediate", partial(restart_database, signal.SIGQUIT)),
    Fault("cut all database connections", cut_database),
)
ONE_OF_TWO = ("kill -9 a sweeper", "kill -9 a beat")
FEWER = tuple(fault for fault in FAULTS if fault.name not in ONE_OF_TWO)
"""For the short form: where both are killed, one need not be killed besides."""
