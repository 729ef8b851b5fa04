"""Running one task in this very process, for somebody who looks into it: claimed, run and recorded as by a worker."""

import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from access.actor import SYSTEM
from access.audit import recording
from access.audit.events import Action, differences, target
from log_lines import event
from operations import Progress
from tasks_api import transitions
from tasks_api.database import database_now
from tasks_api.execution import stop_signals
from tasks_api.execution.outcomes import Outcome
from tasks_api.execution.running import Examine, attempt, perform, record
from tasks_api.execution.task_files import discard
from tasks_api.lifecycle import REVIVE, WAITING, Status
from tasks_api.models import Role, Task, WorkerNode
from tasks_api.node.heartbeat import Node
from tasks_api.transitions import Edit, Run

CANCEL_CHECK_SECONDS = 0.5

logger = logging.getLogger(__name__)


class NotRunnable(Exception):
    """The task cannot be run here as it was asked; the text says why, and what to do."""


class Interrupted(Exception):
    """Somebody interrupted the run; a task that ran was handed back."""


class ForegroundNode(Node):
    """This process as a node that runs one task, so that nobody takes the task for lost while it beats."""

    def __init__(self) -> None:
        super().__init__(Role.FOREGROUND, f"run_task@{socket.gethostname()}:{os.getpid()}")
        self._asked = False
        self.every(CANCEL_CHECK_SECONDS, self._stop_cancelled)

    def start(self) -> None:
        """Begin to say that this process is alive, and have said it once before anything is claimed."""
        self._beat()
        super().start()

    def _stop_cancelled(self) -> None:
        if not self._asked and transitions.cancelled_on(self.id):
            self._asked = True
            stop_signals.send(os.getpid(), stop_signals.CANCEL)


def run_recorded(
    task_id: UUID, project_id: int, examine: Examine, *, again: bool = False, now: bool = False
) -> Outcome | None:
    """Run a task of a project that waits, without a time limit, and record what came of it.

    `again`: also one that failed or was revoked; `now`: also one whose time has not come. `examine` is
    called with what the operation raised, while the task still counts as running. None: the task was
    taken away meanwhile, and the outcome is void. Raises NotRunnable, Interrupted.
    """
    node = ForegroundNode()
    with _alive(node), _stoppable():
        run = _claim(task_id, project_id, node.id, again=again, now=now)
        try:
            outcome = perform(run, examine)
        except (KeyboardInterrupt, stop_signals.Interrupt):
            transitions.hand_back(node.id, task_id)
            raise Interrupted from None
        return outcome if record(run, outcome) else None


def run_unrecorded(task_id: UUID, project_id: int, examine: Examine) -> Outcome:
    """Run the operation with a task's arguments, whatever the task's state, which stays.

    Raises NotRunnable, Interrupted.
    """
    task = _find(task_id, project_id)
    run = Run(
        task_id=task.id,
        token=uuid4(),
        operation=task.operation,
        arguments=task.arguments,
        attempt=max(task.attempt, 1),
        final_attempt=task.final_attempt,
        max_attempts=task.max_attempts,
        scheduled_for=task.scheduled_for,
        previous_scheduled_for=task.previous_scheduled_for,
        next_scheduled_for=task.next_scheduled_for,
    )
    with _stoppable():
        try:
            return attempt(run, _tell, examine)
        except stop_signals.Interrupt:
            raise Interrupted from None
        finally:
            discard(run)


def _tell(progress: Progress) -> None:
    logger.info(
        "progress: %s %% %s", progress.percent, progress.message or "", extra=event("operation.progress")
    )


def _find(task_id: UUID, project_id: int, **lock: Any) -> Task:
    tasks = Task.objects.select_for_update(**lock) if lock else Task.objects.all()
    try:
        return tasks.get(id=task_id, project_id=project_id)
    except Task.DoesNotExist:
        raise NotRunnable(f"there is no task {task_id}") from None


def _claim(task_id: UUID, project_id: int, node: UUID, *, again: bool, now: bool) -> Run:
    """In one transaction, so that no worker claims it between the steps."""
    with transaction.atomic():
        task = _find(task_id, project_id, no_key=True)
        _make_it_wait(task, again=again)
        _make_it_due(task, now=now)
        run = transitions.claim(task.id, task.priority, token=uuid4(), node=node)
        if run is None:
            raise NotRunnable("expires_at has passed while it waited")
        transitions.lift_time_limit(run)
        return run


def _make_it_wait(task: Task, *, again: bool) -> None:
    if task.status == Status.STARTED:
        raise NotRunnable(f"it runs on {_name_of(task.node_id)} since {task.started_at}: cancel it first")
    if task.status in WAITING:
        return
    if task.status not in REVIVE.sources:
        raise NotRunnable(
            f"it is {task.status}; --unrecorded runs its operation and leaves the task as it is"
        )
    if not again:
        raise NotRunnable(
            f"it is {task.status}; --again runs it once more and records that, --unrecorded leaves it as it is"
        )
    transitions.revive([task.id])
    recording.record(SYSTEM, Action.TASK_RETRY, target("task", task.id), project_id=task.project_id)
    task.refresh_from_db()


def _make_it_due(task: Task, *, now: bool) -> None:
    if task.run_at <= database_now():
        return
    if not now:
        raise NotRunnable(f"it waits until {task.run_at}; --now runs it at once")
    now_due = database_now()
    transitions.edit(task.id, Edit(run_at=now_due))
    changes = differences({"run_at": task.run_at}, {"run_at": now_due})
    recording.record(SYSTEM, Action.TASK_UPDATE, target("task", task.id), changes, project_id=task.project_id)


def _name_of(node_id: UUID | None) -> str:
    node = node_id and WorkerNode.objects.filter(id=node_id).first()
    return node.name if node else "a worker that is gone"


@contextmanager
def _alive(node: Node) -> Iterator[None]:
    node.start()
    try:
        yield
    finally:
        node.stop()


@contextmanager
def _stoppable() -> Iterator[None]:
    """A cancel reaches the operation as it does in a worker, and Ctrl-C ends the run and is no failure of its own."""
    numbers = (stop_signals.TIME_IS_UP, stop_signals.CANCEL, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    stop_signals.listen()
    signal.signal(signal.SIGINT, stop_signals.interrupt)
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
