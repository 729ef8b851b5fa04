"""Celery's way in. What happens here is in `tasks_api.execution.running`; what Celery keeps is in no way the truth."""

import logging
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from billiard.einfo import ExceptionInfo
from celery import shared_task, signals
from celery.exceptions import Ignore
from django.core.cache import close_caches

from log_lines import event
from tasks_api.broker.messages import RUN_TASK
from tasks_api.execution.outcomes import MAX_ERROR_TYPE, Failure
from tasks_api.execution.running import execute
from tasks_api.node import worker_node

logger = logging.getLogger(__name__)


@shared_task(
    name=RUN_TASK,
    Request="tasks_api.node.worker_node:TaskRequest",
)
def run(task_id: str, priority: int) -> None:
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


class Traced(NamedTuple):
    """What Celery's parent is told of a call: what was raised, if anything was; seconds; the result for Flower."""

    error: ExceptionInfo | None
    has_failed: bool
    seconds: float
    result: str


def trace(_id: str, arguments: tuple[str, int], _keywords: Any, _request: Any) -> Traced:
    """Call `run`, without what Celery does for signals, callbacks, contexts and results, of which we have none."""
    began = monotonic()
    try:
        run.run(*arguments)
    except Exception:  # noqa: BLE001 (the parent is told)
        return Traced(ExceptionInfo(), has_failed=True, seconds=0, result="")
    finally:
        close_caches()
    return Traced(None, has_failed=False, seconds=monotonic() - began, result="None")


@signals.worker_process_init.connect
def trace_by_ourselves(**_: Any) -> None:
    """In a process of a worker, when Celery has made its tracers."""
    run.__trace__ = trace
