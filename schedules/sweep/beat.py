"""The beat: says when to sweep, and nothing else. It keeps no file and no schedule, so any number may run."""

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from celery.beat import Scheduler
from django.db import InterfaceError, OperationalError, connection

from log_lines import event
from schedules.sweep.signs import is_any_seen
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import SWEEP_QUEUE, sweep_message
from tasks_api.database import fetch_one
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.refusals import kind
from tasks_api.models import Role
from tasks_api.node.heartbeat import Node, tell_failure
from tasks_api.node.service_manager import ServiceManager
from tasks_api.node.termination import is_asked
from tasks_api.postgres import BEAT, is_stopped, limit_process
from tasks_api.postgres.failed_statements import log_failure

LOOK_SECONDS = 0.05
"""How often to look for what has just been created and is due before the next that is known."""
SIGNS_SECONDS = 0.95
"""How often to look whether a sweep has anything to do although nothing new is due: to rescue, expire, send again.

It is how long the database waits, too: less than what usually counts as a slow statement."""
ANNOUNCE_SECONDS = 5.0
"""How often to sweep although there is no sign that anything is to be done: old rows are deleted then."""
PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)

# Index probes, again and again, whatever the number of schedules and tasks. What was announced is not waited for again.
# To ask from here for each costs three times as much.
WAIT_SQL = "CALL wait_until_due(%(announced)s, %(wait)s, %(look)s, NULL, NULL)"


class Beat:
    """One beat: each `tick` waits for what is due next and announces it."""

    def __init__(self, announce: Callable[[], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._announce = announce
        self._clock = clock
        self._announced = datetime(1970, 1, 1, tzinfo=UTC)
        self._next_signs = 0.0
        self._next_announcement = 0.0
        self._looking = Duty("looking for signs of work")

    def tick(self) -> None:
        """Wait until something is due, but not for long. Raises what the database or the broker raise."""
        due, now = _wait(self._announced, min(SIGNS_SECONDS, max(0.0, self._next_signs - self._clock())))
        if (due is not None and due <= now) or self._is_time():
            self._announce()
            self._announced = now
            self._next_announcement = self._clock() + ANNOUNCE_SECONDS
            self._next_signs = self._clock() + SIGNS_SECONDS

    @property
    def failure(self) -> str | None:
        """What fails, in words that anybody may read; None: nothing does."""
        return self._looking.failure

    def _is_time(self) -> bool:
        """Whether to sweep although nothing new is due. If signs cannot be looked for, it is as if there were some."""
        if self._clock() < self._next_signs:
            return False
        if self._clock() >= self._next_announcement or self._looking.run(is_any_seen, True):
            return True
        self._next_signs = self._clock() + SIGNS_SECONDS
        return False


def _wait(announced: datetime, seconds: float) -> tuple[datetime | None, datetime]:
    """When the next is due that was not announced, and what time it is."""
    row = fetch_one(WAIT_SQL, {"announced": announced, "wait": seconds, "look": LOOK_SECONDS})
    assert row is not None  # noqa: S101 (a call with INOUT parameters always answers with one row)
    return row[0], row[1]


class DueScheduler(Scheduler):  # type: ignore[misc]
    """Celery's way to our beat: `celery beat -S schedules.sweep.beat:DueScheduler`."""

    def setup_schedule(self) -> None:
        """Nothing is read and nothing is written: the database has the schedules."""
        limit_process(BEAT)
        self._broker = Broker()
        self._beat = Beat(self._send_sweep)
        self._told: str | None = None
        self._node = Node(Role.BEAT, manager=ServiceManager.of(os.environ))
        self._node.start()

    def tick(self, *_: Any, **__: Any) -> float:
        """Seconds until the next tick. Survives whatever is away. Ends the beat if that was asked for."""
        if is_asked():
            self._node.tell_of_stop()
            raise SystemExit
        began = time.monotonic()
        try:
            self._beat.tick()
        except BrokerAway as error:
            logger.warning(
                "cannot announce a sweep, the broker is away: %s", error, extra=event("broker.away")
            )
        except (OperationalError, InterfaceError) as error:
            seconds = time.monotonic() - began
            log_failure(
                logger, error, doing="looking for what is due", seconds=seconds, then="trying again soon"
            )
            connection.close()
            if is_stopped(error):
                self._tell(f"looking for what is due: {kind(error)}")
        else:
            self._tell(self._beat.failure)
            return 0.0
        return PAUSE_SECONDS

    def _tell(self, failure: str | None) -> None:
        """Let readiness know that nobody is asked to sweep, once for each change; None: all is well."""
        if failure != self._told:
            self._told = failure
            self._node.soon(partial(tell_failure, self._node.id, failure))

    def close(self) -> None:
        """Says that this beat ended in order."""
        self._node.stop()
        self._broker.close()

    def _send_sweep(self) -> None:
        body, headers = sweep_message(str(uuid4()), datetime.now(UTC))
        self._broker.send(SWEEP_QUEUE, body, headers)
