"""A schedule and its ledger in memory: what the service does with plans, without a database."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from schedules.planning import (
    JUST_AFTER,
    TIMED,
    WAITING,
    Decision,
    Entry,
    Outcome,
    OverlapPolicy,
    Plan,
    Policies,
    State,
    Suspension,
    plan,
)
from schedules.tests.planning_cases import NOON, Listed


@dataclass
class Epoch:
    """A time in which the schedule had one rule. `end`: None while it has it."""

    rule: Listed
    start: datetime
    end: datetime | None = None


@dataclass
class Book:
    """One schedule. Every method is a call, a sweep or what befalls it; what it asserts must always hold."""

    rule: Listed
    policies: Policies
    left: int | None = None
    now: datetime = NOON
    status: str = "active"
    paused_until: datetime | None = None
    run_all_until: datetime | None = None
    unfinished: int = 0
    failures: int = 0
    rows: dict[datetime, Entry] = field(default_factory=dict)
    ranges: list[tuple[Listed, Decision]] = field(default_factory=list)
    position: datetime | None = None
    epochs: list[Epoch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.position = self.rule.next(self.now, inclusive=True)
        self.epochs.append(Epoch(self.rule, self.now))

    @property
    def is_active(self) -> bool:
        return self.status == "active"

    def sweep(self) -> Plan | None:
        """Deal with what is due; of a pause, only when its end has come."""
        if self.status == "paused" and self.paused_until is not None and self.paused_until <= self.now:
            ended = Suspension(Outcome.PAUSED, "paused", self.paused_until)
            self._activate()
            return self._expand(ended)
        return self._expand() if self.is_active else None

    def settle(self) -> bool:
        """Sweep until nothing is due. Whether that took no more sweeps than it may."""
        for _ in range(50):
            made = self.sweep()
            if made is None or made.look_at is None or made.look_at > self.now:
                return True
        return False

    def pause(self, seconds: float | None) -> None:
        self.settle()
        if self.status in ("active", "paused"):
            self.status, self.run_all_until = "paused", None
            self.paused_until = None if seconds is None else self.now + timedelta(seconds=seconds)

    def resume(self, catch_up: str) -> None:
        self.settle()
        if self.status != "paused":
            return
        self._activate()
        if catch_up == "all":
            self.run_all_until = self.now + JUST_AFTER
            self._expand()
        else:
            until = self.now + JUST_AFTER
            self._expand(Suspension(Outcome.PAUSED, "paused", until, keep_last=catch_up == "last"))

    def fail(self) -> None:
        """The rule or the template fails in a sweep."""
        if self.is_active and self.position is not None:
            if self.position not in self.rows:
                self.rows[self.position] = Entry(self.position, Outcome.ERROR, self.position)
            self.status = "error"

    def edit_rule(self, rule: Listed, more: int = 0) -> None:
        """The rule becomes another one, from now on, and may make so many more tasks."""
        if not self.settle() or rule.next(self.now) is None or self.left == more == 0:
            return
        if not self.is_active:
            self._close_suspension()
        self._allow(more)
        self.epochs[-1].end = self.now + JUST_AFTER
        self.epochs.append(Epoch(rule, self.now + JUST_AFTER))
        self.rule, self.run_all_until = rule, None
        undecided = TIMED | {Outcome.OVERRIDDEN}
        for instant, row in list(self.rows.items()):
            if (
                row.outcome in undecided
                and instant > self.now
                and rule.next(instant, inclusive=True) != instant
            ):
                del self.rows[instant]
        self.position = self._first_open(self.now + JUST_AFTER)
        self.status = "paused" if self.status == "paused" else "active"

    def edit_times(self, more: int) -> None:
        """It may make so many more tasks, which wakes one that has completed."""
        if not self.settle() or self.left is None or more == 0:
            return
        if self.status == "completed":
            self.edit_rule(self.rule, more)
        else:
            self._allow(more)

    def edit_policies(self, change: Callable[[Policies], Policies]) -> None:
        if self.settle():
            self.policies = change(self.policies)

    def open_instants(self) -> list[datetime]:
        """Those that may be overridden, or no longer be."""
        ahead = [
            instant for instant in self.rule.instants if instant > self.now and self._may_override(instant)
        ]
        return ahead if self.status in ("active", "paused") else []

    def override(self, instant: datetime, outcome: Outcome, seconds: float) -> None:
        """Leave one out, move it to so many seconds from now, or change it."""
        due_at = self.now + timedelta(seconds=seconds) if outcome is Outcome.MOVED else instant
        self.rows[instant] = Entry(instant, outcome, due_at)
        if self.position is not None:
            self.position = self._first_open(self.position)

    def take_back(self, instant: datetime) -> None:
        """One is again as the schedule has it."""
        if instant in self.rows:
            del self.rows[instant]
            self.position = min(self.position or instant, instant)
            self.position = self._first_open(self.position)

    def end_tasks(self, *, failed: bool) -> None:
        """All that run end, in the same way."""
        self.failures = self.failures + self.unfinished if failed else 0
        self.unfinished = 0

    def waiting(self, *outcomes: Outcome) -> list[Entry]:
        return [row for row in self.rows.values() if row.outcome in outcomes]

    def state(self, suspension: Suspension | None = None) -> State:
        """As the ledger and the facts would tell it."""
        position = self.position
        known = [
            row
            for row in self.rows.values()
            if row.outcome in WAITING or (position is not None and row.scheduled_for >= position)
        ]
        unfinished = 0 if self.policies.overlap is OverlapPolicy.ALLOW else self.unfinished
        return State(position, known, self.left, unfinished, self.failures, self.run_all_until, suspension)

    def _expand(self, suspension: Suspension | None = None) -> Plan:
        state = self.state(suspension)
        made = plan(self.rule, state, self.policies, self.now)
        self._check(state, made)
        for decision in made.decisions:
            self._write(decision)
        self._advance(made)
        return made

    def _check(self, state: State, made: Plan) -> None:
        if made.next_run_at is not None:
            assert state.next_run_at is not None
            assert made.next_run_at >= state.next_run_at
        due = [decision.due_at for decision in made.created]
        assert due == sorted(due)
        queued = [entry.scheduled_for for entry in state.entries if entry.outcome is Outcome.QUEUED]
        assert all(each.due_at <= self.now or each.first in queued for each in made.created)
        assert len(made.created) <= self.policies.batch + 1  # one that waited in the queue
        assert self.left is None or len(made.created) <= self.left

    def _write(self, decision: Decision) -> None:
        first, row = decision.first, self.rows.get(decision.first)
        assert (row is not None) == (decision.entry is not None)
        assert row is None or row.outcome in WAITING
        if decision.entry is None and decision.count > 1:
            assert decision.count == self.rule.count(first, decision.last + JUST_AFTER, 1_000_000)
            self.ranges.append((self.rule, decision))
        else:
            assert first == decision.last
            self.rows[first] = Entry(first, decision.outcome, row.due_at if row else first)
        if decision.outcome is Outcome.CREATED:
            self.unfinished += 1
            self.left = None if self.left is None else self.left - 1

    def _allow(self, more: int) -> None:
        self.left = None if self.left is None else self.left + more

    def _advance(self, made: Plan) -> None:
        self.position = made.next_run_at
        if self.run_all_until and (made.look_at is None or made.look_at >= self.run_all_until):
            self.run_all_until = None
        if not self.is_active:
            return
        if made.pause is not None:
            self.status, self.paused_until = "paused", None
        elif made.is_complete:
            self.status = "completed"

    def _close_suspension(self) -> None:
        outcome = Outcome.PAUSED if self.status == "paused" else Outcome.MISSED
        self._expand(Suspension(outcome, outcome.value, self.now + JUST_AFTER, goes_on=True))

    def _activate(self) -> None:
        self.status, self.paused_until, self.failures = "active", None, 0

    def _may_override(self, instant: datetime) -> bool:
        row = self.rows.get(instant)
        if row is None:
            return self.position is not None and instant >= self.position
        return row.outcome is Outcome.OVERRIDDEN or (row.outcome in TIMED and row.due_at > self.now)

    def _first_open(self, start: datetime) -> datetime | None:
        first = instant = self.rule.next(start, inclusive=True)
        while instant in self.rows and self.rows[instant].outcome is Outcome.OVERRIDDEN:
            instant = self.rule.next(instant)
        return instant or first

    def change(self, **changes: object) -> None:
        """Edit some of the policies."""
        self.edit_policies(lambda policies: replace(policies, **changes))  # type: ignore[arg-type]
