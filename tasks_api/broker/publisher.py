"""Publishing without making anybody wait: a request hands its messages over and answers.

Messages of requests that come at the same time go out as one batch, in the order in which they were handed over.
What cannot be published is dropped here and sent by the sweep, because the row still waits.
"""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Iterable
from time import monotonic, sleep

from log_lines import event
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import Message
from tasks_api.threads import kept_running

PAUSE_SECONDS = 1.0
"""After a failure, for how long messages are left to the sweep at once."""
GATHER_SECONDS = 0.005
"""From one batch to the next at least. A message that comes later than that goes at once. Of many that come one after
the other, each costs a third of that when four go together."""
MOST_QUEUED = 100_000
MOST_AT_ONCE = 1_000
LAST_CHANCE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Publisher:
    """A thread with a queue, started by the first message."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, as a forked child must: no thread lives on in it, and the messages are its parent's."""
        self._broker = Broker()
        self._queue: deque[Message] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._away_until = 0.0
        self._next_at = 0.0
        self._busy = False

    def send(self, messages: Iterable[Message]) -> None:
        """Publish `messages` soon. Never waits, never raises."""
        with self._changed:
            if monotonic() < self._away_until or len(self._queue) >= MOST_QUEUED:
                return
            try:
                self._thread = kept_running(self._thread, self._run, "publisher")
            except RuntimeError as error:
                logger.warning(
                    "no thread to publish, the sweep will hand over what waits: %s",
                    error,
                    extra=event("tasks.not_sent"),
                )
                return
            self._queue.extend(messages)
            self._changed.notify_all()

    def drain(self, timeout: float = LAST_CHANCE_SECONDS) -> bool:
        """Wait until everything handed over so far was published or dropped. False: not within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, timeout)

    def _run(self) -> None:
        while True:
            try:
                self._broker.publish(self._take())
            except BrokerAway as error:
                logger.warning(
                    "the broker is away, the sweep will hand over what waits: %s",
                    error,
                    extra=event("tasks.not_sent"),
                )
                self._give_up()
            except Exception:
                # There is no other thread to publish: it outlives whatever comes.
                logger.exception(
                    "cannot publish, the sweep will hand over what waits", extra=event("tasks.not_sent")
                )
                self._give_up()
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _take(self) -> list[Message]:
        left = self._next_at - monotonic()
        if left > 0:
            sleep(left)
        with self._changed:
            self._changed.wait_for(lambda: self._queue)
            self._busy = True
            self._next_at = monotonic() + GATHER_SECONDS
            return [self._queue.popleft() for _ in range(min(len(self._queue), MOST_AT_ONCE))]

    def _give_up(self) -> None:
        with self._changed:
            self._queue.clear()
            self._away_until = monotonic() + PAUSE_SECONDS


publisher = Publisher()
atexit.register(publisher.drain)
os.register_at_fork(after_in_child=publisher.reset)
