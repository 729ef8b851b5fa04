"""A Celery worker as a node of ours: its parent process says that it lives and sees which of its children die."""

from typing import Any
from uuid import UUID

from celery import signals
from celery.worker.request import Request

from tasks_api.messages import TASK_QUEUE
from tasks_api.models import Role
from tasks_api.nodes import Node

_nodes: list[Node] = []


class OperationFailed(Exception):
    """Tells Celery, and so Flower, that the operation failed. The row knows it already."""


def this_node() -> Node:
    """The node that this process, or the parent that it was forked from, is."""
    return _nodes[0]


class TaskRequest(Request):  # type: ignore[misc]
    """Lives in the worker's parent."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """Whatever ended this run, unless its child has recorded the failure itself, the row is taken back."""
        error = exc_info.exception
        if not isinstance(getattr(error, "exc", error), OperationFailed):
            this_node().lost(UUID(self.id))
        return super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)


@signals.celeryd_after_setup.connect
def become_node(sender: str, instance: Any, **_: Any) -> None:
    """Before there are children, so that each inherits the node's id."""
    queues = instance.app.amqp.queues.consume_from
    _nodes.append(Node(Role.WORKER if TASK_QUEUE in queues else Role.SWEEPER, sender))


@signals.worker_ready.connect
def say_alive(**_: Any) -> None:
    this_node().start()


@signals.worker_shutdown.connect
def say_stopped(**_: Any) -> None:
    """Sent when the pool is gone, so nothing runs here any more."""
    this_node().stop()
