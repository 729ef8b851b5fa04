"""What is done to the service. Each fault strikes, and says by what one can tell that the service got over it.

Another may have struck a moment before, so what cannot be done just then is tried until it can.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event
from uuid import UUID

import psutil

from misc.chaos.evidence import Try
from misc.chaos.releasing import caught
from misc.chaos.scene import Fault, Healed, Scene, must
from misc.chaos.service import Service, send
from tasks_api.transitions import NODE_LEASE_SECONDS

SETTLE_SECONDS = 0.3
"""By then what a process said last before it was struck has reached the table."""
FROZEN_SECONDS = NODE_LEASE_SECONDS + 3
LATE_SECONDS = 10
"""By then a worker that was frozen has ended what it was at."""
REFUSING_SECONDS = 12
"""Longer than the service waits for an answer of RabbitMQ."""

Chosen = Callable[[Scene], int]


def a_worker(scene: Scene) -> int:
    """One that runs several tasks just now."""
    return scene.a("worker")


def kill_worker(choose: Chosen, scene: Scene) -> Healed:
    """kill -9 of a worker's parent, in the middle of work."""
    service, pid = scene.service, choose(scene)
    node = _node(service, pid)
    send(pid, signal.SIGKILL, children=True)
    Event().wait(SETTLE_SECONDS)
    rescued = scene.struck(_running_on(service, node))
    return lambda: rescued() and service.is_complete("worker")


def kill_child(scene: Scene) -> Healed:
    """kill -9 of one process of a worker, in the middle of work. Stopped first, so that it cannot end meanwhile."""
    service, pid = scene.service, scene.a("worker")
    node = _node(service, pid)
    # What there was may have been done while the service got over what had struck before.
    scene.add_work()
    child = must(lambda: _working(service, pid, node), "no child works")[0]
    send(child, signal.SIGSTOP)
    Event().wait(SETTLE_SECONDS)
    victims = must(lambda: [_victims(service, child, node)], "nobody knows what it worked at")[0]
    send(child, signal.SIGKILL)
    return scene.struck(victims)


def freeze_worker(choose: Chosen, scene: Scene) -> Healed:
    """A worker stands still for longer than its lease, then goes on as if nothing had been."""
    service, pid = scene.service, choose(scene)
    node = _node(service, pid)
    send(pid, signal.SIGSTOP, children=True)
    thaws_at = time.monotonic() + FROZEN_SECONDS
    Event().wait(SETTLE_SECONDS)
    rescued = scene.struck(_running_on(service, node))
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
    service, pid = scene.service, scene.a("worker")
    send(pid, signal.SIGTERM)
    return lambda: pid not in service.pids("worker") and service.is_complete("worker")


def kill_one(role: str, scene: Scene) -> Healed:
    """kill -9 of one of two processes that do the same."""
    pid = scene.a(role)
    send(pid, signal.SIGKILL)
    return lambda: pid not in scene.service.pids(role) and scene.service.is_complete(role)


def kill_both(role: str, scene: Scene) -> Healed:
    """kill -9 of all that do the same."""
    pids = set(scene.both(role))
    for pid in pids:
        send(pid, signal.SIGKILL)
    return lambda: not pids & set(scene.service.pids(role)) and scene.service.is_complete(role)


def freeze_both(role: str, scene: Scene) -> Healed:
    """All that do the same stand still for longer than their lease, unless somebody kills them, and go on."""
    pids, thaws_at, thawed = scene.both(role), time.monotonic() + FROZEN_SECONDS, Event()
    for pid in pids:
        send(pid, signal.SIGSTOP, children=True)

    def healed() -> bool:
        if time.monotonic() > thaws_at and not thawed.is_set():
            for pid in pids:
                with suppress(psutil.NoSuchProcess):
                    send(pid, signal.SIGCONT, children=True)
            thawed.set()
        return thawed.is_set() and scene.service.is_complete(role)

    return healed


def flush_broker(scene: Scene) -> Healed:
    """FLUSHALL, or all queues deleted."""
    service = scene.service
    must(lambda: service.broker.empty(service.stack), "the broker cannot be emptied")
    return service.broker_is_watched


