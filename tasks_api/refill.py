"""Refilling a broker that lost what it held: what waits is handed over again, a share in each sweep."""

import logging
import time
from datetime import datetime, timedelta

from log_lines import event
from tasks_api import transitions
from tasks_api.broker.connection import Broker
from tasks_api.database import database_now
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.interval import Interval
from tasks_api.lifecycle import RESEND_SECONDS

ASK_SECONDS = 1.0
SHARE = 10_000
"""In one sweep and one transaction, so that neither schedules nor workers wait long."""

logger = logging.getLogger(__name__)


class Refill:
    """One sweeper's part in it; any number may take part.

    Only what was sent before the loss was noticed is sent again, whoever notices it and however long it takes. The
    broker itself keeps when that was, for the sweeper that goes on where another was killed.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._ask = Interval(ASK_SECONDS)
        self._has_asked = False
        self._noticed: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether anything of what was lost may still have to be handed over."""
        return self._noticed is not None

    def share(self, duty: Duty) -> int:
        """Look now and then whether the broker was emptied, and hand over a share of what it lost. How many."""
        is_new = self._ask.has_come() and self._was_emptied()
        if self._noticed is None:
            return 0
        messages = transitions.take_sent_before(
            self._noticed, SHARE, resend_seconds=RESEND_SECONDS, duty=duty
        )
        if is_new:
            _tell(len(messages))
        if messages:
            self._broker.publish(messages)
        elif not transitions.any_sent_before(self._noticed, resend_seconds=RESEND_SECONDS, duty=duty):
            self._end(self._noticed)
        return len(messages)

    def take_part(self) -> bool:
        """Go on with what another sweeper has begun. False: there is nothing to go on with."""
        self._noticed = self._broker.noted_loss()
        return self.is_under_way

    def _was_emptied(self) -> bool:
        began = time.monotonic()
        if self._broker.was_emptied():
            # Before anybody could learn of it, and so before anything was sent again.
            noticed = database_now() - timedelta(seconds=time.monotonic() - began)
            self._broker.note_loss(noticed)
            self._noticed, self._has_asked = noticed, True
            return True
        if not self._has_asked:
            self.take_part()
            self._has_asked = True
        return False

    def _end(self, noticed: datetime) -> None:
        """Go on if the broker was emptied once more meanwhile, and another sweeper noticed that."""
        self._noticed = self._broker.noted_loss(after=noticed)


def _tell(found: int) -> None:
    logger.log(
        logging.WARNING if found else logging.INFO,
        "the broker is empty or new: %d tasks are handed over again, and in later sweeps what is left",
        found,
        extra=event("broker.emptied", tasks=found),
    )
