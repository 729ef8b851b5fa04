"""What became of many schedules in a time, and what is to come, for a page that shows all of them together.

Bounded: so many schedules are chosen, and of each so many rows of its ledger; what runs often is counted, not named.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise

from rest.cpu_budget import CpuBudget
from schedules import ledger
from schedules.api.filters import listed
from schedules.filters import ScheduleFilter
from schedules.models import TaskSchedule
from schedules.occurrences.upcoming import runs_from
from schedules.planning import TIMED, WAITING, Entry, Outcome
from schedules.recurrence import SEARCH_STEPS, RecurrenceError
from schedules.shown.marks import Mark, has_task, strips
from tasks_api.lifecycle import Status

MOST_SCHEDULES = 50
MOST_COUNTED = 10_000
MOST_PAST = 60
"""Of the ledger of each schedule: its newest rows before the end of the time."""
MOST_NAMED = 50
"""A schedule that runs more often is counted, part by part."""
BUDGET_SECONDS = 0.08
"""Of CPU, for what is to come."""


@dataclass(frozen=True, slots=True)
class Item:
    """An instant, or `count` of them from `at` on. `kind`: well, failed, open, none, coming or left_out."""

    at: datetime
    schedule: TaskSchedule
    kind: str
    count: int = 1
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The schedules that are shown, and how many fit in all, counted no further than MOST_COUNTED."""

    schedules: Sequence[TaskSchedule]
    count: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """`items` in order. `past_from`: before it the ledger was too long of one schedule; `is_cut`: the future was."""

    items: Sequence[Item]
    past_from: datetime | None
    is_cut: bool


def choose(query: ScheduleFilter, project_id: int) -> Chosen:
    """Those that are due first, then those that nothing is to come of. Raises InvalidInput."""
    rows, read = listed(query, project_id)
    due = rows.filter(sweep_at__isnull=False).order_by("sweep_at", "id")
    found = list(read(due, MOST_SCHEDULES + 1))
    if len(found) <= MOST_SCHEDULES:
        found += read(rows.filter(sweep_at=None).order_by("-id"), MOST_SCHEDULES + 1 - len(found))
    if len(found) <= MOST_SCHEDULES:
        return Chosen(found, len(found))
    return Chosen(found[:MOST_SCHEDULES], rows[: MOST_COUNTED + 1].count())


def calendar(schedules: Sequence[TaskSchedule], edges: Sequence[datetime], now: datetime) -> Calendar:
    """What is between the first and the last of `edges`, which divide that time into parts; with two statements."""
    start, end = edges[0], edges[-1]
    items: list[Item] = []
    past_from: datetime | None = None
    if start < now and schedules:
        for schedule, marks in _past(schedules, min(now, end)):
            if len(marks) == MOST_PAST and marks[0].first > start:
                past_from = max(past_from or start, marks[0].first)
            items += (
                _of_mark(schedule, mark, start) for mark in marks if mark.last >= start and mark.first < end
            )
    budget, is_cut = CpuBudget(BUDGET_SECONDS), False
    if end > now and schedules:
        known = ledger.known([schedule.id for schedule in schedules])
        for schedule in schedules:
            if is_cut := budget.is_spent():
                break
            with suppress(RecurrenceError):  # it takes too long to find
                items += _coming(schedule, known.get(schedule.id, {}), edges, now)
    return Calendar(sorted(items, key=lambda item: item.at), past_from, is_cut)


def _past(
    schedules: Sequence[TaskSchedule], until: datetime
) -> Iterator[tuple[TaskSchedule, Sequence[Mark]]]:
    found = strips([schedule.id for schedule in schedules], until, MOST_PAST)
    return ((schedule, found[schedule.id].marks) for schedule in schedules if schedule.id in found)


def _of_mark(schedule: TaskSchedule, mark: Mark, start: datetime) -> Item:
    return Item(max(mark.first, start), schedule, kind_of(mark), mark.count, mark.reason)


def kind_of(mark: Mark) -> str:
    """What a calendar shows of a row of the ledger."""
    if has_task(mark):
        match mark.status:
            case Status.SUCCESS | None:
                return "well"
            case Status.FAILURE | Status.REVOKED:
                return "failed"
        return "open"
    return "open" if mark.outcome in WAITING else "none"


def _coming(
    schedule: TaskSchedule, known: Mapping[datetime, Entry], edges: Sequence[datetime], now: datetime
) -> Iterator[Item]:
    """By its rule, and by what was said of some of its instants. Raises RecurrenceError."""
    start, end = max(edges[0], now), edges[-1]
    for instant, entry in known.items():
        if entry.outcome is Outcome.OVERRIDDEN and start <= instant < end:
            yield Item(instant, schedule, "left_out")
        elif entry.outcome in TIMED and start <= entry.due_at < end:
            yield Item(entry.due_at, schedule, "coming")
    runs = runs_from(schedule)
    if runs is None or schedule.next_run_at is None:
        return
    start = max(start, runs, schedule.next_run_at)
    if start >= end:
        return
    left = schedule.runs_remaining
    if left is not None:
        late = schedule.rule.count_cheaply(max(runs, schedule.next_run_at), start, left)
        left = max(0, left - late)
    if schedule.rule.count_cheaply(start, end, MOST_NAMED + 1) <= MOST_NAMED:
        named = schedule.rule.between(start, end, steps=SEARCH_STEPS)
        yield from (Item(each, schedule, "coming") for each in islice(named, left) if each not in known)
        return
    yield from _counted(schedule, [start, *(edge for edge in edges if edge > start)], left)


def _counted(schedule: TaskSchedule, edges: Sequence[datetime], left: int | None) -> Iterator[Item]:
    for (at, _), count in zip(pairwise(edges), schedule.rule.count_each(edges), strict=True):
        number = count if left is None else min(count, left)
        left = None if left is None else left - number
        if number:
            first = schedule.rule.next(at, inclusive=True) if number == 1 else at
            yield Item(first or at, schedule, "coming", number)
