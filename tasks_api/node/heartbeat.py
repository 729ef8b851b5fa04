"""A process of ours says every two seconds that it is alive, and does there what must not wait for its work."""

import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from typing import NamedTuple
from uuid import UUID

from django.db import Error, connection

from log_lines import event
from tasks_api import transitions
from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.ids import new_id
from tasks_api.isolation.interval import Interval
from tasks_api.models import SERVICE_ROLES, Role
from tasks_api.node.service_manager import NOBODY, ServiceManager
from tasks_api.postgres import NODE, is_stopped, limit_connection
from tasks_api.postgres.failed_statements import log_failure
from values.version import VERSION

BEAT_SECONDS = 2.0
PAUSE_SECONDS = 1.0

Duty = Callable[[], object]

logger = logging.getLogger(__name__)

# After a gap, for whatever reason, nobody is taken for dead until somebody has written for a whole lease.
BEAT_SQL = """
INSERT INTO worker_node (id, role, name, slots, version, time_zone_data)
VALUES (%(id)s, %(role)s, %(name)s, %(slots)s, %(version)s, %(time_zone_data)s)
    ON CONFLICT (id) DO UPDATE SET beat_at = statement_timestamp(), alive_since =
       CASE WHEN worker_node.beat_at < statement_timestamp() - make_interval(secs => %(gap)s)
            THEN statement_timestamp() ELSE worker_node.alive_since END,
       clock_offset_seconds = %(clock_offset)s, draining_since =
       coalesce(worker_node.draining_since, CASE WHEN %(stopping)s THEN statement_timestamp() END)
RETURNING draining_since IS NOT NULL, clock_timestamp()
"""
TIME_ZONE_DATA = metadata.version("tzdata")


class Node:
    """This process, as the table knows it. Its thread has a database connection of its own."""

    def __init__(
        self,
        role: Role,
        name: str | None = None,
        *,
        slots: int | None = None,
        manager: ServiceManager = NOBODY,
    ) -> None:
        self.id = new_id()
        self.role = role
        self._manager = manager
        self.slots = slots
        self.name = name or f"{role}@{socket.gethostname()}:{os.getpid()}"
        self._clock_offset: float | None = None
        self._stopped = False
        self._urgent: queue.SimpleQueue[Duty] = queue.SimpleQueue()
        self._duties: list[tuple[Interval, Duty]] = []
        self._thread = threading.Thread(target=self._run, name="node", daemon=True)
        self.every(BEAT_SECONDS, self._beat)

    def every(self, seconds: float, duty: Duty) -> None:
        """Let the thread do something regularly. What the database interrupts is done again."""
        self._duties.append((Interval(seconds), duty))

    def soon(self, duty: Duty) -> None:
        """Let the thread do something once, at once. What the database interrupts is done again."""
        self._urgent.put(duty)

    def start(self) -> None:
        """Begin to say that this process is alive."""
        self._thread.start()

    def tell_of_stop(self) -> None:
        """Let the service manager know that this process was asked to end. A handler of signals may call it."""
        self.soon(self._manager.stopping)

    def stop(self) -> None:
        """Say that this process ended in order. Call it when nothing runs here any more."""
        if self._thread.is_alive():
            self.soon(self._end)
            self._thread.join(timeout=5)

    def _run(self) -> None:
        limit_connection(NODE)
        while not self._stopped:
            # Whatever is away: that this thread goes on is what is watched.
            self._manager.alive()
            try:
                self._work()
            except Error as error:
                logger.warning(
                    "node %s cannot reach the database: %s", self.name, error, extra=event("database.away")
                )
                connection.close()
                threading.Event().wait(PAUSE_SECONDS)
            except Exception:
                # There is no other thread to say that this process is alive: it outlives whatever comes.
                logger.exception("node %s failed", self.name, extra=event("node.failed"))
                threading.Event().wait(PAUSE_SECONDS)

    def _work(self) -> None:
        for interval, duty in self._duties:
            if interval.has_come():
                _do(duty)
        try:
            duty = self._urgent.get(timeout=min(interval.seconds_left() for interval, _ in self._duties))
        except queue.Empty:
            return
        try:
            done = _do(duty)
        except Error:
            self._urgent.put(duty)
            raise
        if not done:
            threading.Timer(PAUSE_SECONDS, self._urgent.put, [duty]).start()

    @property
    def stopping(self) -> bool:
        """Whether this process was told to stop, and has still something to do."""
        return False

    def _asked_to_drain(self) -> None:
        """Somebody has written into the row that this process is to stop. Only workers are asked."""

    def _beat(self) -> None:
        said = {
            "id": self.id,
            "role": self.role.value,
            "name": self.name,
            "slots": self.slots,
            "version": VERSION,
            "time_zone_data": TIME_ZONE_DATA,
            "clock_offset": self._clock_offset,
            "gap": transitions.NODE_GAP_SECONDS,
            "stopping": self.stopping,
        }
        began = time.time()
        row = fetch_one(BEAT_SQL, said)
        self._manager.ready()
        if row is None:
            return
        is_asked, now = row
        self._clock_offset = (began + time.time()) / 2 - now.timestamp()
        if is_asked and not self.stopping:
            self._asked_to_drain()

    def _end(self) -> None:
        execute("UPDATE worker_node SET stopped_at = clock_timestamp() WHERE id = %s", [self.id])
        self._stopped = True


