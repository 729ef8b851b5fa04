"""Celery's way in. What happens here is in `tasks_api.execution.running`; what Celery keeps is in no way the truth."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.exceptions import Ignore

from log_lines import event
from tasks_api.broker.messages import RUN_TASK
from tasks_api.execution.outcomes import MAX_ERROR_TYPE, Failure
from tasks_api.execution.running import execute
from tasks_api.node import worker_node

logger = logging.getLogger(__name__)


@shared_task(
    name=RUN_TASK,
    bind=True,
    Request="tasks_api.node.worker_node:TaskRequest",
    throws=(worker_node.OperationFailed,),
)
def run(_self: Any, task_id: str, priority: int) -> None:
    """Run the task of this id, if it still waits under this priority.

    What is raised here stands in Flower for all to read, so it is no more than the type of an error.
    """
    try:
        outcome = execute(UUID(task_id), priority, worker_node.this_node().id)
    except Exception as error:
        logger.exception(
            "task %s cannot be claimed, or its outcome not be recorded",
            task_id,
            extra=event("attempt.unrecorded", task_id=task_id),
        )
        raise worker_node.NotRecorded(type(error).__name__) from None
    if outcome is None:
        raise Ignore
    if isinstance(outcome, Failure):
        raise worker_node.OperationFailed(outcome.type[:MAX_ERROR_TYPE])
