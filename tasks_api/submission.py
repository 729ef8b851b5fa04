"""The one way a task is born: one INSERT for any number of tasks, then one batch of messages after COMMIT."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

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
    """A task to be: checked arguments and every default filled in."""

    operation: str
    arguments: dict[str, Any]
    max_attempts: int
    timeout_seconds: float
    retry_when_lost: bool = False
    priority: int = DEFAULT_PRIORITY
    tags: list[str] = field(default_factory=list)
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

# One parameter however many tasks: the server takes the set apart faster than a driver quotes its values.
INSERT_SQL = """
WITH born AS (
    INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, expires_at,
                      schedule_id, scheduled_for, previous_scheduled_for, next_scheduled_for, status, attempt,
                      final_attempt, retry_when_lost, version, dispatch_at, dispatch_count, created_at)
    SELECT id, operation, arguments, priority, tags, max_attempts, timeout_seconds, begins, expires_at,
           schedule_id, scheduled_for, previous_scheduled_for, next_scheduled_for, 'PENDING', 0,
           max_attempts, retry_when_lost, 0,
           CASE WHEN begins > now() THEN begins ELSE now() + make_interval(secs => %s) END,
           (begins <= now())::int, now()
      FROM (SELECT *, coalesce(run_at, now() + make_interval(secs => coalesce(delay_seconds, 0))) AS begins
              FROM jsonb_to_recordset(%s) AS listed(
                   id uuid, operation text, arguments jsonb, priority smallint, tags text[], max_attempts smallint,
                   timeout_seconds float8, run_at timestamptz, delay_seconds float8, expires_at timestamptz,
                   schedule_id uuid, scheduled_for timestamptz, previous_scheduled_for timestamptz,
                   next_scheduled_for timestamptz, retry_when_lost bool)) AS new)
SELECT now()
"""


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
        text = json.dumps(_record(task), ensure_ascii=False)
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


def _record(task: NewTask) -> dict[str, Any]:
    return {
        "id": str(task.id),
        "operation": task.operation,
        "arguments": task.arguments,
        "priority": task.priority,
        "tags": task.tags,
        "max_attempts": task.max_attempts,
        "timeout_seconds": task.timeout_seconds,
        "retry_when_lost": task.retry_when_lost,
        "run_at": _text(task.run_at),
        **({"delay_seconds": task.delay.total_seconds()} if task.delay else {}),
        "expires_at": _text(task.expires_at),
        "schedule_id": task.schedule_id and str(task.schedule_id),
        "scheduled_for": _text(task.scheduled_for),
        "previous_scheduled_for": _text(task.previous_scheduled_for),
        "next_scheduled_for": _text(task.next_scheduled_for),
    }


def _run_at(task: NewTask, now: datetime) -> datetime:
    """Before when the task may not run, having been written now."""
    return task.run_at or now + (task.delay or timedelta())


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _row(task: NewTask, now: datetime) -> Task:
    return Task(
        id=task.id,
        operation=task.operation,
        arguments=task.arguments,
        priority=task.priority,
        tags=task.tags,
        max_attempts=task.max_attempts,
        timeout_seconds=task.timeout_seconds,
        final_attempt=task.max_attempts,
        retry_when_lost=task.retry_when_lost,
        run_at=_run_at(task, now),
        expires_at=task.expires_at,
        schedule_id=task.schedule_id,
        scheduled_for=task.scheduled_for,
        previous_scheduled_for=task.previous_scheduled_for,
        next_scheduled_for=task.next_scheduled_for,
        status=Status.PENDING,
        created_at=now,
    )
