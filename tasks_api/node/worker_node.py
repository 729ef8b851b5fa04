"""A Celery worker as a node of ours: its parent process sees which children die, and stops those that must stop."""

import atexit
import logging
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Any
from uuid import UUID

from billiard.exceptions import TimeLimitExceeded
from celery import signals
from celery.apps import worker as celery_worker
from celery.exceptions import Ignore
from celery.worker import state
from celery.worker.control import control_command
from celery.worker.request import Request
from django.db import OperationalError

from log_lines import event
from log_lines.prints import tell_prints
from tasks_api import transitions
from tasks_api.actions import cancel_from_flower
from tasks_api.broker.messages import RUN_TASK, TASK_QUEUE
from tasks_api.execution import stop_signals
from tasks_api.models import Role
from tasks_api.node import termination
from tasks_api.node.heartbeat import Node
from tasks_api.node.releasing import Releasing
from tasks_api.node.service_manager import NOBODY, ServiceManager
from tasks_api.postgres import SWEEP, is_stopped, limit_process

CANCEL_CHECK_SECONDS = 0.5
CANCEL_GRACE_SECONDS = 5.0
"""Between the signal that asks a cancelled operation to stop and the one that kills its process."""
RECONCILE_SECONDS = 10.0
RECONCILE_AGE_SECONDS = 5.0
DRAIN_SECONDS = 15.0
"""How long a stopping worker lets running operations go on, before it hands them back."""
DRAIN_CHECK_SECONDS = 0.5

logger = logging.getLogger(__name__)

# Printed amid a signal. The line of `worker.stopping` tells it, and more.
celery_worker.safe_say = lambda *_: None


class OperationFailed(Exception):
    """Tells Celery, and so Flower, that the operation failed, and the type of its error. The row knows it already."""


class NotRecorded(Exception):
    """Tells Celery that what became of the task is not in its row, because of an error of this type."""


SETTLED = (OperationFailed, Ignore)
"""What a child raises when there is nothing to take back: it has recorded the failure, or the row is somebody else's.

That may be an attempt that has begun in this very worker and of which Celery has not heard yet.
"""


class _Process:
    """This process, or the parent that it was forked from, once it has become a node."""

    node: Node


_process = _Process()


def this_node() -> Node:
    """The node that this process, or the parent that it was forked from, is."""
    return _process.node


class TaskNode(Node):
    """A node that runs tasks. Everything here happens in the node's thread, in the worker's parent."""

    def __init__(self, name: str, slots: int, manager: ServiceManager = NOBODY) -> None:
        super().__init__(Role.WORKER, name, slots=slots, manager=manager)
        self._releasing = Releasing()
        self._drains_until: float | None = None
        self._told_of_drain = False
        self._asked: dict[UUID, float] = {}
        self._unknown: set[UUID] = set()
        self._strays: set[tuple[UUID, int]] = set()
        self.every(CANCEL_CHECK_SECONDS, self._stop_cancelled)
        self.every(RECONCILE_SECONDS, self._reconcile)
        self.every(DRAIN_CHECK_SECONDS, self._end_of_drain)

    def start(self) -> None:
        """Begin to say that this worker is alive, and to ask for more tasks as it begins those that are there."""
        super().start()
        self._releasing.start()

    def task_begun(self) -> None:
        """One of its children has begun a task."""
        self._releasing.task_begun()

    @property
    def stopping(self) -> bool:
        """Whether this worker was told to stop."""
        return self._drains_until is not None

    def lost(self, task_id: UUID, *, timed_out: bool = False) -> None:
        """The process that ran this task is gone: take the task back at once."""
        if self.stopping and not timed_out:
            self.soon(lambda: transitions.hand_back(self.id, task_id))
        else:
            self.soon(lambda: transitions.rescue_run(task_id, self.id, timed_out=timed_out))

    def drain(self) -> None:
        """Let what runs end; hand back what has not ended in time, and end its processes.

        A handler of signals calls it, in the middle of anything. So it only notes the time.
        """
        if self._drains_until is None:
            self._drains_until = time.monotonic() + DRAIN_SECONDS

    def _asked_to_drain(self) -> None:
        """As where a signal asks: Celery takes no more messages, and `begin_to_stop` is called."""
        logger.info("asked to drain", extra=event("worker.asked_to_drain"))
        os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        """Hand back what is left, should anything be, and say that this node ended in order."""
        self._releasing.stop()
        self.soon(self._hand_back)
        super().stop()

    def _end_of_drain(self) -> None:
        if self._drains_until is None:
            return
        if not self._told_of_drain:
            self._told_of_drain = True
            _tell_of_drain(set(_running()))
        if time.monotonic() > self._drains_until:
            self._hand_back()

    def _hand_back(self) -> None:
        # Of processes that are killed from here on, the lines of their attempts tell.
        logging.getLogger("multiprocessing").setLevel(logging.CRITICAL)
        for child in _running().values():
            stop_signals.send(child, signal.SIGKILL)
        try:
            transitions.hand_back(self.id)
        except OperationalError as error:
            if not is_stopped(error):
                raise
            transitions.hand_back_free(self.id)

    def _stop_cancelled(self) -> None:
        """First the signal that an operation sees as SoftTimeLimitExceeded; after a grace, the end of its process."""
        running = _running()
        cancelled = transitions.cancelled_on(self.id) if running else []
        self._asked = {task_id: since for task_id, since in self._asked.items() if task_id in cancelled}
        for task_id in cancelled:
            if task_id not in running:
                continue
            if task_id not in self._asked:
                self._asked[task_id] = time.monotonic()
                stop_signals.send(running[task_id], stop_signals.CANCEL)
            elif time.monotonic() - self._asked[task_id] > CANCEL_GRACE_SECONDS:
                stop_signals.send(running[task_id], signal.SIGKILL)

    def _reconcile(self) -> None:
        """Compare what the table says runs here with what does. A difference counts when it is seen twice in a row."""
        tries = _tries()
        running = {task_id for task_id, _ in tries}
        unknown = transitions.started_on(self.id, seconds_ago=RECONCILE_AGE_SECONDS) - running
        for task_id in unknown & self._unknown:
            self.lost(task_id)
        self._unknown = unknown
        ours = transitions.started_on(self.id, seconds_ago=0)
        self._stop_strays({(task_id, child) for task_id, child in tries if task_id not in ours})

    def _stop_strays(self, strays: set[tuple[UUID, int]]) -> None:
        """What runs here though its task was given to others, as after a freeze, would only do harm.

        The next attempt may have come to this very worker: that is another process.
        """
        for task_id, child in strays & self._strays:
            logger.warning(
                "task %s is not ours any more, its process is ended",
                task_id,
                extra=event("attempt.void", task_id=str(task_id)),
            )
            stop_signals.send(child, signal.SIGKILL)
        self._strays = strays


