"""A process of ours says every two seconds that it is alive, and takes back tasks whose child process died."""

import logging
import os
import queue
import socket
import threading
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from tasks_api import transitions
from tasks_api.database import execute, fetch_all
from tasks_api.ids import new_id
from tasks_api.models import Role

BEAT_SECONDS = 2.0
FORGET_AFTER = "1 day"

logger = logging.getLogger(__name__)

BEAT_SQL = """
INSERT INTO worker_node (id, role, name) VALUES (%s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET beat_at = clock_timestamp()
"""


class Node:
    """This process, as the table knows it. Its thread has a database connection of its own."""

    def __init__(self, role: Role, name: str | None = None) -> None:
        self.id = new_id()
        self.role = role
        self.name = name or f"{role}@{socket.gethostname()}:{os.getpid()}"
        self._lost: queue.SimpleQueue[UUID | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="node", daemon=True)

    def start(self) -> None:
        """Begin to say that this process is alive."""
        self._thread.start()

    def stop(self) -> None:
        """Say that this process ended in order. Call it when nothing runs here any more."""
        self._lost.put(None)
        self._thread.join(timeout=5)

    def lost(self, task_id: UUID) -> None:
        """The process that ran this task is gone: take the task back at once."""
        self._lost.put(task_id)

    def _run(self) -> None:
        while True:
            try:
                execute(BEAT_SQL, [self.id, self.role.value, self.name])
                if self._rescue_until_next_beat():
                    execute("UPDATE worker_node SET stopped_at = clock_timestamp() WHERE id = %s", [self.id])
                    return
            except (OperationalError, InterfaceError) as error:
                logger.warning("cannot tell the database that this node is alive: %s", error)
                connection.close()
                threading.Event().wait(1)

    def _rescue_until_next_beat(self) -> bool:
        """True when it is time to stop."""
        try:
            task_id = self._lost.get(timeout=BEAT_SECONDS)
        except queue.Empty:
            return False
        if task_id is None:
            return True
        try:
            transitions.rescue_run(task_id, self.id)
        except (OperationalError, InterfaceError):
            self._lost.put(task_id)
            raise
        return False


class Presence(NamedTuple):
    """How many processes of a role are alive, and since when that is so (None: never was one)."""

    alive: int
    since: datetime | None


PRESENCE_SQL = """
SELECT role, alive, CASE WHEN alive > 0 THEN up ELSE down END FROM (
    SELECT role, count(*) FILTER (WHERE live) AS alive, min(started_at) FILTER (WHERE live) AS up,
           max(coalesce(stopped_at, beat_at)) AS down
      FROM (SELECT *, stopped_at IS NULL AND beat_at > clock_timestamp() - make_interval(secs => %s) AS live
              FROM worker_node) AS node
     GROUP BY role) AS summary
"""


def presence() -> dict[Role, Presence]:
    """For each role, what the table says of its processes."""
    found = {
        Role(role): Presence(alive, since)
        for role, alive, since in fetch_all(PRESENCE_SQL, [transitions.NODE_LEASE_SECONDS])
    }
    return {role: found.get(role, Presence(0, None)) for role in Role}


def forget_old_nodes() -> int:
    """Remove the rows of processes that ended long ago and left no task behind. How many."""
    return execute(
        "DELETE FROM worker_node WHERE beat_at < clock_timestamp() - %s::interval "
        "AND NOT EXISTS (SELECT FROM task WHERE node_id = worker_node.id AND status = 'STARTED')",
        [FORGET_AFTER],
    )
