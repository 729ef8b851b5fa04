"""The one way a task is born: one INSERT for any number of tasks, then one batch of messages after COMMIT."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tasks_api.broker.messages import Message
from tasks_api.broker.publisher import publisher
from tasks_api.database import fetch_one
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Task

DEFAULT_PRIORITY = 5
MOST_CHARACTERS = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task to be: checked arguments and every default filled in. Each field but `delay` is a column of the task."""

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
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Born:
    """Tasks that were written at `at`, by the database's clock, in the order given."""

    tasks: Sequence[NewTask]
    at: datetime

    def rows(self) -> list[Task]:
        """Each as the row that it is now."""
        return [_row(task, self.at) for task in self.tasks]

    def messages(self) -> list[Message]:
        """What the broker is to carry for those whose time has come."""
        return [
            Message(task.id, task.operation, task.priority, task.timeout_seconds)
            for task in self.tasks
            if _run_at(task, self.at) <= self.at
        ]


NOTHING = Born((), datetime.min.replace(tzinfo=UTC))

_GIVEN = [given.name for given in fields(NewTask)]
_STORED = [name for name in _GIVEN if name not in ("run_at", "delay")]
"""The columns that are written as they are given."""


def _type(name: str) -> str:
    return "interval" if name == "delay" else str(Task._meta.get_field(name).db_type(connection))  # noqa: SLF001 (public)


# One parameter however many tasks: the server takes the set apart faster than a driver quotes its values.
INSERT_SQL = f"""
WITH born AS (
    INSERT INTO task ({", ".join(_STORED)}, run_at, status, attempt, final_attempt, version,
                      dispatch_at, dispatch_count, created_at)
    SELECT {", ".join(_STORED)}, begins, 'PENDING', 0, max_attempts, 0,
           CASE WHEN begins > now() THEN begins ELSE now() + make_interval(secs => %s) END,
           (begins <= now())::int, now()
      FROM (SELECT *, coalesce(run_at, now() + coalesce(delay, interval '0')) AS begins
              FROM jsonb_to_recordset(%s) AS listed({", ".join(f"{name} {_type(name)}" for name in _GIVEN)})) AS new)
SELECT now()
"""  # noqa: S608 (names and types of columns)


def submit(tasks: Sequence[NewTask]) -> list[Task]:
    """Create `tasks`, all or none, and hand those that are due to the broker once they are committed.

    Returns the rows in the order given, as they were written.
    """
    born = insert(tasks)
    announce(born)
    return born.rows()


def insert(tasks: Sequence[NewTask]) -> Born:
    """Write the rows, all or none, without telling the broker.

    One statement, unless the tasks are together larger than one may be.
    """
    if not tasks:
        return NOTHING
    first, *more = _records(tasks)
    if not more:
        return Born(tasks, _insert(first))
    with transaction.atomic():
        at = _insert(first)
        for records in more:
            _insert(records)
    return Born(tasks, at)


def _records(tasks: Sequence[NewTask]) -> Iterator[str]:
    """The tasks in order as JSON arrays of about MOST_CHARACTERS; jsonb takes no more than four times that."""
    texts: list[str] = []
    size = 0
    for task in tasks:
        text = json.dumps(_values(task, _GIVEN), ensure_ascii=False, default=_text)
        if texts and size + len(text) > MOST_CHARACTERS:
            yield f"[{','.join(texts)}]"
            texts, size = [], 0
        texts.append(text)
        size += len(text)
    yield f"[{','.join(texts)}]"


def _insert(records: str) -> datetime:
    """Write one such array. The time of the transaction, which is that of its tasks."""
    row = fetch_one(INSERT_SQL, [RESEND_SECONDS[0], records])
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    at: datetime = row[0]
    return at


def announce(born: Born) -> None:
    """After COMMIT, publish the messages of those whose time has come."""
    messages = born.messages()
    if messages:
        transaction.on_commit(lambda: publisher.send(messages))


def _run_at(task: NewTask, now: datetime) -> datetime:
    """Before when the task may not run, having been written now."""
    return task.run_at or now + (task.delay or timedelta())


def _values(task: NewTask, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(task, name) for name in names}


def _text(value: UUID | datetime | timedelta) -> str:
    """As Postgres reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value.total_seconds()} seconds" if isinstance(value, timedelta) else str(value)


def _row(task: NewTask, now: datetime) -> Task:
    return Task(
        **_values(task, _STORED),
        run_at=_run_at(task, now),
        final_attempt=task.max_attempts,
        status=Status.PENDING,
        created_at=now,
    )