def _running() -> dict[UUID, int]:
    """The tasks that this worker's children run, and the children's process ids."""
    return dict(_tries())


def _tries() -> list[tuple[UUID, int]]:
    """The same; of one task there may be two, when it came back here after a freeze."""
    return [
        (UUID(each.id), each.worker_pid) for each in _active() if each.name == RUN_TASK and each.worker_pid
    ]


def _active() -> list[Request]:
    """What Celery runs. Its thread may change the set while ours looks at it; then we look again."""
    while True:
        with suppress(RuntimeError):
            return list(state.active_requests)


def _is_tried_anew(request: Request) -> bool:
    """Whether its task has come back here meanwhile, as after a freeze: then this attempt was void already."""
    return any(each.id == request.id and each is not request for each in _active())


class TaskRequest(Request):  # type: ignore[misc]
    """Celery's view of one message, in the worker's parent.

    A child gets from it what it needs: the two arguments, which are not encoded once more.
    """

    request_dict: Mapping[str, Any] = {}
    content_type = None

    @property
    def body(self) -> Any:
        """Arguments, keywords and the rest, as they were decoded here."""
        return self._payload

    def on_accepted(self, pid: int, time_accepted: float) -> None:
        """A child has begun it, and has one less to begin."""
        super().on_accepted(pid, time_accepted)
        node = this_node()
        if isinstance(node, TaskNode):
            node.task_begun()

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """Whatever ended this run, unless its child knows what became of the row, the row is taken back."""
        error = getattr(exc_info.exception, "exc", exc_info.exception)
        node = this_node()
        if isinstance(node, TaskNode) and not isinstance(error, SETTLED) and not _is_tried_anew(self):
            node.lost(UUID(self.id), timed_out=isinstance(error, TimeLimitExceeded))
        return super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)

    def revoked(self) -> bool:
        """Never: the row decides, and an id that Celery once revoked would be dropped for ever."""
        return False


@control_command(variadic="task_id", signature="[id1 [id2 [... [idN]]]]", name="revoke")
def revoke(_state: Any, task_id: Any, **_: Any) -> dict[str, str]:
    """Celery's revoke, as from Flower's button, becomes a cancel of ours."""
    ids = [UUID(each) for each in ([task_id] if isinstance(task_id, str) else task_id)]
    this_node().soon(lambda: _cancel(ids))
    return {"ok": f"{len(ids)} tasks are cancelled"}


def _tell_of_drain(running: set[UUID]) -> None:
    tasks = f"{len(running)} running task" + ("" if len(running) == 1 else "s")
    waits = f", waits up to {DRAIN_SECONDS:.0f} s for {tasks}" if running else ", runs nothing"
    ids = [str(each) for each in sorted(running)]
    stopping = event("worker.stopping", task_ids=ids, seconds=DRAIN_SECONDS)
    logger.info("stops%s%s", waits, ": " + ", ".join(ids) if ids else "", extra=stopping)


def _cancel(ids: list[UUID]) -> None:
    if cancelled := cancel_from_flower(ids):
        logger.warning(
            "cancelled: %s", cancelled, extra=event("tasks.cancelled", task_ids=sorted(map(str, cancelled)))
        )


@signals.celeryd_after_setup.connect
def become_node(sender: str, instance: Any, **_: Any) -> None:
    """Before there are children, so that each inherits the node's id."""
    queues = instance.app.amqp.queues.consume_from
    if TASK_QUEUE not in queues:
        limit_process(SWEEP)
    else:
        tell_prints()
    manager = ServiceManager.of(os.environ)
    _process.node = (
        TaskNode(sender, instance.concurrency, manager)
        if TASK_QUEUE in queues
        else Node(Role.SWEEPER, sender, manager=manager)
    )


@signals.worker_ready.connect
def say_alive(**_: Any) -> None:
    # Celery's own handler would interrupt itself without bound where signals come without a pause.
    if callable(handler := signal.getsignal(signal.SIGTERM)):
        signal.signal(signal.SIGTERM, termination.once(handler))
    this_node().start()
    # Sent on every way out but a kill, and after the pool is gone.
    atexit.register(this_node().stop)


@signals.worker_shutting_down.connect
def begin_to_stop(sig: str, **_: Any) -> None:
    """Celery takes no new messages from here on, and waits for its children."""
    if sig == "SIGTERM":
        # It asks for nothing more when it comes again. Celery's handlers would interrupt each other without end.
        signal.signal(signal.SIGTERM, _heed_no_more)
    node = this_node()
    node.tell_of_stop()
    if isinstance(node, TaskNode):
        node.drain()


def _heed_no_more(_number: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN: what waits to be handled while it is set is told as an error."""
