"""What people may do with tasks that are there: cancel, run again, change. One, or many at once."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from rest.json import instant_text
from tasks_api import transitions
from tasks_api.broker.messages import Message
from tasks_api.broker.publisher import publisher
from tasks_api.isolation.refusals import Refused, apart, concerns_all
from tasks_api.lifecycle import CANCEL, REVIVE, WAITING, Status
from tasks_api.models import Task, find_task
from tasks_api.postgres.telling import tell
from tasks_api.transitions import Edit

MOST_AT_ONCE = 50_000
"""How many tasks one request changes at most, so that it ends in time; the caller asks again for the rest."""
CHUNK = 1_000

logger = logging.getLogger(__name__)

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


@dataclass(frozen=True, slots=True)
class Many:
    """How many tasks were changed, or would be, whether these are all, and how many of them the database refused."""

    count: int
    complete: bool
    failed: int = 0


def cancel(task_id: UUID) -> Task:
    """Cancel a task that waits, ask one that runs to stop. Raises Task.DoesNotExist, NotCancellable."""
    return _read_changed(task_id, bool(transitions.cancel([task_id])), NotCancellable)


def retry(task_id: UUID) -> Task:
    """Let a task that failed or was revoked run again. Raises Task.DoesNotExist, NotRevivable."""
    return _read_changed(task_id, bool(_revive([task_id])), NotRevivable)


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


def cancel_many(tasks: QuerySet[Task], *, dry_run: bool = False) -> Many:
    """Cancel those of `tasks` that wait, and ask those that run to stop."""
    return _each_chunk(tasks.filter(CANCELLABLE), lambda ids: len(transitions.cancel(ids)), dry_run=dry_run)


def retry_many(tasks: QuerySet[Task], *, dry_run: bool = False) -> Many:
    """Let those of `tasks` that failed or were revoked run again."""
    return _each_chunk(tasks.filter(REVIVABLE), lambda ids: len(_revive(ids)), dry_run=dry_run)


def _read_changed(task_id: UUID, is_changed: bool, refusal: type[WrongTaskStatus]) -> Task:
    task = find_task(task_id)
    if not is_changed:
        raise refusal(task.status)
    return task


def _revive(ids: Sequence[UUID]) -> list[Message]:
    messages = sorted(transitions.revive(ids), key=lambda message: message.task_id)
    transaction.on_commit(lambda: publisher.send(messages))
    return messages


def _each_chunk(tasks: QuerySet[Task], change: Callable[[list[UUID]], int], *, dry_run: bool) -> Many:
    """Each chunk commits by itself: nobody else waits for long, and what was done is done."""
    ids = list(tasks.order_by().values_list("id", flat=True)[: MOST_AT_ONCE + 1])
    chosen = sorted(ids[:MOST_AT_ONCE])
    many = Many(len(chosen), complete=True) if dry_run else _in_chunks(chosen, change)
    return replace(many, complete=many.complete and len(ids) <= MOST_AT_ONCE)


def _in_chunks(ids: Sequence[UUID], change: Callable[[list[UUID]], int]) -> Many:
    count, refused = 0, Refused("changing many tasks")
    for chunk in _chunks(ids):
        began = time.monotonic()
        try:
            count += _change(change, chunk, refused)
        except (OperationalError, InterfaceError) as error:
            if not count:
                raise
            seconds, then = time.monotonic() - began, f"done to {count} of them"
            tell(logger, error, doing="changing many tasks", seconds=seconds, then=then)
            return Many(
                count, complete=False, failed=refused.count
            )  # that nothing was done, as an error would say, is not true
    return Many(count, complete=True, failed=refused.count)


def _change(change: Callable[[list[UUID]], int], chunk: list[UUID], refused: Refused) -> int:
    """One statement, unless a row is refused."""
    try:
        return change(chunk)
    except Exception as error:
        if concerns_all(error):
            raise
    return sum(apart(change, chunk, refused.add))


def _chunks(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
