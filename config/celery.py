"""The Celery application. The broker carries ids and priorities, and nothing that may not be lost."""

import os
from functools import cached_property
from typing import Any

import billiard.pool
from celery import Celery, signals
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# A stopping pool waits up to 300 rounds of 0.1 s for a counter that is sometimes one short.
billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 20
# By the scheme of a URL, as kombu finds its own.
TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "tasks_api.broker.redis_transport:Transport")


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def leave_logging(**_: Any) -> None:
    """Celery sets up none where somebody says that it is done: by Django's settings."""


class Punctual(Celery):  # type: ignore[misc]
    """Celery with a beat of ours."""

    @cached_property
    def Beat(self) -> Any:  # noqa: N802 (Celery's name)
        """What `celery beat` runs."""
        return self.subclass_with_self("config.beat_process:Beat")


app = Punctual("punctual", amqp="tasks_api.broker.consuming:DeclaringAMQP")
app.config_from_object("config.celery_settings")
app.autodiscover_tasks(["tasks_api", "schedules"], related_name="worker")
# No task of Celery's, but for workers alone, too.
app.autodiscover_tasks(["config"], related_name="secret_check")
