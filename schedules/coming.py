"""What is coming of a schedule, as far as its rule and its ledger tell."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice

from schedules.ledger import Known
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import TIMED, WAITING
from schedules.recurrence import SEARCH_STEPS, RecurrenceError, Rule

LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


def coming(
    schedule: TaskSchedule,
    rule: Rule,
    known: Mapping[datetime, Known],
    most: int,
    *,
    not_before: datetime | None = None,
) -> list[datetime]:
    """The rule's next instants that are to become tasks, at most so many; an instant that was moved keeps its name.

    `known`: the schedule's rows ahead, as `ledger.known` finds them. Fewer come where the search for them takes long.
    """
    start = _start(schedule)
    if start is None:
        return []
    waiting = sum(row.entry.outcome in WAITING and instant < start for instant, row in known.items())
    if schedule.runs_remaining is not None:
        most = min(most, max(0, schedule.runs_remaining - waiting))
    left_out = {instant for instant, row in known.items() if row.entry.outcome not in TIMED}
    found: list[datetime] = []
    with suppress(RecurrenceError):  # so sparse that the search ends: these are told
        named = rule.between(max(start, not_before or start), LAST_INSTANT, steps=SEARCH_STEPS)
        found.extend(islice((instant for instant in named if instant not in left_out), most))
    return found


def _start(schedule: TaskSchedule) -> datetime | None:
    """From when on it makes tasks, as far as anybody knows. Of a pause, the instants before its end are lost."""
    if schedule.next_run_at is None:
        return None
    if schedule.status == ScheduleStatus.ACTIVE:
        return schedule.next_run_at
    if schedule.status == ScheduleStatus.PAUSED and schedule.paused_until is not None:
        return max(schedule.next_run_at, schedule.paused_until)
    return None
