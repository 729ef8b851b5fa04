"""A year of a schedule, day by day in its zone: how many instants had which outcome, and how many are to come."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from rest.cpu_budget import CpuBudget
from schedules.ledger import spec_from_json
from schedules.models import TaskSchedule
from schedules.occurrences.forecast import Outlook
from schedules.planning import JUST_AFTER, Outcome
from schedules.recurrence import RecurrenceError, Rule, parse
from tasks_api.database import fetch_all
from tasks_api.lifecycle import Status

WEEKS, WEEKS_AHEAD = 53, 12
DAY = timedelta(days=1)
MOST_ROWS = 10_000
"""Of the ledger; the newest. A schedule that runs each minute fills that in a week."""
MOST_COMING = 2_000
MOST_OF_A_DAY = 100_000
BUDGET_SECONDS = 0.2
"""Of CPU, for the ranges and for what is to come."""

# Only of what became a task does the task tell more.
ROWS_SQL = """
SELECT seen.scheduled_for, seen.last_scheduled_for, seen.count, seen.outcome, task.status, seen.rule::text
  FROM (SELECT scheduled_for, last_scheduled_for, count, outcome, task_id, rule
          FROM occurrence
         WHERE schedule_id = %(schedule)s AND scheduled_for < %(now)s
           AND scheduled_for >= coalesce(
               (SELECT max(scheduled_for) FROM occurrence
                 WHERE schedule_id = %(schedule)s AND scheduled_for <= %(start)s), %(start)s)
         ORDER BY scheduled_for DESC LIMIT %(most)s) AS seen
  LEFT JOIN LATERAL (SELECT status FROM task WHERE id = seen.task_id OFFSET 0) AS task ON true
 ORDER BY seen.scheduled_for DESC
"""


@dataclass(frozen=True, slots=True)
class Day:
    """How many instants of a day went well, failed, wait or run, made no task, or are to come."""

    day: date
    well: int = 0
    failed: int = 0
    open: int = 0
    none: int = 0
    coming: int = 0


@dataclass(frozen=True, slots=True)
class Year:
    """Whole weeks, each from Monday on. `known_from`: what lies before was too much to be read; None: all was."""

    weeks: Sequence[Sequence[Day]]
    known_from: date | None


def year(schedule: TaskSchedule, outlook: Outlook, now: datetime) -> Year:
    """The weeks around `now`, of which WEEKS_AHEAD are to come, with one statement and what the outlook sends."""
    zone, budget = outlook.zone, CpuBudget(BUDGET_SECONDS)
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday()) - (WEEKS - 1 - WEEKS_AHEAD) * 7 * DAY
    start = datetime.combine(monday, time(), zone)
    counts: dict[date, Counter[str]] = {monday + number * DAY: Counter() for number in range(WEEKS * 7)}
    rows = _rows(schedule.id, start, now)
    for row in rows:
        for day, kind, count in _parts(row, zone, start, budget):
            if day in counts:
                counts[day][kind] += count
    end = datetime.combine(monday + WEEKS * 7 * DAY, time(), zone)
    for day, count in _coming(outlook, now, end, budget, is_limited=schedule.runs_remaining is not None):
        counts[day]["coming"] += count
    days = [Day(day, **counted) for day, counted in counts.items()]
    known_from = rows[-1][0].astimezone(zone).date() if len(rows) == MOST_ROWS else None
    return Year([days[number : number + 7] for number in range(0, len(days), 7)], known_from)


def _coming(
    outlook: Outlook, now: datetime, end: datetime, budget: CpuBudget, *, is_limited: bool
) -> Iterator[tuple[date, int]]:
    """One by one at first; then each day as the rule alone has it, unless only so many may come."""
    reached, number = now, 0
    for number, instant in enumerate(outlook.instants(now, end), 1):
        yield instant.astimezone(outlook.zone).date(), 1
        reached = instant + JUST_AFTER
        if number == MOST_COMING or budget.is_spent():
            break
    while (
        number == MOST_COMING and outlook.rule and not is_limited and reached < end and not budget.is_spent()
    ):
        day = reached.astimezone(outlook.zone).date()
        midnight = datetime.combine(day + DAY, time(), outlook.zone)
        with suppress(RecurrenceError):  # so sparse that counting is given up
            yield day, outlook.rule.count_cheaply(reached, min(midnight, end), MOST_OF_A_DAY)
        reached = midnight


_Row = tuple[datetime, datetime, int, str, str | None, str | None]


def _rows(schedule_id: UUID, start: datetime, now: datetime) -> list[_Row]:
    named = {"schedule": schedule_id, "start": start, "now": now, "most": MOST_ROWS}
    return [
        (first, last, count, outcome, status, rule)
        for first, last, count, outcome, status, rule in fetch_all(ROWS_SQL, named)
    ]


def _parts(row: _Row, zone: tzinfo, start: datetime, budget: CpuBudget) -> Iterator[tuple[date, str, int]]:
    """What a row is of each day that it touches."""
    first, last, count, outcome, status, rule = row
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    kind = _kind(outcome, status)
    if day == end:
        yield day, kind, count
        return
    read = _read(rule)
    day = max(day, start.date())
    while day <= end and read is not None and not budget.is_spent():
        with suppress(RecurrenceError):  # so sparse that counting is given up
            yield day, kind, _of_day(read, day, zone, first, last, count)
        day += DAY


def _of_day(rule: Rule, day: date, zone: tzinfo, first: datetime, last: datetime, most: int) -> int:
    start, end = datetime.combine(day, time(), zone), datetime.combine(day + DAY, time(), zone)
    return rule.count_cheaply(max(start, first), min(end, last + timedelta(microseconds=1)), most)


def _read(rule: str | None) -> Rule | None:
    with suppress(RecurrenceError):
        return parse(spec_from_json(json.loads(rule))) if rule else None
    return None


def _kind(outcome: str, status: str | None) -> str:
    if outcome == Outcome.CREATED:
        match status:
            case Status.SUCCESS | None:
                return "well"
            case Status.FAILURE | Status.REVOKED:
                return "failed"
        return "open"
    return "open" if outcome in (Outcome.QUEUED, Outcome.MOVED, Outcome.CHANGED) else "none"
