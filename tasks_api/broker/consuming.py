"""How Celery's workers come by their queues."""

import logging
import time
from typing import Any

from celery.app.amqp import AMQP
from celery.worker.state import maybe_shutdown
from kombu.connection import Connection

from log_lines import event
from tasks_api.broker.queues import QueueRefused, open_channel

PAUSE_SECONDS = 10.0
LOOK_SECONDS = 0.2

logger = logging.getLogger(__name__)


class DeclaringAMQP(AMQP):  # type: ignore[misc]
    """Celery's view of the broker. A worker's queues are declared as the server takes them."""

    def TaskConsumer(self, channel: Connection, **options: Any) -> Any:  # noqa: N802 (Celery's name)
        """Celery's hook: called for each new connection, with that. What is raised here makes it connect again."""
        try:
            open_channel(channel, self.queues.consume_from.values()).close()
        except QueueRefused as refusal:
            logger.error(  # noqa: TRY400 (where it was raised tells nobody anything)
                "no task is taken from the broker, trying again every %d s: %s",
                PAUSE_SECONDS,
                refusal,
                extra=event("broker.refuses"),
            )
            _pause()
            raise ConnectionRefusedError(str(refusal)) from refusal
        return super().TaskConsumer(channel, **options)


def _pause() -> None:
    """Unless this worker is told to stop."""
    until = time.monotonic() + PAUSE_SECONDS
    while time.monotonic() < until:
        maybe_shutdown()
        time.sleep(LOOK_SECONDS)
