"""Tells, when a worker starts, which secrets could not be read by a task."""

import logging
from typing import Any

from celery import signals

from log_lines import event
from operations import OperationError
from operations.configuration import configuration
from operations.secrets import SecretReader
from tasks_api.broker.messages import TASK_QUEUE

logger = logging.getLogger(__name__)


def unusable() -> list[str]:
    """What is wrong with the values of secrets, one sentence each."""
    secrets = configuration().secrets
    reader = SecretReader(lambda _: True, secrets.read)
    return [
        problem
        for name, readers in sorted(secrets.readers.items())
        if readers
        for problem in _problems(reader, name)
    ]


def _problems(reader: SecretReader, name: str) -> list[str]:
    try:
        reader.value(name)
    except OperationError as error:
        return [error.message]
    return []


@signals.celeryd_after_setup.connect
def warn(instance: Any, **_: Any) -> None:
    """Only a warning, for a value may come later. Sweepers need none."""
    if TASK_QUEUE in instance.app.amqp.queues.consume_from:
        for problem in unusable():
            logger.warning("%s; tasks that refer to it will fail", problem, extra=event("secret.unusable"))
