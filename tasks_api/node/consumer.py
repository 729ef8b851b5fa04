"""The part of a worker's parent that takes messages from the broker and tells Flower what becomes of them."""

from typing import Any

from celery.worker.consumer import Consumer

TELL_SECONDS = 0.1
"""How long news for Flower may wait for more, as sending them costs the parent as much as all else about a task."""
MOST_TOLD_AT_ONCE = 1_000


class TellingConsumer(Consumer):  # type: ignore[misc]
    """Celery's, which would send what it tells of tasks at each turn of its loop: more than twice for each task."""

    _tells_soon = False

    def on_send_event_buffered(self) -> None:
        """Celery's hook: something is to be told."""
        if not self._tells_soon:
            self._tells_soon = True
            self.event_dispatcher.buffer_limit = MOST_TOLD_AT_ONCE
            self.hub.call_later(TELL_SECONDS, self._tell)

    def shutdown(self) -> Any:
        """The last tasks have ended, and the loop too."""
        self._tell()
        return super().shutdown()

    def _tell(self) -> None:
        self._tells_soon = False
        self._flush_events()
