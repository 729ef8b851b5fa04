"""What keeps every waiting task moving. Called by each sweep; any number of sweeps may do it at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from tasks_api import idempotency, nodes, transitions
from tasks_api.broker import Broker, BrokerAway
from tasks_api.interval import Interval
from tasks_api.lifecycle import RESEND_SECONDS
from tasks_api.messages import Message
from tasks_api.retention import forget_old_tasks

CHUNK = 2_000
MOST_HANDED_OVER = 10_000
"""In one sweep, so that handing over a million tasks again does not hold up what is due."""
TIDY_SECONDS = 0.5
"""Expiry and rescue: where much falls due, twenty sweeps begin in a second."""
ASK_BROKER_SECONDS = 1.0
RESEND_CHECK_SECONDS = 5.0
FORGET_NODES_SECONDS = 3_600.0
FORGET_TASKS_SECONDS = 5.0
FORGET_KEYS_SECONDS = 60.0
FORGET_KEYS_AT_ONCE = 20_000

logger = logging.getLogger(__name__)


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
        self._tidy = Interval(TIDY_SECONDS)
        self._ask_broker = Interval(ASK_BROKER_SECONDS)
        self._check_lost = Interval(RESEND_CHECK_SECONDS)
        self._forget_nodes = Interval(FORGET_NODES_SECONDS)
        self._forget_tasks = Interval(FORGET_TASKS_SECONDS)
        self._forget_keys = Interval(FORGET_KEYS_SECONDS)

    def run(self) -> Done:
        """Expire, rescue, notice an emptied broker, then hand over whatever is due.

        A broker that is away is no error: what waits goes on waiting.
        """
        done = Done()
        if self._tidy.has_come():
            done.expired, done.rescued = transitions.expire(CHUNK), _rescue()
        try:
            self._notice_emptied_broker()
            done.dispatched = self._dispatch_due()
            done.resent = self._resend_lost()
        except BrokerAway as error:
            logger.warning("the broker is away, what waits is handed over later: %s", error)
        if self._forget_nodes.has_come():
            nodes.forget_old_nodes()
        if self._forget_tasks.has_come():
            forget_old_tasks()
        if self._forget_keys.has_come():
            idempotency.forget_old_keys(FORGET_KEYS_AT_ONCE)
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
        return self._hand_over(MOST_HANDED_OVER, first=True)

    def _resend_lost(self) -> int:
        """A message is lost if fewer messages wait than tasks do; a long queue alone is healthy."""
        if not self._check_lost.has_come() or not transitions.any_overdue():
            return 0
        lost = transitions.count_sent() - self.broker.waiting()
        return self._hand_over(min(lost, MOST_HANDED_OVER), first=False) if lost > 0 else 0

    def _hand_over(self, most: int, *, first: bool) -> int:
        total = 0
        while total < most:
            chunk = min(CHUNK, most - total)
            messages = transitions.take_due(chunk, first=first, resend_seconds=RESEND_SECONDS)
            if messages:
                self.broker.publish(messages)
            total += len(messages)
            if len(messages) < chunk:
                break
        return total


def _rescue() -> int:
    return len(transitions.rescue_from_dead_nodes(CHUNK)) + len(transitions.rescue_overdue(CHUNK))
