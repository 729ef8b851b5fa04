"""The one way a task is born: one INSERT for any number of tasks, then one batch of messages after COMMIT."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from access.actor import DEFAULT_PROJECT_ID
from tasks_api import file_uses
from tasks_api.broker.messages import Message
from tasks_api.broker.publisher import publisher
from tasks_api.database import fetch_one
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Task
from tasks_api.postgres import Prepared
from tasks_api.postgres.json_sets import Part, in_parts
from tasks_api.shown import ShownTask
from tasks_api.transitions.backlog import close_gates
from tasks_api.transitions.placing import BACKLOG, placing, placing_one
from tasks_api.window import WINDOW

DEFAULT_PRIORITY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task to be: checked arguments and every default filled in. Each field but `delay` and `files` is a column."""

    operation: str
    arguments: Mapping[str, Any]
    max_attempts: int
    timeout_seconds: float
    retry_when_lost: bool = False
    priority: int = DEFAULT_PRIORITY
    tags: Sequence[str] = field(default_factory=list)
    run_at: datetime | None = None
    delay: timedelta | None = None
    """Instead of `run_at`: so long after it is written, by the database's clock."""
    expires_at: datetime | None = None
    schedule_id: UUID | None = None
    scheduled_for: datetime | None = None
    previous_scheduled_for: datetime | None = None
    next_scheduled_for: datetime | None = None
    project_id: int = DEFAULT_PROJECT_ID
    created_by: str | None = None
    request_id: str | None = None
    id: UUID = field(default_factory=new_id)
    files: Sequence[UUID] = ()
    """Those that its arguments refer to."""


@dataclass(frozen=True, slots=True)
class Born:
    """Tasks that were written at `at`, by the database's clock, in the order given."""

    tasks: Sequence[NewTask]
    at: datetime
    sent: Sequence[NewTask]
    """Those of which the broker is to get a message now. The others are handed over later: at their time, or when
    there is room for them."""

    def rows(self) -> list[Task]:
        """Each as the row that it is now."""
        return [_row(task, self.at) for task in self.tasks]

    def shown(self) -> Iterator[ShownTask]:
        """Each as clients see it now, made one by one."""
        return (_shown(task, self.at) for task in self.tasks)

    def messages(self) -> list[Message]:
        """What the broker is to get."""
        return [Message(task.id, task.operation, task.priority, task.timeout_seconds) for task in self.sent]


NOTHING = Born((), datetime.min.replace(tzinfo=UTC), ())

_GIVEN = [given.name for given in fields(NewTask) if given.name != "files"]
_STORED = [name for name in _GIVEN if name not in ("run_at", "delay")]
"""The columns that are written as they are given."""
# Whatever stands in a record of its own costs each task time, whether there is something in it or not.
_ORIGIN = {
    "project_id": f"coalesce((origin ->> 'project_id')::integer, {DEFAULT_PROJECT_ID})",
    "created_by": "origin ->> 'created_by'",
    "request_id": "origin ->> 'request_id'",
}
_PLAIN = [name for name in _GIVEN if name not in _ORIGIN]


def _type(name: str) -> str:
    return "interval" if name == "delay" else str(Task._meta.get_field(name).db_type(connection))  # noqa: SLF001 (public)


# One parameter however many tasks: the server takes the set apart faster than a driver quotes its values.
_ARRIVED = f"""
    SELECT *, begins <= now() AS is_due
      FROM (SELECT *, coalesce(run_at, now() + coalesce(delay, interval '0')) AS begins
              FROM jsonb_to_recordset(%(records)s)
                   AS listed(origin jsonb, {", ".join(f"{name} {_type(name)}" for name in _PLAIN)})) AS new"""  # noqa: S608 (names and types)
_INSERT = f"""
INSERT INTO task ({", ".join(_STORED)}, run_at, status, attempt, final_attempt, version,
                  dispatch_at, dispatch_count, created_at)
SELECT {", ".join(_ORIGIN.get(name, name) for name in _STORED)}, begins, 'PENDING', 0, max_attempts, 0,
       CASE WHEN is_sent THEN now() + make_interval(secs => %(resend)s) WHEN is_due THEN {BACKLOG} ELSE begins END,
       is_sent::int, now()"""


# Each returns the time of the transaction, and how many wait for room by priority; null: none does.
def _insert_one(*, is_alone: bool) -> str:
    return f"""
{_INSERT} FROM ({placing_one(_ARRIVED, is_alone=is_alone)}) AS placed
RETURNING now(), CASE WHEN dispatch_at = {BACKLOG} THEN jsonb_build_object(priority, 1) END
"""


def _insert_many(*, is_alone: bool, ahead: str | None = None) -> str:
    return f"""
{placing(_ARRIVED, is_alone=is_alone, ahead=ahead)},
born AS ({_INSERT} FROM placed)
SELECT now(), (SELECT jsonb_object_agg(priority, count)
                 FROM (SELECT priority, count(*) FROM placed WHERE is_due AND NOT is_sent GROUP BY priority) AS held)
"""  # noqa: S608 (names and types of columns)


# By whether the statement is committed at once.
INSERT_ONE_SQL = {
    True: Prepared("insert_one", _insert_one(is_alone=True)),
    False: Prepared("insert_one_within", _insert_one(is_alone=False)),
}
INSERT_MANY_SQL = {
    True: Prepared("insert_many", _insert_many(is_alone=True)),
    False: Prepared("insert_many_within", _insert_many(is_alone=False)),
}
INSERT_PART_SQL = Prepared("insert_part", _insert_many(is_alone=False, ahead="%(ahead)s::jsonb"))


