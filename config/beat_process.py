"""Celery's beat, which hears SIGTERM once."""

from typing import Any

from celery.apps import beat

from tasks_api.node import termination


class Beat(beat.Beat):  # type: ignore[misc]
    """SIGTERM ends it between two ticks (`schedules.sweep.beat`), SIGINT at once."""

    def install_sync_handler(self, service: Any) -> None:
        """Celery's hook: sets its handlers."""
        super().install_sync_handler(service)
        termination.take_note()
