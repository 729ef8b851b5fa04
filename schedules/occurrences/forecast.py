"""What is to become of the instants that a schedule has not dealt with, as far as its rule and its status tell."""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import count

from schedules import ledger
from schedules.expansion.expanding import pause_of
from schedules.ledger.ranges import instants
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.occurrences.upcoming import FIRST_INSTANT, LAST_INSTANT, runs_from
from schedules.planning import ALL_MADE, JUST_AFTER, Entry, Outcome, outlasting
from schedules.recurrence import RecurrenceError, Rule

UPCOMING = "upcoming"
MOST_PASSED = 1_000
"""Going back from beyond the last task that it may make, it looks no further than so many instants."""


class Outlook:
    """One schedule, as it stands at `now`. Nothing it does raises RecurrenceError: what cannot be found is not told."""

    def __init__(
        self, schedule: TaskSchedule, now: datetime, known: dict[datetime, Entry] | None = None
    ) -> None:
        """`known`: what `ledger.known` tells of the schedule, for whoever has asked that already."""
        self._schedule = schedule
        self._now = now
        self._known = known

    @cached_property
    def rule(self) -> Rule | None:
        """The rule; None where it can be read no more."""
        with suppress(RecurrenceError):
            return self._schedule.rule
        return None

    @property
    def zone(self) -> tzinfo:
        """In which local times are told."""
        return self.rule.zone if self.rule else UTC

    def fate(self, instant: datetime) -> tuple[str, str | None]:
        """An outcome and the reason for it."""
        if instant >= self._runs_from:
            return UPCOMING, None
        suspension = pause_of(self._schedule, self._now)
        return suspension.outcome.value, suspension.reason

    def fate_of_waiting(self, instant: datetime, due_at: datetime) -> tuple[str, str | None]:
        """The same of an instant that has a row and waits for a time of its own."""
        with suppress(RecurrenceError):  # so sparse that counting is given up
            if due_at >= self._runs_from and not self._may_run(instant, due_at):
                return Outcome.MISSED.value, ALL_MADE
        return self.fate(due_at)

    def instants(self, start: datetime, end: datetime, *, backwards: bool = False) -> Iterator[datetime]:
        """Those in [start, end) that are not dealt with and have no row ahead, in either direction."""
        position = self._schedule.next_run_at
        if self.rule is None or position is None:
            return
        low, high = max(start, position), min(end, self._end)
        if low >= high:
            return
        named = instants(self.rule, low, high, backwards=backwards)
        with suppress(RecurrenceError):  # so sparse that counting is given up
            yield from self._affordable(named, high, backwards=backwards)

    @property
    def _end(self) -> datetime:
        """Behind it nothing comes."""
        match self._schedule.status:
            case ScheduleStatus.COMPLETED:
                return FIRST_INSTANT
            case ScheduleStatus.ERROR:
                return self._now + JUST_AFTER
        return LAST_INSTANT

    @property
    def _runs_from(self) -> datetime:
        """From when on instants become tasks."""
        match self._schedule.status:
            case ScheduleStatus.ACTIVE | ScheduleStatus.PAUSED:
                return runs_from(self._schedule) or LAST_INSTANT
        return self._now + JUST_AFTER

    def _may_run(self, instant: datetime, due_at: datetime) -> bool:
        """Whether what is due before one that waits leaves it a task."""
        remaining = self._schedule.runs_remaining
        if remaining is None:
            return True
        end = due_at + JUST_AFTER if instant > due_at else due_at
        return self._open_before(end, remaining) + self._waiting_before(due_at, instant) < remaining

    def _affordable(self, named: Iterator[datetime], end: datetime, *, backwards: bool) -> Iterator[datetime]:
        """Those that come before the last task that the schedule may make."""
        remaining = self._schedule.runs_remaining
        if remaining is None:
            return named
        open_ones = (instant for instant in named if instant not in self._marks)
        return (
            self._last_ones(open_ones, remaining, end)
            if backwards
            else self._first_ones(open_ones, remaining)
        )

    def _first_ones(self, named: Iterator[datetime], remaining: int) -> Iterator[datetime]:
        before: int | None = None
        for instant in named:
            if instant >= self._runs_from:
                before = self._open_before(instant, remaining) if before is None else before + 1
                if before + self._waiting_before(instant, instant) >= remaining:
                    return
            yield instant

    def _last_ones(self, named: Iterator[datetime], remaining: int, end: datetime) -> Iterator[datetime]:
        open_ones = self._open_before(end, remaining)
        if min(open_ones, open_ones + self._waiting_before(end) - remaining) > MOST_PASSED:
            return
        for before, instant in zip(count(open_ones - 1, -1), named, strict=False):
            if before < 0 or before + self._waiting_before(instant, instant) < remaining:
                yield instant

    def _open_before(self, end: datetime, remaining: int) -> int:
        """How many instants without a row are to run before `end`; not counted far beyond what may."""
        start = max(self._runs_from, self._schedule.next_run_at or end)
        if self.rule is None or start >= end:
            return 0
        marked = sum(start <= mark < end for mark in self._marks)
        return self.rule.count_cheaply(start, end, remaining + marked + MOST_PASSED + 1) - marked

    def _waiting_before(self, due_at: datetime, instant: datetime = FIRST_INSTANT) -> int:
        """How many with a row run before `instant` does, which is due at that time."""
        return bisect_left(self._due, (due_at, instant))

    @cached_property
    def _marks(self) -> dict[datetime, Entry]:
        """Rows ahead, and rows that wait."""
        if self._known is not None:
            return self._known
        return ledger.known([self._schedule.id]).get(self._schedule.id, {})

    @cached_property
    def _due(self) -> list[tuple[datetime, datetime]]:
        """When those run that wait, and which; of the queue, before all others."""
        entries = self._marks.values()
        queued = [(FIRST_INSTANT, each.scheduled_for) for each in entries if each.outcome is Outcome.QUEUED]
        timed = [(each.due_at, each.scheduled_for) for each in outlasting(entries, self._runs_from)]
        return sorted(queued + timed)