def submit(tasks: Sequence[NewTask]) -> Born:
    """Create `tasks`, all or none, and hand those that are due to the broker once they are committed."""
    born = insert(tasks)
    announce(born)
    return born


def insert(tasks: Sequence[NewTask]) -> Born:
    """Write the rows, all or none, without telling the broker.

    One statement, unless the tasks are together larger than one may be, or read files.
    """
    if not tasks:
        return NOTHING
    read = [(file_id, task.id) for task in tasks for file_id in task.files]
    if not read:
        return _insert_all(tasks)
    with transaction.atomic():
        born = _insert_all(tasks)
        file_uses.note_read(read)
    return born


def _insert_all(tasks: Sequence[NewTask]) -> Born:
    first, *more = in_parts(tasks, _record)
    return _insert_parts([first, *more]) if more else _insert(first)


def joined(parts: Sequence[Born]) -> Born:
    """Tasks that were written part by part, as if at once."""
    tasks = [task for part in parts for task in part.tasks]
    if not tasks:
        return NOTHING
    return Born(tasks, max(part.at for part in parts), [task for part in parts for task in part.sent])


def _record(task: NewTask) -> dict[str, Any]:
    """What the statement gets of a task. What goes without saying is left out: it costs time to write and to read."""
    record = {name: value for name in _PLAIN if (value := getattr(task, name)) is not None}
    if task.project_id != DEFAULT_PROJECT_ID or task.created_by is not None:
        record["origin"] = _values(task, list(_ORIGIN))
    return record


def _insert(part: Part[NewTask]) -> Born:
    """Write one such array."""
    statements = INSERT_ONE_SQL if len(part.items) == 1 else INSERT_MANY_SQL
    is_alone = not connection.in_atomic_block
    born, held = _write(statements[is_alone], part)
    if len(part.items) > 1 and not is_alone:
        _close_gates_later(held)
    return born


def _insert_parts(parts: Iterable[Part[NewTask]]) -> Born:
    """Write several, all or none. They pass to the broker, or wait for room there, as if they were one."""
    written: list[Born] = []
    sent: Counter[int] = Counter()
    waiting: set[int] = set()
    with transaction.atomic():
        for part in parts:
            ahead = {**sent, **dict.fromkeys(waiting, WINDOW)}
            born, held = _write(INSERT_PART_SQL, part, ahead=json.dumps(ahead))
            written.append(born)
            sent.update(task.priority for task in born.sent)
            waiting.update(held)
        _close_gates_later(waiting)
    return joined(written)


def _write(statement: Prepared, part: Part[NewTask], **more: object) -> tuple[Born, Counter[int]]:
    """What was written, and how many of each priority wait for room."""
    row = fetch_one(statement, {"resend": RESEND_SECONDS[0], "records": part.records, **more})
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    at, found = row
    held = Counter({int(priority): count for priority, count in json.loads(found or "{}").items()})
    return Born(part.items, at, _sent(part.items, at, held)), held


def _close_gates_later(priorities: Iterable[int]) -> None:
    """What is not committed cannot be seen by whoever fills windows, and must not lock what he needs."""
    if closing := list(priorities):
        transaction.on_commit(lambda: close_gates(closing), robust=True)


def _sent(tasks: Sequence[NewTask], at: datetime, held: Counter[int]) -> Sequence[NewTask]:
    """Those that are due, without the newest of each priority that wait for room."""
    due = [task for task in tasks if _run_at(task, at) <= at]
    if not held:
        return due
    sent = Counter(task.priority for task in due) - held
    oldest = set()
    for task in sorted(due, key=lambda task: task.id):
        if sent[task.priority]:
            sent[task.priority] -= 1
            oldest.add(task.id)
    return [task for task in due if task.id in oldest]


def announce(born: Born) -> None:
    """After COMMIT, publish what the broker is to get of them."""
    messages = born.messages()
    if messages:
        transaction.on_commit(lambda: publisher.send(messages))


def _run_at(task: NewTask, now: datetime) -> datetime:
    """Before when the task may not run, having been written now."""
    return task.run_at or now + (task.delay or timedelta())


def _values(task: NewTask, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(task, name) for name in names}


def _row(task: NewTask, now: datetime) -> Task:
    return Task(
        **_values(task, _STORED),
        run_at=_run_at(task, now),
        final_attempt=task.max_attempts,
        status=Status.PENDING,
        created_at=now,
    )


def _shown(task: NewTask, now: datetime) -> ShownTask:
    return ShownTask(
        id=task.id,
        operation=task.operation,
        arguments=task.arguments,
        priority=task.priority,
        status=Status.PENDING,
        result=None,
        error=None,
        progress=None,
        attempt=0,
        max_attempts=task.max_attempts,
        timeout_seconds=task.timeout_seconds,
        tags=task.tags,
        run_at=_run_at(task, now),
        expires_at=task.expires_at,
        schedule_id=task.schedule_id,
        scheduled_for=task.scheduled_for,
        created_at=now,
        started_at=None,
        finished_at=None,
        cancel_requested_at=None,
        created_by=task.created_by,
        request_id=task.request_id,
        version=0,
    )
