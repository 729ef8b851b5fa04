"""A broker that lost what it held is filled anew: what had been sent waits for room again."""

import logging
import time
from datetime import timedelta

from log_lines import event
from tasks_api import transitions
from tasks_api.broker.connection import Broker
from tasks_api.database import database_now
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.interval import Interval
from tasks_api.lifecycle import RESEND_SECONDS

ASK_SECONDS = 1.0
PRIORITIES = range(10)
CHUNK = 10_000
"""In one statement. Windows hold little more, but a release that knew none may have sent a million."""

logger = logging.getLogger(__name__)


class Refill:
    """One sweeper's part in it; any number may look.

    What was sent before the loss was noticed is taken back, and only then is it noted that the broker is no new one. So
    if this sweeper is killed in between, another notices the same loss.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._ask = Interval(ASK_SECONDS)

    def run(self, duty: Duty) -> int:
        """Look now and then whether the broker was emptied, and take back what it lost. How many."""
        if not self._ask.has_come() or not self._broker.was_emptied():
            return 0
        held = transitions.hold(PRIORITIES)
        try:
            return self._take_back(held, duty) if len(held) == len(PRIORITIES) else 0
        finally:
            transitions.let_go(held)

    def _take_back(self, held: transitions.Held, duty: Duty) -> int:
        """Nothing is released meanwhile, and whoever noticed the same loss before is through with it."""
        began = time.monotonic()
        if not self._broker.was_emptied():
            return 0
        # Before anybody could learn of it, and so before anything was sent again.
        noticed = database_now() - timedelta(seconds=time.monotonic() - began)
        count = 0
        while chunk := transitions.return_sent_before(
            noticed, CHUNK, resend_seconds=RESEND_SECONDS, duty=duty
        ):
            count += chunk
            transitions.renew(held)
        if count:
            transitions.close_gates(PRIORITIES)
        self._broker.note_loss()
        logger.log(
            logging.WARNING if count else logging.INFO,
            "the broker is empty or new: %d tasks are handed over again, the most urgent first",
            count,
            extra=event("broker.emptied", tasks=count),
        )
        return count