def kill_broker(scene: Scene) -> Healed:
    """kill -9 of the broker."""
    service = scene.service
    runs_again = must(lambda: service.broker.end(service.stack), "there is no broker to kill")
    return lambda: runs_again() and service.broker_is_watched() and service.stack.ready()


def cut_broker(scene: Scene) -> Healed:
    """Every connection to the broker is closed."""
    service = scene.service
    must(lambda: service.broker.cut(service.stack), "nobody was connected to the broker")
    return service.stack.ready


def fill_broker(scene: Scene) -> Healed:
    """The broker is out of memory for a while, and refuses what would need some."""
    service, accepts = scene.service, Event()
    must(lambda: service.broker.refuse_writes(service.stack), "the broker goes on accepting")
    ends_at = time.monotonic() + REFUSING_SECONDS

    def healed() -> bool:
        if time.monotonic() > ends_at and not accepts.is_set():
            service.broker.accept_writes(service.stack)
            accepts.set()
        return accepts.is_set() and service.broker_is_watched() and service.stack.ready()

    return healed


def restart_database(number: signal.Signals, scene: Scene) -> Healed:
    """Postgres stops, by SIGINT fast, by SIGQUIT as in a crash, and is started again."""
    stack = scene.service.stack
    former = must(lambda: _signalled(stack.pid("postgres"), number), "there is no Postgres to stop")
    return lambda: stack.restarted("postgres", former) and stack.ready()


def cut_database(scene: Scene) -> Healed:
    """Every connection to the database is ended."""
    statement = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    must(lambda: scene.service.rows(statement), "nobody was connected to the database")
    return scene.service.stack.ready


def _signalled(pid: int, number: signal.Signals) -> int:
    os.kill(pid, number)
    return pid


def _node(service: Service, pid: int) -> UUID | None:
    """None: it has not said yet that it is there."""
    return must(lambda: [service.node(pid)], "the database does not answer")[0]


def _running_on(service: Service, node: UUID | None) -> set[Try]:
    return must(lambda: [service.running_on(node)], "the database does not answer")[0]


def _working(service: Service, pid: int, node: UUID | None) -> list[int]:
    return [child for child in _children(pid) if _victims(service, child, node)]


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def _victims(service: Service, child: int, node: UUID | None) -> set[Try]:
    # What runs is asked first: while the long ledger is read, a short task ends.
    return service.running_on(node) & service.begun_by(child)


BUSY, DEEP = Scene.keep_busy, Scene.fill_backlog

FAULTS = (
    Fault("kill -9 a worker", partial(kill_worker, a_worker), BUSY),
    Fault("kill -9 a worker that releases", partial(kill_worker, caught), DEEP, is_first=True),
    Fault("kill -9 a worker's child", kill_child, BUSY),
    Fault("freeze a worker past its lease", partial(freeze_worker, a_worker), BUSY),
    Fault("freeze a worker that releases", partial(freeze_worker, caught), DEEP, is_first=True),
    Fault("stop a worker in order", stop_worker, BUSY),
    Fault("kill -9 a sweeper", partial(kill_one, "sweeper")),
    Fault("kill -9 a beat", partial(kill_one, "beat")),
    Fault("kill -9 both sweepers", partial(kill_both, "sweeper")),
    Fault("kill -9 both beats", partial(kill_both, "beat")),
    Fault("freeze both sweepers", partial(freeze_both, "sweeper"), DEEP),
    Fault("empty the broker", flush_broker, DEEP),
    Fault("kill -9 the broker", kill_broker, DEEP),
    Fault("cut all broker connections", cut_broker),
    Fault("broker out of memory", fill_broker, DEEP),
    Fault("restart Postgres, fast", partial(restart_database, signal.SIGINT)),
    Fault("restart Postgres, immediate", partial(restart_database, signal.SIGQUIT)),
    Fault("cut all database connections", cut_database),
)
ONE_OF_TWO = ("kill -9 a sweeper", "kill -9 a beat")
FEWER = tuple(fault for fault in FAULTS if fault.name not in ONE_OF_TWO)
"""For the short form: where both are killed, one need not be killed besides."""
