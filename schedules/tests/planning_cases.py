"""How the tables of planning are written and read: what is given, in seconds since noon, and what the plan says."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from schedules.planning import Decision, Entry, Outcome, Plan, Policies, Room, State, Suspension, plan
from schedules.planning.misfire import COALESCED, MISSED, TOO_OLD
from schedules.planning.overlap import NOT_ENDED, ONE_WAITS, REPLACED, WAITS
from schedules.planning.plan import ALL_MADE
from schedules.planning.state import InstantSource
from schedules.recurrence import Rule, RuleSpec, parse

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
GRACE = timedelta(seconds=5)
FULL = "the project has as many as it may have"

KINDS = {
    COALESCED: "late",
    MISSED: "late",
    TOO_OLD: "too old",
    NOT_ENDED: "not ended",
    WAITS: "waits",
    ONE_WAITS: "one waits",
    REPLACED: "replaced",
    ALL_MADE: "all made",
    FULL: "full",
}
"""What the tables call the reasons."""

Rows = Sequence[tuple[str, float] | tuple[str, float, float]]
"""Rows ahead and rows that wait: outcome, instant and, where it differs, when it is due."""


def at(seconds: float) -> datetime:
    """A moment, from the seconds since noon."""
    return NOON + timedelta(seconds=seconds)


def since_noon(moment: datetime | None) -> float | None:
    """Seconds; whole ones as int, for tables that read well."""
    seconds = None if moment is None else (moment - NOON).total_seconds()
    return int(seconds) if seconds is not None and seconds.is_integer() else seconds


def every(seconds: int, count: int = 1_000_000) -> Rule:
    """Noon and every so many seconds after it."""
    until = at(seconds * (count - 1))
    return parse(RuleSpec(rrule=f"FREQ=SECONDLY;INTERVAL={seconds}", starts_at=NOON, ends_at=until))


class Listed:
    """A rule that names the instants given, however far apart."""

    def __init__(self, *seconds: float) -> None:
        self.instants = [at(each) for each in sorted(set(seconds))]

    def next(self, after: datetime, *, inclusive: bool = False) -> datetime | None:
        index = (bisect_left if inclusive else bisect_right)(self.instants, after)
        return self.instants[index] if index < len(self.instants) else None

    def previous(self, before: datetime, *, inclusive: bool = False) -> datetime | None:
        index = (bisect_right if inclusive else bisect_left)(self.instants, before)
        return self.instants[index - 1] if index else None

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        yield from self.instants[bisect_left(self.instants, start) : bisect_left(self.instants, end)]

    def count(self, start: datetime, end: datetime, limit: int) -> int:
        return min(limit, sum(1 for _ in self.between(start, end)))


@dataclass
class Counting:
    """A rule that keeps account of what it is asked, and of how many instants it names one by one."""

    rule: InstantSource
    calls: Counter[str] = field(default_factory=Counter)

    def next(self, after: datetime, *, inclusive: bool = False) -> datetime | None:
        self.calls["next"] += 1
        return self.rule.next(after, inclusive=inclusive)

    def previous(self, before: datetime, *, inclusive: bool = False) -> datetime | None:
        self.calls["previous"] += 1
        return self.rule.previous(before, inclusive=inclusive)

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        self.calls["between"] += 1
        for instant in self.rule.between(start, end):
            self.calls["walked"] += 1
            yield instant

    def count(self, start: datetime, end: datetime, limit: int) -> int:
        self.calls["count"] += 1
        return self.rule.count(start, end, limit)


def suspension(outcome: str, until: float, *, keep_last: bool = False, goes_on: bool = False) -> Suspension:
    """A suspension that ended at `until`; its reason is called by its outcome."""
    return Suspension(Outcome(outcome), outcome, at(until), keep_last, goes_on)


def entries(rows: Rows) -> list[Entry]:
    """The rows of a table as the ledger would hand them over."""
    return [Entry(at(row[1]), Outcome(row[0]), at(row[2] if len(row) == 3 else row[1])) for row in rows]


def decide(
    rule: InstantSource,
    now: float,
    *,
    start: float | None = 0,
    rows: Rows = (),
    left: int | None = None,
    unfinished: int = 0,
    failures: int = 0,
    run_all_until: float | None = None,
    suspension: Suspension | None = None,
    room: int | None = None,
    batch: int = 100,
    window: float | None = None,
    **policies: Any,
) -> Plan:
    """The plan at so many seconds after noon."""
    state = State(
        next_run_at=None if start is None else at(start),
        entries=entries(rows),
        runs_remaining=left,
        unfinished=unfinished,
        failures=failures,
        run_all_until=None if run_all_until is None else at(run_all_until),
        suspension=suspension,
        room=None if room is None else Room(room, FULL),
    )
    seconds = None if window is None else timedelta(seconds=window)
    return plan(rule, state, Policies(GRACE, batch, window=seconds, **policies), at(now))


def decided(made: Plan) -> list[str]:
    """The decisions: outcome, instants, their number, why. A star: the instant had a row before."""
    return [_in_words(decision) for decision in made.decisions]


def _in_words(decision: Decision) -> str:
    words = [decision.outcome.value, str(since_noon(decision.first))]
    if decision.count > 1:
        words[-1] += f"-{since_noon(decision.last)}"
        words.append(f"x{decision.count}")
    else:
        assert decision.first == decision.last
    if decision.entry:
        words[1] += "*"
    if decision.reason and decision.reason != decision.outcome:
        words.append(f"({KINDS.get(decision.reason, decision.reason)})")
    return " ".join(words)


def then(made: Plan) -> tuple[float | None, float | None]:
    """When its next instant is, and when something is due."""
    return since_noon(made.next_run_at), since_noon(made.look_at)
