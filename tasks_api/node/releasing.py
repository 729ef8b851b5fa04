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
SHORTEST_PAUSE_SECONDS = 0.05
"""Where somebody else is about a window or its gate cannot be opened, tasks may come when nothing is begun any more. So
this looks again and again, less often the longer that is in vain."""
END_SECONDS = 2.0

NOTHING_LEFT = Released(0, IDLE // 2)

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
        self._pause: float | None = None
        self._stopped = False
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="releasing", daemon=True)

    def start(self) -> None:
        """Begin to look when it is time."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for what was begun: windows that are held would stay so for seconds."""
        self._stopped = True
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)

    def task_begun(self) -> None:
        """A child has begun a task: is it time to look again? Costs next to nothing, and never waits."""
        self._begun += 1
        if self._begun >= self._next_look or time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._wanted.set()

    def _run(self) -> None:
        limit_connection(NODE)
        while True:
            self._wanted.wait(self._pause)
            if self._stopped:
                break
            self._wanted.clear()
            self._look()

    def _look(self) -> None:
        self._begun, self._looked_at = 0, time.monotonic()
        try:
            released = self._duty.run(
                lambda: release(self._broker, self._duty), NOTHING_LEFT, passes=(BrokerAway,)
            )
        except BrokerAway as error:
            logger.warning(
                "the broker is away, what waits is handed over later: %s",
                error,
                extra=event("tasks.not_sent"),
            )
            self._pause = PAUSE_SECONDS
        except Error:
            # The node's thread says so. The sweep hands over what waits.
            connection.close()
            self._pause = PAUSE_SECONDS
        else:
            self._next_look = released.next_look
            self._pause = self._pause_after(released)

    def _pause_after(self, released: Released) -> float | None:
        """How long to wait for a task to be begun; None: nothing waits."""
        if released.is_done:
            return None
        if released.is_full:
            return PAUSE_SECONDS
        if released.count or self._pause is None:
            return SHORTEST_PAUSE_SECONDS
        return min(2 * self._pause, PAUSE_SECONDS)
