"""Which occurrences are to run now, and which came too late for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from heapq import merge
from itertools import islice
from typing import NamedTuple

from .policies import TIMED, MisfirePolicy, Outcome, Policies
from .state import JUST_AFTER, Decision, Entry, InstantSource, State, outlasting

MOST_COUNTED = 2_147_483_647
"""A range is counted up to here: what its column holds, 68 years of seconds."""

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

COALESCED = "nobody swept it in time, and run_last makes one task for all that are late"
MISSED = "nobody swept it in time, and misfire_policy is skip"
TOO_OLD = "nobody swept it within catchup_window_seconds"


class Keep(Enum):
    """Whether the last of those that are passed by runs after all."""

    NONE = 0
    LAST = 1
    LAST_UNLESS_ON_TIME = 2


class Segment(NamedTuple):
    """What becomes of all that is due before `end` and after the segments before. No outcome: it runs."""

    end: datetime
    outcome: Outcome | None = None
    reason: str | None = None
    keep: Keep = Keep.NONE


def segments(state: State, policies: Policies, now: datetime) -> Iterator[Segment]:
    """The past, cut up by what becomes of it."""
    on_time_from = now - policies.grace
    if state.suspension:
        keep = Keep.LAST if state.suspension.keep_last else Keep.NONE
        yield Segment(state.suspension.until, state.suspension.outcome, state.suspension.reason, keep)
    if state.run_all_until:
        yield Segment(min(state.run_all_until, now + JUST_AFTER))  # the clock may have been set back
    if policies.window is not None:
        yield Segment(min(now - policies.window, on_time_from), Outcome.MISSED, TOO_OLD)
    if policies.misfire is MisfirePolicy.SKIP:
        yield Segment(on_time_from, Outcome.MISSED, MISSED)
    elif policies.misfire is MisfirePolicy.RUN_LAST:
        yield Segment(on_time_from, Outcome.COALESCED, COALESCED, Keep.LAST_UNLESS_ON_TIME)
    yield Segment(now + JUST_AFTER)


@dataclass(slots=True)
class Walk:
    """From the past to now, segment by segment. What has a row of its own is left to that row."""

    rule: InstantSource
    cursor: datetime | None
    """The rule's instants before it are dealt with; None: it has no more."""
    timed: list[Entry]
    """Rows that wait for their time and are not dealt with, the first that is due first."""
    marks: set[datetime]
    """Instants that are not the rule's to name: they have a row, or are among those to run."""
    room: int
    run: list[Entry] = field(default_factory=list)
    passed: list[Decision] = field(default_factory=list)

    @classmethod
    def begin(cls, rule: InstantSource, state: State, policies: Policies) -> "Walk":
        """Where the schedule stands."""
        timed = [entry for entry in state.entries if entry.outcome in TIMED]
        timed.sort(key=_order)
        marks = {entry.scheduled_for for entry in state.entries}
        return cls(rule, state.next_run_at, timed, marks, policies.batch)

    def go(self, segment: Segment, now: datetime) -> bool:
        """Deal with one segment. False: there is no room for all of it; the rest stays due."""
        if not self._is_behind(segment.end):
            return True
        if segment.outcome is None:
            return self._run(segment.end)
        if self._keeps(segment, now) and (last := self._last_before(segment.end)):
            if not self.room:
                return False
            self._take(last)
        self._pass(segment)
        return True

    def next(self) -> datetime | None:
        """The first instant that is not dealt with. Where all to come are dealt with, the first of these."""
        if self.cursor is None:
            return None
        first = instant = self.rule.next(self.cursor, inclusive=True)
        dealt_with = self.marks.difference(entry.scheduled_for for entry in self.timed)
        while instant is not None and instant in dealt_with:
            instant = self.rule.next(instant)
        return instant or first

    def _is_behind(self, end: datetime) -> bool:
        """Whether anything may be due before `end`."""
        return (self.cursor is not None and self.cursor < end) or any(e.due_at < end for e in self.timed)

    def _keeps(self, segment: Segment, now: datetime) -> bool:
        if segment.keep is Keep.LAST_UNLESS_ON_TIME:
            return not self._any_due(segment.end, now)
        return segment.keep is Keep.LAST

    def _any_due(self, start: datetime, now: datetime) -> bool:
        if any(start <= entry.due_at <= now for entry in self.timed):
            return True
        return next(self._unmarked(start, now + JUST_AFTER), None) is not None

    def _unmarked(self, start: datetime, end: datetime) -> Iterator[datetime]:
        if self.cursor is None:
            return iter(())
        found = self.rule.between(max(start, self.cursor), end)
        return (instant for instant in found if instant not in self.marks)

    def _last_before(self, end: datetime) -> Entry | None:
        timed = [entry for entry in self.timed if entry.due_at < end]
        instant = self._last_unmarked(end)
        named = [] if instant is None else [Entry.of_rule(instant)]
        return max(timed[-1:] + named, key=_order, default=None)

    def _last_unmarked(self, end: datetime) -> datetime | None:
        if self.cursor is None:
            return None
        instant = self.rule.previous(end)
        while instant is not None and instant >= self.cursor and instant in self.marks:
            instant = self.rule.previous(instant)
        return instant if instant is not None and instant >= self.cursor else None

    def _take(self, entry: Entry) -> None:
        self.run.append(entry)
        self.room -= 1
        if entry.outcome:
            self.timed.remove(entry)
        else:
            self.marks.add(entry.scheduled_for)

    def _pass(self, segment: Segment) -> None:
        assert segment.outcome is not None  # noqa: S101 (see go)
        kept = outlasting(self.timed, segment.end)  # the last ones, for these are ordered
        for entry in self.timed[: len(self.timed) - len(kept)]:
            self.passed.append(Decision.of_one(segment.outcome, entry, segment.reason))
        self.timed = kept
        if self.cursor is None or self.cursor >= segment.end:
            return
        for run in self._runs(self.cursor, segment.end):
            self.passed.append(Decision(segment.outcome, *run, segment.reason))
        self.cursor = segment.end

    def _runs(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, int]]:
        """The unmarked instants in [start, end), as runs between those that are marked: first, last, how many."""
        for mark in [*sorted(mark for mark in self.marks if start <= mark < end), end]:
            first = self.rule.next(start, inclusive=True) if start < mark else None
            if first is not None and first < mark:
                last = self.rule.previous(mark) or first
                yield first, last, self.rule.count(first, mark, MOST_COUNTED)
            start = mark + JUST_AFTER

    def _run(self, end: datetime) -> bool:
        named = map(Entry.of_rule, self._unmarked(BEFORE_ALL, end))
        timed = [entry for entry in self.timed if entry.due_at < end]
        in_order = merge(named, timed, key=_order) if timed else named
        taken = list(islice(in_order, self.room + 1))
        is_all = len(taken) <= self.room
        for entry in taken[: self.room]:
            self._take(entry)
            if entry.outcome is None:
                self.cursor = entry.scheduled_for + JUST_AFTER
        if is_all and self.cursor is not None:
            self.cursor = max(self.cursor, end)
        return is_all


def _order(entry: Entry) -> tuple[datetime, datetime]:
    """In which they run."""
    return entry.due_at, entry.scheduled_for