def _do(duty: Duty) -> bool:
    """A mistake in one duty must not end the thread, for then the whole node would pass for dead.

    False: it took too long, as where somebody has locked a row. The others go on.
    """
    began = time.monotonic()
    try:
        duty()
    except Error as error:
        if not is_stopped(error):
            raise
        seconds = time.monotonic() - began
        log_failure(logger, error, doing=f"the duty {_name(duty)}", seconds=seconds, then="trying again soon")
        return False
    except Exception:
        logger.exception("a node's duty failed", extra=event("duty.failed"))
    return True


def _name(duty: Duty) -> str:
    return getattr(duty, "__qualname__", None) or repr(duty)


TELL_FAILURE_SQL = """
UPDATE worker_node SET failure = %(failure)s::text,
       failing_since = CASE WHEN %(failure)s::text IS NOT NULL THEN coalesce(failing_since, clock_timestamp()) END
 WHERE id = %(id)s
"""


def tell_failure(node_id: UUID, failure: str | None) -> bool:
    """Let readiness tell that something fails in a process that is alive; None: nothing does any more.

    False: the process has not said yet that it is alive.
    """
    return execute(TELL_FAILURE_SQL, {"id": node_id, "failure": failure}) == 1


class Presence(NamedTuple):
    """How many processes of a role are alive, since when that is so (None: never was one), and what fails in them."""

    alive: int
    since: datetime | None
    failing_since: datetime | None = None
    failure: str | None = None
    """Of the one that has been failing for longest."""


PRESENCE_SQL = """
SELECT role, alive, CASE WHEN alive > 0 THEN up ELSE down END, failing_since, failure FROM (
    SELECT role, count(*) FILTER (WHERE live) AS alive, min(started_at) FILTER (WHERE live) AS up,
           max(coalesce(stopped_at, beat_at)) AS down, min(failing_since) FILTER (WHERE live) AS failing_since,
           (array_agg(failure ORDER BY failing_since) FILTER (WHERE live AND failure IS NOT NULL))[1] AS failure
      FROM (SELECT *, stopped_at IS NULL AND beat_at > clock_timestamp() - make_interval(secs => %s) AS live
              FROM worker_node) AS node
     GROUP BY role) AS summary
"""


def presence() -> dict[Role, Presence]:
    """For each role of the service, what the table says of its processes."""
    found = {
        Role(role): Presence(*present)
        for role, *present in fetch_all(PRESENCE_SQL, [transitions.NODE_LEASE_SECONDS])
    }
    return {role: found.get(role, Presence(0, None)) for role in SERVICE_ROLES}
