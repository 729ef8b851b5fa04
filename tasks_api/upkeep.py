"""What keeps every waiting task moving. Called by each sweep; any number of sweeps may do it at once."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tasks_api import nodes, transitions
from tasks_api.broker import Broker, BrokerAway
from tasks_api.database import fetch_one
from tasks_api.lifecycle import RESEND_SECONDS
from tasks_api.messages import Message

CHUNK = 1_000
ASK_BROKER_SECONDS = 1.0
RESEND_CHECK_SECONDS = 5.0
FORGET_NODES_SECONDS = 3_600.0

logger = logging.getLogger(__name__)


class Interval:
    """Lets something happen at most once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def has_come(self) -> bool:
        """True at most once in each interval."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + self._seconds
        return True


@dataclass(slots=True)
class Done:
    """What one round of upkeep did."""

    dispatched: int = 0
    resent: int = 0
    rescued: int = 0
    expired: int = 0


class Upkeep:
    """The sweep's share in the life of tasks. Remembers only when it last asked what need not be asked each time."""

    def __init__(self) -> None:
        self.broker = Broker()
        self._ask_broker = Interval(ASK_BROKER_SECONDS)
        self._check_lost = Interval(RESEND_CHECK_SECONDS)
        self._forget_nodes = Interval(FORGET_NODES_SECONDS)

    def run(self) -> Done:
        """Expire, rescue, notice an emptied broker, then hand over whatever is due.

        A broker that is away is no error: what waits goes on waiting.
        """
        done = Done(expired=transitions.expire(CHUNK), rescued=len(transitions.rescue_from_dead_nodes(CHUNK)))
        try:
            self._notice_emptied_broker()
            done.dispatched = self._dispatch_due()
            done.resent = self._resend_lost()
        except BrokerAway as error:
            logger.warning("the broker is away, what waits is handed over later: %s", error)
        if self._forget_nodes.has_come():
            nodes.forget_old_nodes()
        return done

    def publish(self, messages: Sequence[Message]) -> None:
        """Hand over what was just committed. What does not arrive is sent again."""
        try:
            self.broker.publish(messages)
        except BrokerAway as error:
            logger.warning("%d tasks were not handed over, they are later: %s", len(messages), error)

    def _notice_emptied_broker(self) -> None:
        if self._ask_broker.has_come() and self.broker.was_emptied():
            logger.warning(
                "the broker is empty or new: %d tasks wait and are handed over", transitions.forget_sent()
            )

    def _dispatch_due(self) -> int:
        return self._hand_over(first=True)

    def _resend_lost(self) -> int:
        """A message is lost if fewer messages wait than tasks do; a long queue alone is healthy."""
        if not self._check_lost.has_come() or not _any_overdue():
            return 0
        lost = _sent() - self.broker.waiting()
        return self._hand_over(first=False, limit=lost) if lost > 0 else 0

    def _hand_over(self, *, first: bool, limit: int | None = None) -> int:
        total = 0
        while limit is None or total < limit:
            chunk = CHUNK if limit is None else min(CHUNK, limit - total)
            messages = transitions.take_due(chunk, first=first, resend_seconds=RESEND_SECONDS)
            if messages:
                self.broker.publish(messages)
            total += len(messages)
            if len(messages) < chunk:
                break
        return total


def _any_overdue() -> bool:
    row = fetch_one(
        "SELECT EXISTS (SELECT FROM task WHERE dispatch_at <= statement_timestamp() AND dispatch_count > 0)",
        [],
    )
    return bool(row and row[0])


def _sent() -> int:
    row = fetch_one("SELECT count(*) FROM task WHERE dispatch_at IS NOT NULL AND dispatch_count > 0", [])
    return int(row[0]) if row else 0
