"""What one schedule adds to the forecast: the tasks that it is to make, hour by hour."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from schedules.models import TaskSchedule
from schedules.occurrences.upcoming import runs_from
from schedules.planning import Entry, Outcome, outlasting
from schedules.recurrence import SEARCH_STEPS, RecurrenceError, Rule
from tasks_api.roll_up.periods import EPOCH, HOUR, floor

FEW = 50
"""So many instants are named one by one; more are counted by the hour."""


class Hour(NamedTuple):
    """Where runs of a schedule are counted."""

    at: datetime
    priority: int


Share = Mapping[Hour, int]


def share_of(
    schedule: TaskSchedule, known: Mapping[datetime, Entry], start: datetime, end: datetime
) -> Share | None:
    """How many tasks it is to make in each hour from `start` to `end`, both whole hours; None: counting takes too long.

    `known`: its rows ahead, as `ledger.known` finds them. What is late or waits for another task counts nowhere.
    """
    runs = runs_from(schedule)
    if runs is None:
        return {}
    try:
        found = Counter(dict(_named(schedule, known, max(runs, start), end)))
        found.update(_timed(schedule, known.values(), max(runs, start), end))
        return (
            found
            if schedule.runs_remaining is None
            else _affordable(found, _left(schedule, known, runs, start))
        )
    except RecurrenceError:
        return None


def _named(
    schedule: TaskSchedule, known: Mapping[datetime, Entry], start: datetime, end: datetime
) -> Iterator[tuple[Hour, int]]:
    """By the rule, without those that have a row."""
    if schedule.next_run_at is None:
        return
    start = max(start, schedule.next_run_at)
    marks = Counter(floor(mark, HOUR) for mark in known if start <= mark < end)
    for hour, count in _by_hours(schedule.rule, start, end):
        if count > marks[hour]:
            yield Hour(hour, schedule.priority), count - marks[hour]


def _by_hours(rule: Rule, start: datetime, end: datetime) -> Iterable[tuple[datetime, int]]:
    """The hours that have instants, and how many. Raises RecurrenceError."""
    if start >= end:
        return ()
    if rule.count_cheaply(start, end, FEW) < FEW:
        return Counter(
            floor(instant, HOUR) for instant in rule.between(start, end, steps=SEARCH_STEPS)
        ).items()
    hours = _hours(floor(start, HOUR), end)
    return zip(hours, rule.count_each([start, *hours[1:], end]), strict=True)


def _hours(start: datetime, end: datetime) -> list[datetime]:
    return [start + number * HOUR for number in range((end - start) // HOUR)]


def _timed(
    schedule: TaskSchedule, entries: Iterable[Entry], start: datetime, end: datetime
) -> Mapping[Hour, int]:
    """Those that wait for a time of their own."""
    return Counter(
        Hour(floor(entry.due_at, HOUR), (entry.changes or {}).get("priority", schedule.priority))
        for entry in outlasting(entries, start)
        if entry.due_at < end
    )


def _left(schedule: TaskSchedule, known: Mapping[datetime, Entry], runs: datetime, start: datetime) -> int:
    """How many tasks it may make from `start` on: without what is late by then, and what is queued."""
    remaining = schedule.runs_remaining or 0
    queued = sum(entry.outcome is Outcome.QUEUED for entry in known.values())
    late_from = max(runs, schedule.next_run_at or start)
    late = 0
    if late_from < start:
        late = schedule.rule.count_cheaply(late_from, start, remaining) - sum(
            late_from <= mark < start for mark in known
        )
    return max(0, remaining - queued - max(0, late))


def _affordable(share: Share, left: int) -> Share:
    """The first so many of them."""
    found: dict[Hour, int] = {}
    for hour in sorted(share):
        if left <= 0:
            break
        found[hour] = min(share[hour], left)
        left -= found[hour]
    return found


def pack(share: Share) -> list[list[int]]:
    """As a row keeps it: hours that follow each other and have the same number are one entry."""
    packed: list[list[int]] = []
    for hour in sorted(share, key=lambda each: (each.priority, each.at)):
        number, count = (hour.at - EPOCH) // HOUR, share[hour]
        last = packed[-1] if packed else None
        if last and (last[0] + last[1], last[2], last[3]) == (number, hour.priority, count):
            last[1] += 1
        else:
            packed.append([number, 1, hour.priority, count])
    return packed


def unpack(packed: Sequence[Sequence[int]] | None) -> Share:
    """What `pack` kept."""
    return {
        Hour(EPOCH + timedelta(hours=number), priority): count
        for first, length, priority, count in packed or ()
        for number in range(first, first + length)
    }


def row_of(schedule: TaskSchedule, share: Share | None, counted_to: datetime) -> dict[str, Any]:
    """The row of a share, as JSON takes it."""
    return {
        "schedule_id": str(schedule.id),
        "project_id": schedule.project_id,
        "version": schedule.version,
        "status": schedule.status,
        "counted_to": counted_to.isoformat(),
        "operation": schedule.operation,
        "counts": None if share is None else pack(share),
    }
