"""What a sweep is to do with one schedule. Pure: the rule, what is known, the policies and `now` decide alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol

JUST_AFTER = timedelta(microseconds=1)
MOST_COUNTED = 2_147_483_647
"""A range that was coalesced is counted up to here: what its column holds, 68 years of seconds."""


class MisfirePolicy(StrEnum):
    """What becomes of occurrences that nobody swept within the grace."""

    RUN_LAST = "run_last"
    """One task, for the last of them; an occurrence that is on time stands for all that are late."""
    RUN_ALL = "run_all"
    """A task for each, in their order."""


class Instants(Protocol):
    """A rule, as planning sees it: `schedules.recurrence.Rule`."""

    def next(self, after: datetime, *, inclusive: bool = False) -> datetime | None: ...
    def previous(self, before: datetime, *, inclusive: bool = False) -> datetime | None: ...
    def between(self, start: datetime, end: datetime) -> Iterator[datetime]: ...
    def count(self, start: datetime, end: datetime, limit: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Policies:
    """How lateness is dealt with. `batch`: the most occurrences that one plan creates."""

    misfire: MisfirePolicy
    grace: timedelta
    batch: int


@dataclass(frozen=True, slots=True)
class Range:
    """A run of `count` instants with the same fate, `first` and `last` among them."""

    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now. Every instant from the old `next_run_at` up to the new one is in `create` or in `coalesced`."""

    create: Sequence[datetime]
    coalesced: Range | None
    next_run_at: datetime | None
    """The first instant not dealt with; None: there is none, the schedule is complete."""


def plan(
    rule: Instants,
    *,
    next_run_at: datetime,
    runs_remaining: int | None,
    now: datetime,
    policies: Policies,
) -> Plan:
    """What becomes of the rule's instants from `next_run_at`, which is one of them, up to `now`.

    An instant is late when it lies more than the grace before `now`.
    """
    coalesced = None
    start = next_run_at
    if policies.misfire is MisfirePolicy.RUN_LAST:
        start = _stand_in(rule, next_run_at, now, policies.grace)
        coalesced = _range(rule, next_run_at, start)
    most = policies.batch if runs_remaining is None else min(policies.batch, runs_remaining)
    create = list(islice(rule.between(start, now + JUST_AFTER), most))
    if runs_remaining is not None and len(create) >= runs_remaining:
        return Plan(create, coalesced, None)
    return Plan(create, coalesced, rule.next(create[-1]) if create else start)


def replanned(rule: Instants, *, next_run_at: datetime, dealt_with: datetime) -> datetime | None:
    """What has become of `next_run_at` when the clock of the rule's zone is not what it was.

    `dealt_with` is the last instant that was dealt with under the old clock. It may have moved as well, to later:
    it is not to be repeated there. So only what lies nearer to `next_run_at` counts.
    """
    return rule.next(max(dealt_with, dealt_with + (next_run_at - dealt_with) / 2))


def _stand_in(rule: Instants, next_run_at: datetime, now: datetime, grace: timedelta) -> datetime:
    """The first instant that is to become a task: the first on time, or if none is, the last that is late."""
    on_time_from = now - grace
    if next_run_at >= on_time_from:
        return next_run_at
    on_time = rule.next(on_time_from, inclusive=True)
    if on_time is not None and on_time <= now:
        return on_time
    return rule.previous(on_time_from) or next_run_at


def _range(rule: Instants, start: datetime, end: datetime) -> Range | None:
    """The instants in [start, end), if there are any."""
    if start >= end:
        return None
    last = rule.previous(end) or start
    return Range(start, last, rule.count(start, end, MOST_COUNTED))
