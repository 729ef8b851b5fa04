"""What a sweep is to do with one schedule. Pure: the rule, what is known, the policies and `now` decide alone."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from .misfire import Walk, segments
from .overlap import Judge
from .policies import IN_RANGES, WAITING, Outcome, Policies
from .state import Decision, Entry, InstantSource, Plan, State

ALL_MADE = "the schedule had made as many tasks as schedule_x_times allows"


def plan(rule: InstantSource, state: State, policies: Policies, now: datetime) -> Plan:
    """What becomes of the rule's instants up to `now` that are not dealt with, and of the rows that wait.

    An instant is late when it is due more than the grace before `now`.
    """
    if state.suspension is None and _has_failed_too_often(state, policies):
        reason = f"{state.failures} tasks in a row failed" if state.failures > 1 else "its last task failed"
        return Plan((), state.next_run_at, None, pause=reason)
    walk = Walk.begin(rule, state, policies)
    for segment in segments(state, policies, now):
        if not walk.go(segment, now):
            break
    judge = Judge.begin(state, policies.overlap)
    goes_on = state.suspension is not None and state.suspension.goes_on
    if not goes_on:
        judge.judge(walk.run)
    decisions = [*walk.passed, *judge.decisions]
    if judge.is_complete and not goes_on:
        return _last_plan(rule, state, decisions, cancel=judge.cancel)
    decisions = _joined(decisions, state.entries)
    next_run_at = walk.next()
    due = [moment for moment in (next_run_at, *(entry.due_at for entry in walk.timed)) if moment]
    is_complete = not due and judge.queued is None
    return Plan(decisions, next_run_at, min(due, default=None), is_complete, judge.cancel)


def replanned(rule: InstantSource, *, next_run_at: datetime, dealt_with: datetime) -> datetime | None:
    """What has become of `next_run_at` when the clock of the rule's zone is not what it was.

    `dealt_with` is the last instant that was dealt with under the old clock. It may have moved as well, to later:
    it is not to be repeated there. So only what lies nearer to `next_run_at` counts.
    """
    return rule.next(max(dealt_with, dealt_with + (next_run_at - dealt_with) / 2))


def _has_failed_too_often(state: State, policies: Policies) -> bool:
    return policies.pause_after_failures is not None and state.failures >= policies.pause_after_failures


def _last_plan(rule: InstantSource, state: State, decisions: Sequence[Decision], *, cancel: bool) -> Plan:
    """Nothing is decided any more after the last task that may be made."""
    created = [each.due_at for each in decisions if each.outcome is Outcome.CREATED]
    end = max(created, default=None)
    kept = [each for each in decisions if each.entry or (end is not None and each.first <= end)]
    decisions = [*_joined(kept, state.entries), *_given_up(state.entries, kept)]
    rest_from = _first_undecided(rule, state.next_run_at, end, kept)
    return Plan(decisions, rest_from, None, is_complete=True, cancel=cancel)


def _first_undecided(
    rule: InstantSource, next_run_at: datetime | None, end: datetime | None, decisions: Sequence[Decision]
) -> datetime | None:
    """The first instant that no task may be made for any more. One due with the last task may be left out, too."""
    if next_run_at is None:
        return None
    first = rule.next(max(next_run_at, end or next_run_at), inclusive=True)
    is_decided = any(decision.first == first for decision in decisions)
    return rule.next(first) if first is not None and is_decided else first


def _given_up(entries: Sequence[Entry], decisions: Sequence[Decision]) -> Iterator[Decision]:
    """Rows that still wait although no more tasks are made."""
    decided = {decision.first for decision in decisions if decision.entry}
    for entry in entries:
        if entry.outcome in WAITING and entry.scheduled_for not in decided:
            yield Decision.of_one(Outcome.MISSED, entry, ALL_MADE)


def _joined(decisions: Sequence[Decision], entries: Sequence[Entry]) -> list[Decision]:
    """The same, neighbours with the same fate as one."""
    marks = sorted({entry.scheduled_for for entry in entries} | {each.first for each in decisions})
    joined: list[Decision] = []
    for decision in decisions:
        if joined and _are_neighbours(joined[-1], decision, marks):
            last = joined.pop()
            decision = replace(last, last=decision.last, count=last.count + decision.count)
        joined.append(decision)
    return joined


def _are_neighbours(one: Decision, other: Decision, marks: Sequence[datetime]) -> bool:
    return (
        one.outcome in IN_RANGES
        and (one.outcome, one.reason) == (other.outcome, other.reason)
        and one.entry is None
        and other.entry is None
        and one.last < other.first
        and bisect_right(marks, one.last) == bisect_left(marks, other.first)
    )
