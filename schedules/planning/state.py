"""What a plan is made from, and what it says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from .policies import TIMED, Outcome

JUST_AFTER = timedelta(microseconds=1)


class InstantSource(Protocol):
    """A rule, as planning sees it: `schedules.recurrence.Rule`."""

    def next(self, after: datetime, *, inclusive: bool = False) -> datetime | None: ...
    def previous(self, before: datetime, *, inclusive: bool = False) -> datetime | None: ...
    def between(self, start: datetime, end: datetime) -> Iterator[datetime]: ...
    def count(self, start: datetime, end: datetime, limit: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """An occurrence, when it is due, and the outcome that its row has: it waits, or was dealt with ahead of time.

    Most have no row, and no outcome, before they are planned. `changes`: what its task has for itself; planning only
    passes it on.
    """

    scheduled_for: datetime
    outcome: Outcome | None
    due_at: datetime
    changes: Mapping[str, Any] | None = None

    @classmethod
    def of_rule(cls, instant: datetime) -> "Entry":
        """An instant without a row, due at its own time."""
        return cls(instant, None, instant)


def outlasting(entries: Iterable[Entry], until: datetime) -> list[Entry]:
    """Those that wait for a time of their own which a suspension that ends at `until` does not take."""
    return [entry for entry in entries if entry.outcome in TIMED and entry.due_at >= until]


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which the schedule did not run: what its instants before `until` become, and why.

    `keep_last`: the last of them runs nevertheless. `goes_on`: it is not over yet, so nothing runs.
    """

    outcome: Outcome
    reason: str
    until: datetime
    keep_last: bool = False
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How many more tasks the project of a schedule may have, and why no more than that."""

    left: int
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """Where a schedule stands.

    `next_run_at`: no instant before it is left to deal with; None: the rule has ended. `entries`: every row at or
    after it, and every row that waits. `unfinished`: how many of its tasks have not ended; 1 for any number.
    `failures`: how many of the last ones failed in a row. `run_all_until`: instants before it run, each of them,
    however late. `room`: None: the project has no limit.
    """

    next_run_at: datetime | None
    entries: Sequence[Entry] = ()
    runs_remaining: int | None = None
    unfinished: int = 0
    failures: int = 0
    run_all_until: datetime | None = None
    suspension: Suspension | None = None
    room: Room | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a run of `count` instants, `first` and `last` among them, and why.

    `entry`: the row that says so from now on; None: a new one.
    """

    outcome: Outcome
    first: datetime
    last: datetime
    count: int
    reason: str | None = None
    entry: Entry | None = None

    @classmethod
    def of_one(cls, outcome: Outcome, entry: Entry, reason: str | None = None) -> "Decision":
        """What becomes of a single instant."""
        instant = entry.scheduled_for
        return cls(outcome, instant, instant, 1, reason, entry if entry.outcome else None)

    @property
    def due_at(self) -> datetime:
        """When it is to run: its own instant, unless it was moved."""
        return self.entry.due_at if self.entry else self.first


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now.

    Every instant of the rule from the old `next_run_at` up to the new one is in one decision, or has an entry.
    """

    decisions: Sequence[Decision]
    next_run_at: datetime | None
    """The first moment that may have instants not dealt with: an instant; None: the rule has ended."""
    look_at: datetime | None
    """When something is due next; None: nothing that time alone brings."""
    is_complete: bool = False
    """Nothing will ever come of it again."""
    cancel: bool = False
    """Its unfinished tasks, those created by this plan included, are to be asked to stop."""
    pause: str | None = None
    """Why it is to be paused, if it is."""

    @property
    def created(self) -> list[Decision]:
        """What becomes a task, in the order in which it is due."""
        return [decision for decision in self.decisions if decision.outcome is Outcome.CREATED]
