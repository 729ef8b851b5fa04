"""Telling what became of each instant of a schedule and what is to come: its ledger, then its rule."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from heapq import merge
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.db.models.functions import Coalesce

from rest.cpu_budget import CpuBudget
from schedules.ledger.ranges import instants, rule_of
from schedules.models import Occurrence, TaskSchedule
from schedules.occurrences.forecast import UPCOMING, Outlook
from schedules.planning import JUST_AFTER, TIMED, Outcome
from schedules.recurrence import RecurrenceError

BUDGET_SECONDS = 0.5
"""Of CPU, for a page; most need a tenth of it. Where it is spent, the page is shorter."""


@dataclass(frozen=True, slots=True)
class ListedOccurrence:
    """One instant. `due_at`, `changes`: where its user moved it, and its own `arguments` or `priority`."""

    scheduled_for: datetime
    local: datetime
    outcome: str
    reason: str | None = None
    task_id: UUID | None = None
    due_at: datetime | None = None
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The instants in [start, end), the first one first or, `backwards`, the last one first."""

    start: datetime
    end: datetime
    backwards: bool = False


def page(
    schedule: TaskSchedule, period: Period, limit: int, now: datetime, outlook: Outlook | None = None
) -> tuple[list[ListedOccurrence], bool]:
    """The first `limit` instants of a period in its direction, and whether there may be more behind them.

    Costs what the page costs, however long the ledger and its ranges are. What a sweep did after `schedule` was read
    is told as the ledger has it. `outlook`: of that schedule, for whoever has one.
    """
    rows = _rows(schedule, period, limit + 1)
    outlook = outlook or Outlook(_moved_back(schedule) or schedule, now)
    past = chain.from_iterable(_expand_row(row, outlook, period) for row in rows)
    coming = _coming(outlook, period, rows)
    listed = merge(past, coming, key=lambda each: each.scheduled_for, reverse=period.backwards)
    return _within_budget(listed, limit)


def one(schedule: TaskSchedule, row: Occurrence, now: datetime) -> ListedOccurrence:
    """An occurrence that has a row of its own, as its list tells it."""
    return _read_row(row, Outlook(schedule, now))


def _within_budget(listed: Iterable[ListedOccurrence], limit: int) -> tuple[list[ListedOccurrence], bool]:
    budget = CpuBudget(BUDGET_SECONDS)
    found: list[ListedOccurrence] = []
    for each in listed:
        if len(found) == limit or (found and budget.is_spent()):
            return found, True
        found.append(each)
    return found, False


def _moved_back(schedule: TaskSchedule) -> TaskSchedule | None:
    """The schedule, if somebody took back what was said of an instant since it was read: no row tells of that now."""
    if schedule.next_run_at is None:
        return None
    return TaskSchedule.objects.filter(id=schedule.id, next_run_at__lt=schedule.next_run_at).first()


def _rows(schedule: TaskSchedule, period: Period, most: int) -> list[Occurrence]:
    """The rows of a period in its direction. No two overlap, so only one that begins before it may reach into it."""
    rows = Occurrence.objects.filter(schedule=schedule)
    before = (
        rows.filter(scheduled_for__lte=period.start).order_by("-scheduled_for").values("scheduled_for")[:1]
    )
    found = rows.filter(
        scheduled_for__gte=Coalesce(Subquery(before), period.start), scheduled_for__lt=period.end
    ).order_by("-scheduled_for" if period.backwards else "scheduled_for")
    return [row for row in found[: most + 1] if row.last_scheduled_for >= period.start]


def _expand_row(row: Occurrence, outlook: Outlook, period: Period) -> Iterator[ListedOccurrence]:
    if row.count == 1:
        yield _read_row(row, outlook)
        return
    try:
        rule = rule_of(row)
    except RecurrenceError:  # as where a zone is gone
        yield from _ends_of(row, outlook.zone, period)
        return
    start, end = max(row.scheduled_for, period.start), min(row.last_scheduled_for + JUST_AFTER, period.end)
    for instant in instants(rule, start, end, backwards=period.backwards):
        yield _part_of(row, instant, rule.zone)


def _ends_of(row: Occurrence, zone: tzinfo, period: Period) -> Iterator[ListedOccurrence]:
    """What is certain of a range whose rule can be read no more."""
    ends = (row.scheduled_for, row.last_scheduled_for)
    for instant in sorted(ends, reverse=period.backwards):
        if period.start <= instant < period.end:
            yield _part_of(row, instant, zone)


def _part_of(row: Occurrence, instant: datetime, zone: tzinfo) -> ListedOccurrence:
    return ListedOccurrence(instant, instant.astimezone(zone), row.outcome, row.reason)


def _read_row(row: Occurrence, outlook: Outlook) -> ListedOccurrence:
    outcome, reason = row.outcome, row.reason
    due_at = row.due_at or row.scheduled_for
    if outcome in TIMED:
        fate, otherwise = outlook.fate_of_waiting(row.scheduled_for, due_at)
        outcome = outcome if outcome == Outcome.MOVED and fate == UPCOMING else fate
        reason = otherwise or reason
    local = row.scheduled_for.astimezone(_zone_of(row, outlook))
    return ListedOccurrence(row.scheduled_for, local, outcome, reason, row.task_id, row.due_at, row.changes)


def _zone_of(row: Occurrence, outlook: Outlook) -> tzinfo:
    try:
        return rule_of(row).zone if row.rule else outlook.zone
    except RecurrenceError:
        return outlook.zone


def _coming(outlook: Outlook, period: Period, rows: Sequence[Occurrence]) -> Iterator[ListedOccurrence]:
    spans = sorted((row.scheduled_for, row.last_scheduled_for) for row in rows)
    for instant in outlook.instants(period.start, period.end, backwards=period.backwards):
        at = bisect_right(spans, instant, key=lambda span: span[0]) - 1
        if at < 0 or spans[at][1] < instant:
            outcome, reason = outlook.fate(instant)
            yield ListedOccurrence(instant, instant.astimezone(outlook.zone), outcome, reason)
