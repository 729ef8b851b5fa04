"""What keeps every waiting task moving. Called by each sweep; any number of sweeps may do it at once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from files import retention as old_files
from log_lines import event
from tasks_api import idempotency, transitions
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import Message
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.interval import Interval
from tasks_api.lifecycle import RESEND_SECONDS
from tasks_api.refill import Refill
from tasks_api.release import hand_over, release
from tasks_api.retention import forget_old_nodes, forget_old_tasks, in_batches
from tasks_api.roll_up.rolling import Rolling
from tasks_api.roll_up.thinning import thin_out
from tasks_api.sealing import forget_old_events, seal_events

CHUNK = 2_000
MOST_HANDED_OVER = 10_000
"""In one sweep, so that handing over a million tasks does not hold up what is due."""
TIDY_SECONDS = 0.5
"""Expiry and rescue: where much falls due, twenty sweeps begin in a second."""
RESEND_CHECK_SECONDS = 5.0
FORGET_NODES_SECONDS = 60.0
FORGET_TASKS_SECONDS = 5.0
FORGET_KEYS_SECONDS = 60.0
FORGET_KEYS_AT_ONCE = 20_000
THIN_OUT_SECONDS = 60.0
SEAL_SECONDS = 5.0
FORGET_EVENTS_SECONDS = 60.0
FORGET_FILES_SECONDS = 60.0
BYTES_AT_ONCE = 200
"""Each may be a request to a storage elsewhere."""

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
        self._refill = Refill(self.broker)
        self._check_lost = Interval(RESEND_CHECK_SECONDS)
        self._forget_nodes = Interval(FORGET_NODES_SECONDS)
        self._forget_tasks = Interval(FORGET_TASKS_SECONDS)
        self._forget_keys = Interval(FORGET_KEYS_SECONDS)
        self._rolling = Rolling()
        self._thin_out = Interval(THIN_OUT_SECONDS)
        self._seal = Interval(SEAL_SECONDS)
        self._forget_events = Interval(FORGET_EVENTS_SECONDS)
        self._forget_files = Interval(FORGET_FILES_SECONDS)
        self._duties: dict[str, Duty] = {}

    def run(self) -> Done:
        """Expire, rescue, notice an emptied broker, then hand over whatever is due.

        What fails of it fails alone, whatever it is, unless the database is away. A broker that is away is no error:
        what waits goes on waiting.
        """
        done = Done()
        if self._tidy.has_come():
            done.expired = self._do("expiring tasks", partial(transitions.expire, CHUNK))
            done.rescued = self._do("rescuing tasks of dead nodes", _rescue_from_dead_nodes)
            done.rescued += self._do("rescuing overdue tasks", _rescue_overdue)
        try:
            self._do("taking back what an emptied broker has lost", self._refill.run)
            done.dispatched = self._do("handing over tasks", self._dispatch_due)
            done.dispatched += self._do("handing over what waits for room", self._release)
            done.resent = self._do("handing over lost tasks again", self._resend_lost)
        except BrokerAway as error:
            logger.warning(
                "the broker is away, what waits is handed over later: %s",
                error,
                extra=event("tasks.not_sent"),
            )
        self._do("rolling up what ended", lambda _: self._rolling.run())
        if self._thin_out.has_come():
            self._do("thinning out the roll-up", lambda _: thin_out())
        if self._forget_nodes.has_come():
            self._do("deleting old nodes", forget_old_nodes)
        if self._forget_tasks.has_come():
            self._do("deleting old tasks", forget_old_tasks)
        if self._forget_keys.has_come():
            self._do("deleting old keys", partial(idempotency.forget_old_keys, FORGET_KEYS_AT_ONCE))
        if self._seal.has_come():
            self._do("sealing the audit log", seal_events)
        if self._forget_events.has_come():
            self._do("deleting old events", forget_old_events)
        if self._forget_files.has_come():
            self._do("deleting old files", _forget_files)
            self._do("deleting bytes that no file has", _remove_bytes)
        return done

    @property
    def failures(self) -> list[str]:
        """What fails of it, in words that anybody may read."""
        return [duty.failure for duty in self._duties.values() if duty.failure]

    def _do(self, name: str, work: Callable[[Duty], int]) -> int:
        duty = self._duties.setdefault(name, Duty(name))
        return duty.run(lambda: work(duty), 0, passes=(BrokerAway,))

    def publish(self, messages: Sequence[Message]) -> None:
        """Hand over what was just committed. What does not arrive is sent again."""
        try:
            hand_over(self.broker, messages)
        except BrokerAway as error:
            logger.warning(
                "%d tasks were not handed over, they are later: %s",
                len(messages),
                error,
                extra=event("tasks.not_sent"),
            )

    def _dispatch_due(self, duty: Duty) -> int:
        """Those whose time has come, but for those that have to wait for room."""
        messages = transitions.take_due(MOST_HANDED_OVER, resend_seconds=RESEND_SECONDS, duty=duty)
        hand_over(self.broker, messages)
        return len(messages)

    def _release(self, duty: Duty) -> int:
        return release(self.broker, duty).count

    def _resend_lost(self, duty: Duty) -> int:
        """A message is lost if fewer messages wait than tasks do; a long queue alone is healthy.

        Of each priority, lest messages that nobody needs any more, and nobody takes soon, stand for urgent ones.
        """
        if not self._check_lost.has_come():
            return 0
        overdue = transitions.overdue()
        if overdue and self.broker.waiting_of(overdue[0]) is None:
            return self._resend(transitions.ALL_PRIORITIES, self.broker.waiting, duty)
        return sum(
            self._resend((priority, priority), partial(self._waiting_of, priority), duty)
            for priority in overdue
        )

    def _waiting_of(self, priority: int) -> int:
        return self.broker.waiting_of(priority) or 0

    def _resend(self, priorities: tuple[int, int], waiting: Callable[[], int], duty: Duty) -> int:
        # Asked first, so that no more is counted than matters; and again, for what is sent meanwhile is not lost.
        sent = transitions.count_sent(waiting() + MOST_HANDED_OVER, priorities)
        lost = sent - waiting()
        if lost <= 0:
            return 0
        messages = transitions.take_lost(
            min(lost, MOST_HANDED_OVER), priorities=priorities, resend_seconds=RESEND_SECONDS, duty=duty
        )
        hand_over(self.broker, messages)
        return len(messages)


def _rescue_from_dead_nodes(duty: Duty) -> int:
    return len(transitions.rescue_from_dead_nodes(CHUNK, duty))


def _forget_files(_: Duty) -> int:
    return in_batches(old_files.forget_old_files) + in_batches(old_files.forget_drafts)


def _remove_bytes(duty: Duty) -> int:
    return old_files.remove_bytes(BYTES_AT_ONCE, duty.refuse) + old_files.remove_unfinished()


def _rescue_overdue(duty: Duty) -> int:
    return len(transitions.rescue_overdue(CHUNK, duty))
