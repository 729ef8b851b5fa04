"""Everything that the audit looks at: rows, the ledger, and what the customer was told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from misc.chaos.ledger import Line
from misc.chaos.load import Rhythm

Rows = Callable[[str], Iterable[tuple[Any, ...]]]


class Try(NamedTuple):
    """One attempt at a task."""

    task_id: str
    attempt: int


class TaskRow(NamedTuple):
    """A task, as its row tells it."""

    id: str
    operation: str
    arguments: dict[str, Any]
    tags: list[str]
    status: str
    attempt: int
    max_attempts: int
    final_attempt: int
    retry_when_lost: bool
    result: Any
    error: dict[str, Any] | None
    cancel_asked: bool
    schedule_id: str | None
    scheduled_for: datetime | None


class AttemptRow(NamedTuple):
    """An attempt that brought no result."""

    task_id: str
    number: int
    outcome: str


class OccurrenceRow(NamedTuple):
    """What became of one instant of a schedule, or of a run of them."""

    schedule_id: str
    first: datetime
    last: datetime
    size: int
    outcome: str
    task_id: str | None


class ScheduleRow(NamedTuple):
    """A schedule, as its row tells it."""

    id: str
    status: str


class GateRow(NamedTuple):
    """A priority: whether its tasks pass to the broker as they come, and how many wait in Postgres for room there."""

    priority: int
    is_open: bool
    waiting: int


@dataclass(slots=True)
class Customer:
    """What the customer was told, by which the service is held to its word."""

    accepted: dict[str, list[str]] = field(default_factory=dict)
    """Batches that were answered with 202: tag and ids."""
    doubtful: dict[str, int] = field(default_factory=dict)
    """Batches without an answer: tag and size. Each is there as a whole, or not at all."""
    revoked: dict[str, int] = field(default_factory=dict)
    """Tasks that were final when their cancellation returned, and how many attempts they had had."""
    asked: set[str] = field(default_factory=set)
    """Tasks that ran when they were cancelled."""
    schedules: dict[str, Rhythm] = field(default_factory=dict)


@dataclass(slots=True)
class Evidence:
    """What is there when all is quiet again."""

    customer: Customer
    tasks: list[TaskRow]
    attempts: list[AttemptRow]
    occurrences: list[OccurrenceRow]
    schedules: list[ScheduleRow]
    gates: list[GateRow]
    lines: list[Line]
    victims: set[Try]
    """Tries whose process was killed, or frozen beyond its lease, in the middle of its work."""

    @property
    def by_id(self) -> dict[str, TaskRow]:
        """The tasks by their ids."""
        return {task.id: task for task in self.tasks}

    @property
    def outcomes(self) -> dict[Try, str]:
        """How each attempt ended that brought no result."""
        return {Try(row.task_id, row.number): row.outcome for row in self.attempts}


TASKS_SQL = """
SELECT id::text, operation, arguments, tags, status, attempt, max_attempts, final_attempt, retry_when_lost,
       result, error, cancel_requested_at IS NOT NULL, schedule_id::text, scheduled_for FROM task
"""
ATTEMPTS_SQL = "SELECT task_id::text, number, outcome FROM attempt"
OCCURRENCES_SQL = """
SELECT schedule_id::text, scheduled_for, last_scheduled_for, count, outcome, task_id::text FROM occurrence
"""
SCHEDULES_SQL = "SELECT id::text, status FROM task_schedule"
GATES_SQL = """
SELECT priority, coalesce(is_open, true),
       (SELECT count(*) FROM task WHERE task.priority = each.priority AND dispatch_at = '-infinity')
  FROM generate_series(0, 9) AS each(priority) LEFT JOIN dispatch_gate USING (priority)
"""


def collect(rows: Rows, customer: Customer, lines: list[Line], victims: set[Try]) -> Evidence:
    """Read every row."""
    return Evidence(
        customer,
        [TaskRow(*map(_in_utc, row)) for row in rows(TASKS_SQL)],
        [AttemptRow(*row) for row in rows(ATTEMPTS_SQL)],
        [OccurrenceRow(*map(_in_utc, row)) for row in rows(OCCURRENCES_SQL)],
        [ScheduleRow(*row) for row in rows(SCHEDULES_SQL)],
        [GateRow(*row) for row in rows(GATES_SQL)],
        lines,
        victims,
    )


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
