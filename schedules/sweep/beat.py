"""The beat: says when to sweep, and nothing else. It keeps no file and no schedule, so any number may run."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from celery.beat import Scheduler
from django.db import InterfaceError, OperationalError, connection

from log_lines import event
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import SWEEP_QUEUE, sweep_message
from tasks_api.database import fetch_one
from tasks_api.isolation.refusals import kind
from tasks_api.models import Role
from tasks_api.node.heartbeat import Node, tell_failure
from tasks_api.node.termination import is_asked
from tasks_api.postgres import BEAT, is_stopped, limit_process
from tasks_api.postgres.failed_statements import log_failure

LOOK_SECONDS = 0.05
"""How often to look for what has just been created and is due before the next that is known."""
ANNOUNCE_SECONDS = 1.0
"""How often to sweep although nothing new is due: rescue, expiry and lost messages are found by sweeping."""
PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)

# Two index probes, whatever the number of schedules and tasks. What was announced is not announced again.
NEXT_DUE_SQL = """
SELECT least((SELECT min(sweep_at) FROM task_schedule WHERE sweep_at > %(announced)s),
             (SELECT min(dispatch_at) FROM task WHERE dispatch_at > %(announced)s)),
       clock_timestamp()
"""


class Beat:
    """One beat: `tick` announces what is due and says how long it may sleep."""

    def __init__(self, announce: Callable[[], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._announce = announce
        self._clock = clock
        self._announced = datetime(1970, 1, 1, tzinfo=UTC)
        self._next_announcement = 0.0

    def tick(self) -> float:
        """Seconds until the next tick. Raises what the database or the broker raise."""
        due, now = _next_due(self._announced)
        if (due is not None and due <= now) or self._clock() >= self._next_announcement:
            self._announce()
            self._announced = now
            self._next_announcement = self._clock() + ANNOUNCE_SECONDS
        if due is None or due <= now:
            return LOOK_SECONDS
        return min(LOOK_SECONDS, (due - now) / timedelta(seconds=1))


def _next_due(announced: datetime) -> tuple[datetime | None, datetime]:
    row = fetch_one(NEXT_DUE_SQL, {"announced": announced})
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    return row[0], row[1]


class DueScheduler(Scheduler):  # type: ignore[misc]
    """Celery's way to our beat: `celery beat -S schedules.sweep.beat:DueScheduler`."""

    def setup_schedule(self) -> None:
        """Nothing is read and nothing is written: the database has the schedules."""
        limit_process(BEAT)
        self._broker = Broker()
        self._beat = Beat(self._send_sweep)
        self._told: str | None = None
        self._node = Node(Role.BEAT)
        self._node.start()

    def tick(self, *_: Any, **__: Any) -> float:
        """Survives whatever is away, and looks again soon. Ends the beat if that was asked for."""
        if is_asked():
            raise SystemExit
        began = time.monotonic()
        try:
            pause = self._beat.tick()
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
            self._tell(None)
            return pause
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
