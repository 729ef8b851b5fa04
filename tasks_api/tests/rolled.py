"""Tasks that ended, and what the roll-up makes of them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.roll_up.periods import MINUTE, floor
from tasks_api.roll_up.progress import LONGEST_WATCH
from tasks_api.roll_up.rolling import roll_up
from tasks_api.rolled_up import RollUp
from testing.clock import Clock
from testing.factories import make_task

SECOND = timedelta(seconds=1)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
OUTCOMES = {"SUCCESS": "success", "FAILURE": "failure"}


def ended(at: datetime, status: Status = Status.SUCCESS, **changes: Any) -> Task:
    """One that was due a second before it began, and ran for a second."""
    times = {"created_at": at - 3 * SECOND, "run_at": at - 2 * SECOND, "started_at": at - SECOND}
    return make_task(status, finished_at=at, **{**times, **changes})


def rolled() -> Counter[tuple[datetime, str, str]]:
    """What the roll-up says: how many, by minute, operation and outcome."""
    found: Counter[tuple[datetime, str, str]] = Counter()
    for row in RollUp.objects.all():
        found[row.minute, row.operation, row.outcome] += row.count
    return found


def of_rows() -> Counter[tuple[datetime, str, str]]:
    """What the rows of the tasks say."""
    tasks = Task.objects.filter(finished_at__isnull=False)
    return Counter(
        (floor(task.finished_at, MINUTE), task.operation, OUTCOMES.get(task.status, "expired"))
        for task in tasks
        if task.finished_at
    )


def settle(clock: Clock) -> None:
    """A transaction that has ended may look as if it were under way, in a test's own transaction: not after an hour."""
    for step in (2 * MINUTE, LONGEST_WATCH, LONGEST_WATCH, MINUTE):
        clock.advance(step)
        roll_up()
