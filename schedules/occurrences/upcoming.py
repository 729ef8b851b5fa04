"""What is coming of a schedule, as far as its rule and its ledger tell."""

from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from heapq import merge
from itertools import islice

from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import Entry, Outcome, outlasting
from schedules.recurrence import SEARCH_STEPS, RecurrenceError, Rule

FIRST_INSTANT, LAST_INSTANT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def coming(
    schedule: TaskSchedule,
    rule: Rule,
    known: Mapping[datetime, Entry],
    most: int,
    *,
    not_before: datetime = FIRST_INSTANT,
) -> list[datetime]:
    """The rule's next instants that are to become tasks, at most so many; an instant that was moved keeps its name.

    `known`: the schedule's rows ahead, as `ledger.known` finds them. Fewer come where the search for them takes long.
    """
    position, start = schedule.next_run_at, runs_from(schedule)
    if position is None or start is None:
        return []
    entries = list(known.values())
    due = _in_their_order(rule, entries, position, max(start, not_before))
    affordable = islice(due, _left(schedule, entries))
    return sorted(islice((instant for _, instant in affordable if instant >= position), most))


def runs_from(schedule: TaskSchedule) -> datetime | None:
    """What is due from then on becomes tasks; None: nothing does, as far as anybody knows."""
    match schedule.status:
        case ScheduleStatus.ACTIVE:
            return FIRST_INSTANT
        case ScheduleStatus.PAUSED:
            return schedule.paused_until
    return None


def _in_their_order(
    rule: Rule, entries: list[Entry], position: datetime, start: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """What is due from `start` on: when, and the instant, as planning orders them."""
    named = _instants_without_row(rule, max(position, start), {entry.scheduled_for for entry in entries})
    timed = sorted((entry.due_at, entry.scheduled_for) for entry in outlasting(entries, start))
    return merge(((instant, instant) for instant in named), timed)


def _instants_without_row(rule: Rule, start: datetime, marks: Container[datetime]) -> Iterator[datetime]:
    with suppress(RecurrenceError):  # so sparse that the search ends: these are told
        named = rule.between(start, LAST_INSTANT, steps=SEARCH_STEPS)
        yield from (instant for instant in named if instant not in marks)


def _left(schedule: TaskSchedule, entries: list[Entry]) -> int | None:
    """How many tasks it may make besides those of the queue; None: no limit."""
    if schedule.runs_remaining is None:
        return None
    queued = sum(entry.outcome is Outcome.QUEUED for entry in entries)
    return max(0, schedule.runs_remaining - queued)
