"""What the list of tasks shows, read as the API reads it: with the same filters, for the same actor."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from access.actor import Actor
from access.payloads import without_payloads
from access.scopes import Scope
from dashboard.tasks import filter_bar
from dashboard.tasks.filter_bar import Wanted
from rest.input import read_body
from rest.problems import InvalidInput
from schedules.models import TaskSchedule
from tasks_api.api.filters import listed
from tasks_api.filters import TaskFilter
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.roll_up import present
from tasks_api.roll_up.present import Counted
from tasks_api.searching import Free, TookTooLong, search

SIZE = 40
PAYLOADS_NEEDED = "args. and error: look into what tasks work with, which needs the scope payloads:read."


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. `problems` say why nothing is shown."""

    text: str
    wanted: Wanted
    filter: TaskFilter
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of tasks, newest first. `older` and `newer` are the ids at its ends, where it goes on there."""

    tasks: Sequence[Task] = ()
    older: UUID | None = None
    newer: UUID | None = None
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """A state, how many tasks are in it, where that is known at little cost, and the text that shows these."""

    status: str | None
    text: str
    is_current: bool
    count: Counted | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A task as a line of the list."""

    task: Task
    arguments: str | None = None
    error: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float | None:
        """How long its last attempt ran; None: it has not ended, or never began."""
        task = self.task
        if task.started_at is None or task.finished_at is None:
            return None
        return max(0.0, (task.finished_at - task.started_at).total_seconds())


def ask(text: str, actor: Actor) -> Asked:
    """Read the text of the filter bar."""
    own = TaskSchedule.objects.filter(project_id=actor.project_id)

    def schedule_of(name: str) -> UUID | None:
        return own.filter(name=name).values_list("id", flat=True).first()

    wanted = filter_bar.read(text, datetime.now(UTC), schedule_of)
    problems, query = list(wanted.problems), TaskFilter()
    if wanted.is_free and not actor.may(Scope.PAYLOADS_READ):
        problems.append(PAYLOADS_NEEDED)
    try:
        query = read_body(TaskFilter, dict(wanted.filter))
    except InvalidInput as error:
        problems += [each.sentence for each in error.errors]
    return Asked(text, wanted, query, problems)


def read_page(asked: Asked, actor: Actor, *, before: UUID | None, after: UUID | None) -> TaskPage:
    """A page of what is asked for: the newest; older than `before`; or just newer than `after`."""
    if asked.problems:
        return TaskPage(problems=asked.problems)
    try:
        found = _first(asked, actor, before=before, after=after)
    except InvalidInput as error:
        return TaskPage(problems=[each.sentence for each in error.errors])
    except TookTooLong as error:
        return TaskPage(problems=[str(error).capitalize()])
    more, tasks = len(found) > SIZE, found[:SIZE]
    if after is not None:
        tasks.reverse()
    if not tasks:
        return TaskPage()
    has_older, has_newer = (True, more) if after is not None else (more, before is not None)
    return TaskPage(tasks, tasks[-1].id if has_older else None, tasks[0].id if has_newer else None)


def _first(asked: Asked, actor: Actor, *, before: UUID | None, after: UUID | None) -> list[Task]:
    if asked.wanted.is_free:
        free = Free(asked.wanted.arguments, asked.wanted.errors)
        return search(asked.filter, actor.project_id, free, SIZE + 1, before=before, after=after)
    rows, read = listed(asked.filter, actor.project_id)
    if after is not None:
        return read(rows.filter(id__gt=after).order_by("id"), SIZE + 1)
    beyond = {} if before is None else {"id__lt": before}
    return read(rows.filter(**beyond).order_by("-id"), SIZE + 1)


def tabs(asked: Asked, actor: Actor) -> list[Tab]:
    """One for all, and one for each state. Counts are there without filters, and for an operation."""
    terms, statuses = asked.wanted.terms, asked.wanted.statuses
    counts: Mapping[str, Counted] = {}
    if (
        not asked.problems
        and set(asked.wanted.filter) <= {"status", "operation"}
        and not asked.wanted.is_free
    ):
        counts = present.counts(actor.project_id, asked.filter.operation)
    found = [Tab(None, filter_bar.with_status(terms, None), not statuses)]
    for status in Status:
        text = filter_bar.with_status(terms, status.value)
        found.append(Tab(status.value, text, statuses == [status.value], counts.get(status.value)))
    return found


def rows_of(tasks: Sequence[Task], actor: Actor) -> list[Row]:
    """Lines, with nothing in them that the actor may not see."""
    is_shown = actor.may(Scope.PAYLOADS_READ)
    return [_row(task, is_shown) for task in tasks]


def _row(task: Task, is_shown: bool) -> Row:
    error = {"error": task.error}
    told = (error if is_shown else without_payloads(error))["error"] or {}
    return Row(task, key_arguments(task.arguments) if is_shown else None, told)


LONGEST_VALUE = 40
MOST_SHOWN = 3


def key_arguments(arguments: Any) -> str:
    """The first few arguments in short: `url=https://… method=POST`. Those inside of others are left to the task."""
    if not isinstance(arguments, dict):
        return ""
    plain = [(name, value) for name, value in arguments.items() if not isinstance(value, dict | list)]
    told = [f"{_short(str(name))}={_short(_said(value))}" for name, value in plain[:MOST_SHOWN]]
    return " ".join([*told, "…"] if len(arguments) > len(told) else told)


def _said(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_VALUE else f"{line[:LONGEST_VALUE]}…"
