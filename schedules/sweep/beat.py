"""The beat: says when to sweep, and nothing else. It keeps no file and no schedule, so any number may run."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from celery.beat import Scheduler
from django.db import InterfaceError, OperationalError, connection

from log_lines import event
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import SWEEP_QUEUE, sweep_message
from tasks_api.database import execute, fetch_one
from tasks_api.isolation.refusals import kind
from tasks_api.models import Role
from tasks_api.node.heartbeat import Node, tell_failure
from tasks_api.node.termination import is_asked
from tasks_api.postgres import BEAT, is_stopped, limit_process
from tasks_api.postgres.failed_statements import log_failure

LOOK_SECONDS = 0.05
"""How often to look for what has just been created and is due before the next that is known."""
WAIT_SECONDS = 0.9
"""How long the database looks again and again before it answers: less than what usually counts as a slow statement."""
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
# Looks again and again until something is due. Each look sees what was committed before it, all of one block have the
# same plan, and as each ends with a COMMIT, no snapshot is held for longer than the pause. To ask from here for each
# costs three times as much.
WAIT_SQL = f"""
DO $$
DECLARE
    ends timestamptz := clock_timestamp() + make_interval(secs => %(wait)s);
    due timestamptz;
BEGIN
    LOOP
        due := found.due FROM ({NEXT_DUE_SQL}) AS found(due, now);
        EXIT WHEN due <= clock_timestamp() OR clock_timestamp() >= ends;
        COMMIT;
        PERFORM pg_sleep(least(%(look)s, extract(epoch FROM least(due, ends) - clock_timestamp())));
    END LOOP;
END $$
"""


class Beat:
    """One beat: each `tick` waits for what is due next and announces it."""

    def __init__(self, announce: Callable[[], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._announce = announce
        self._clock = clock
        self._announced = datetime(1970, 1, 1, tzinfo=UTC)
        self._next_announcement = 0.0

    def tick(self) -> None:
        """Wait until something is due, but not for long. Raises what the database or the broker raise."""
        wait = min(WAIT_SECONDS, max(0.0, self._next_announcement - self._clock()))
        execute(WAIT_SQL, {"announced": self._announced, "wait": wait, "look": LOOK_SECONDS})
        due, now = _next_due(self._announced)
        if (due is not None and due <= now) or self._clock() >= self._next_announcement:
            self._announce()
            self._announced = now
            self._next_announcement = self._clock() + ANNOUNCE_SECONDS


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
        """Seconds until the next tick. Survives whatever is away. Ends the beat if that was asked for."""
        if is_asked():
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
            self._tell(None)
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
