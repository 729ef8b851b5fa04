"""What people may do with tasks that are there: cancel, run again, change. One, or many at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from access.actor import Actor, ActorKind
from access.audit.events import Action, differences, target
from access.audit.recording import event, record
from rest.json import instant_text
from tasks_api import transitions
from tasks_api.isolation.chunks import Changed, Tell, change_in_chunks, telling_once
from tasks_api.isolation.refusals import Refused, apart, concerns_all
from tasks_api.lifecycle import CANCEL, REVIVE, WAITING, Status
from tasks_api.models import Task, find_task
from tasks_api.transitions import Edit

MOST_AT_ONCE = 50_000
"""How many tasks one request changes at most, so that it ends in time; the caller asks again for the rest."""
CHUNK = 1_000
CANCELLABLE = Q(status__in=CANCEL.sources) | Q(status=Status.STARTED, cancel_requested_at=None)
FLOWER = Actor(ActorKind.SYSTEM, name="Flower")
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


def cancel(task_id: UUID, actor: Actor) -> Task:
    """Cancel a task that waits, ask one that runs to stop. Raises Task.DoesNotExist, NotCancellable."""
    told = event(actor, Action.TASK_CANCEL, target("task", task_id))
    changed = transitions.cancel_one(task_id, actor.project_id, told)
    return changed or _refuse(task_id, actor.project_id, NotCancellable)


def cancel_from_flower(ids: Sequence[UUID]) -> set[UUID]:
    """The same for tasks of any project, as Flower knows none. An event for each project. Those that were cancelled."""
    with transaction.atomic():
        cancelled = transitions.cancel(ids)
        by_project = defaultdict(list)
        for project_id, task_id in Task.objects.filter(id__in=cancelled).values_list("project_id", "id"):
            by_project[project_id].append(str(task_id))
        for project_id, some in by_project.items():
            meant = {"id": sorted(some)}
            on = target("task")
            record(FLOWER, Action.TASK_CANCEL, on, filter=meant, project_id=project_id, count=len(some))
    return cancelled


def retry(task_id: UUID, actor: Actor) -> Task:
    """Let a task that failed or was revoked run again. Raises Task.DoesNotExist, NotRevivable."""
    told = event(actor, Action.TASK_RETRY, target("task", task_id))
    changed = transitions.revive_one(task_id, actor.project_id, told)
    return changed or _refuse(task_id, actor.project_id, NotRevivable)


def edit(task_id: UUID, actor: Actor, changes: Edit) -> Task:
    """Change a waiting task. Raises Task.DoesNotExist, NotEditable, NeverRuns."""
    project_id = actor.project_id
    if changes.run_at is not None:
        _check_it_can_run(find_task(task_id, project_id), changes.run_at)
    if changes == Edit():
        task = find_task(task_id, project_id)
        if task.status not in WAITING:
            raise NotEditable(task.status)
        return task
    with transaction.atomic():
        edited = transitions.edit(task_id, changes, project_id)
        if edited is None:
            _refuse(task_id, project_id, NotEditable)
        before, after = edited
        now = Edit(after.priority, after.run_at, after.tags)
        if different := differences(asdict(before), asdict(now)):
            record(actor, Action.TASK_UPDATE, target("task", task_id), different)
    return after


def _check_it_can_run(task: Task, run_at: datetime) -> None:
    expires_at = task.expires_at
    if expires_at is not None and expires_at <= run_at:
        raise NeverRuns(expires_at, run_at)


def cancel_many(
    tasks: QuerySet[Task], actor: Actor, meant: Mapping[str, Any], *, dry_run: bool = False
) -> Changed:
    """Cancel those of `tasks` that wait, and ask those that run to stop. `meant`: the filter, for the audit log."""
    tell = partial(record, actor, Action.TASK_CANCEL, target("task"), filter=meant)
    found = tasks.filter(CANCELLABLE)
    return _change_all(found, lambda ids: len(transitions.cancel(ids)), tell, dry_run=dry_run)


def retry_many(
    tasks: QuerySet[Task], actor: Actor, meant: Mapping[str, Any], *, dry_run: bool = False
) -> Changed:
    """Let those of `tasks` that failed or were revoked run again. `meant`: the filter, for the audit log."""
    tell = partial(record, actor, Action.TASK_RETRY, target("task"), filter=meant)
    return _change_all(tasks.filter(REVIVABLE), transitions.revive, tell, dry_run=dry_run)


def _refuse(task_id: UUID, project_id: int, refusal: type[WrongTaskStatus]) -> NoReturn:
    """Of a task that was not changed."""
    raise refusal(find_task(task_id, project_id).status)


def _change_all(
    tasks: QuerySet[Task], change: Callable[[Sequence[UUID]], int], tell: Tell, *, dry_run: bool
) -> Changed:
    ids = sorted(tasks.order_by().values_list("id", flat=True)[: MOST_AT_ONCE + 1])
    refused = Refused("changing many tasks")
    change_and_tell = telling_once(change, ids[:MOST_AT_ONCE], tell)

    def change_chunk(chunk: Sequence[UUID]) -> int:
        """By one statement, unless a row is refused."""
        try:
            return change_and_tell(chunk)
        except Exception as error:
            if concerns_all(error):
                raise
        return sum(apart(change_and_tell, chunk, refused.add))

    return change_in_chunks(ids, MOST_AT_ONCE, CHUNK, len if dry_run else change_chunk, refused)
