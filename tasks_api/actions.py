"""What people may do with tasks that are there: cancel, run again, change. One, or many at once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from rest.json import instant_text
from tasks_api import transitions
from tasks_api.isolation.chunks import Changed, change_in_chunks
from tasks_api.isolation.refusals import Refused, apart, concerns_all
from tasks_api.lifecycle import CANCEL, REVIVE, WAITING, Status
from tasks_api.models import Task, find_task
from tasks_api.transitions import Edit

MOST_AT_ONCE = 50_000
"""How many tasks one request changes at most, so that it ends in time; the caller asks again for the rest."""
CHUNK = 1_000
CANCELLABLE = Q(status__in=CANCEL.sources) | Q(status=Status.STARTED, cancel_requested_at=None)
REVIVABLE = Q(status__in=REVIVE.sources)


class WrongTaskStatus(Exception):
    """The task is in a state in which this cannot be done."""

    rule = ""

    def __init__(self, status: str) -> None:
        super().__init__(f"the task is {status}{self.rule}")


class NotCancellable(WrongTaskStatus):
    """It has ended."""

    rule = ", which is final"


class NotRevivable(WrongTaskStatus):
    """It waits, runs, or did its work."""

    rule = ": only one that is FAILURE or REVOKED can run again"


class NotEditable(WrongTaskStatus):
    """It has started, or has ended."""

    rule = ": only a waiting task can be changed"


class NeverRuns(Exception):
    """At the new time the task would have expired."""

    def __init__(self, expires_at: datetime, run_at: datetime) -> None:
        super().__init__(
            f"must be earlier than expires_at, {instant_text(expires_at)}, got {instant_text(run_at)}"
        )


def cancel(task_id: UUID) -> Task:
    """Cancel a task that waits, ask one that runs to stop. Raises Task.DoesNotExist, NotCancellable."""
    return _read_changed(task_id, bool(transitions.cancel([task_id])), NotCancellable)


def retry(task_id: UUID) -> Task:
    """Let a task that failed or was revoked run again. Raises Task.DoesNotExist, NotRevivable."""
    return _read_changed(task_id, bool(transitions.revive([task_id])), NotRevivable)


def edit(task_id: UUID, changes: Edit) -> Task:
    """Change a waiting task. Raises Task.DoesNotExist, NotEditable, NeverRuns."""
    if changes.run_at is not None:
        _check_it_can_run(task_id, changes.run_at)
    if changes == Edit():
        is_waiting = Task.objects.filter(id=task_id, status__in=WAITING).exists()
        return _read_changed(task_id, is_waiting, NotEditable)
    return _read_changed(task_id, transitions.edit(task_id, changes), NotEditable)


def _check_it_can_run(task_id: UUID, run_at: datetime) -> None:
    expires_at = find_task(task_id).expires_at
    if expires_at is not None and expires_at <= run_at:
        raise NeverRuns(expires_at, run_at)


def cancel_many(tasks: QuerySet[Task], *, dry_run: bool = False) -> Changed:
    """Cancel those of `tasks` that wait, and ask those that run to stop."""
    return _change_all(tasks.filter(CANCELLABLE), lambda ids: len(transitions.cancel(ids)), dry_run=dry_run)


def retry_many(tasks: QuerySet[Task], *, dry_run: bool = False) -> Changed:
    """Let those of `tasks` that failed or were revoked run again."""
    return _change_all(tasks.filter(REVIVABLE), transitions.revive, dry_run=dry_run)


def _read_changed(task_id: UUID, is_changed: bool, refusal: type[WrongTaskStatus]) -> Task:
    task = find_task(task_id)
    if not is_changed:
        raise refusal(task.status)
    return task


def _change_all(tasks: QuerySet[Task], change: Callable[[Sequence[UUID]], int], *, dry_run: bool) -> Changed:
    ids = sorted(tasks.order_by().values_list("id", flat=True)[: MOST_AT_ONCE + 1])
    refused = Refused("changing many tasks")

    def change_chunk(chunk: Sequence[UUID]) -> int:
        """By one statement, unless a row is refused."""
        try:
            return change(chunk)
        except Exception as error:
            if concerns_all(error):
                raise
        return sum(apart(change, chunk, refused.add))

    return change_in_chunks(ids, MOST_AT_ONCE, CHUNK, len if dry_run else change_chunk, refused)
