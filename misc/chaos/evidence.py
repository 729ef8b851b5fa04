"""Everything that the audit looks at: rows, the ledger, and what the customer was told."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from access.audit.chain import COLUMNS, Head, Link
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


class Chain(NamedTuple):
    """The audit log of a project, or of the installation."""

    project_id: int
    head: Head
    links: list[Link]


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
    cancelled: set[str] = field(default_factory=set)
    """Tasks of which a cancellation was answered with 200."""
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
    chains: list[Chain]
    unsealed: int
    """Events of the audit log that have no place in a chain."""
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
EVENTS_SQL = f"SELECT {', '.join(COLUMNS)} FROM audit_event"  # noqa: S608 (constants)
SEALS_SQL = "SELECT project_id, number, hash, event_id FROM audit_seal ORDER BY project_id, number"
CHAINS_SQL = "SELECT project_id, first_number, before_first, last_number, last_hash FROM audit_chain"
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
        list(_chains(rows)),
        next(iter(rows("SELECT count(*) FROM audit_unsealed")))[0],
        lines,
        victims,
    )


def _chains(rows: Rows) -> Iterator[Chain]:
    events = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows(EVENTS_SQL)}
    seals = [(row[0], Link(row[1], bytes(row[2]), row[3], events.get(row[3]))) for row in rows(SEALS_SQL)]
    for project_id, first, before, last, end in rows(CHAINS_SQL):
        links = [link for project, link in seals if project == project_id]
        yield Chain(project_id, Head(first, bytes(before), last, bytes(end)), links)


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
