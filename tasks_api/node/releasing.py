"""A worker asks for more tasks before its children have begun all that are there. It does not wait for a sweep."""

import logging
import threading
import time

from django.db import Error, connection

from log_lines import event
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.isolation.duties import Duty
from tasks_api.postgres import NODE, limit_connection
from tasks_api.release import Released, release
from tasks_api.window import IDLE

LOOK_SECONDS = 1.0
"""How long ago the last look must be for one start to be reason enough for another."""
PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Releasing:
    """The thread that does it, with a database connection of its own: a broker that is slow must not keep the node from
    saying that it is alive."""

    def __init__(self) -> None:
        self._duty = Duty("handing over what waits for room")
        self._broker = Broker()
        self._next_look = IDLE // 2
        self._looked_at = 0.0
        self._begun = 0
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="releasing", daemon=True)

    def start(self) -> None:
        """Begin to look when it is time."""
        self._thread.start()

    def task_begun(self) -> None:
        """A child has begun a task: is it time to look again? Costs next to nothing, and never waits."""
        self._begun += 1
        if self._begun >= self._next_look or time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._wanted.set()

    def _run(self) -> None:
        limit_connection(NODE)
        again: float | None = None
        while True:
            self._wanted.wait(again)
            self._wanted.clear()
            self._begun, self._looked_at = 0, time.monotonic()
            try:
                released = self._duty.run(
                    lambda: release(self._broker, self._duty), None, passes=(BrokerAway,)
                )
            except BrokerAway as error:
                logger.warning(
                    "the broker is away, what waits is handed over later: %s",
                    error,
                    extra=event("tasks.not_sent"),
                )
                time.sleep(PAUSE_SECONDS)
            except Error:
                # The node's thread says so. The sweep hands over what waits.
                connection.close()
                time.sleep(PAUSE_SECONDS)
            else:
                again = self._plan(released)

    def _plan(self, released: Released | None) -> float | None:
        """When to look again although nothing is begun: while something waits, for others may be about it and fail."""
        if released is None:
            return None
        self._next_look = released.next_look
        return None if released.is_done else LOOK_SECONDS
