"""Catches a worker while it hands tasks over: they are marked as sent, and not all of their messages are."""

import signal
import time
from contextlib import closing

import psutil
import psycopg2

from misc.chaos.scene import NOTICE_SECONDS, Scene
from misc.chaos.service import send
from tasks_api.transitions.backlog import TAKE_NEXT

MARKING = TAKE_NEXT.sql.strip().partition("%")[0]
"""How the statement begins that marks tasks as sent. It is the last one of a connection until all are published."""
CAUGHT_SQL = (
    "SELECT client_port FROM pg_stat_activity WHERE client_port = ANY(%s) AND position(%s IN query) > 0"
)


LOOKS = 100
"""With the same ports, since finding them takes as long as a release."""


def caught(scene: Scene) -> int:
    """A worker whose parent stands still in the middle of it."""
    deadline = time.monotonic() + NOTICE_SECONDS
    with closing(scene.service.stack.connect()) as connection, connection.cursor() as cursor:
        while time.monotonic() < deadline:
            scene.fill_backlog()
            ports = _ports(scene.left("worker"))
            for _ in range(LOOKS):
                for port in _marking(cursor, list(ports)):
                    send(ports[port], signal.SIGSTOP)
                    if _marking(cursor, [port]):
                        scene.hit(ports[port])
                        return ports[port]
                    send(ports[port], signal.SIGCONT)
    raise RuntimeError("no worker was caught while it released tasks")


def _marking(cursor: "psycopg2.extensions.cursor", ports: list[int]) -> list[int]:
    cursor.execute(CAUGHT_SQL, [ports, MARKING])
    return [port for (port,) in cursor.fetchall()]


def _ports(pids: set[int]) -> dict[int, int]:
    """Of which worker's parent a connection to the database is."""
    return {each.laddr.port: pid for pid in pids for each in psutil.Process(pid).net_connections("tcp")}
