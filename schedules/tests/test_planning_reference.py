"""The plan against a slow reading of the same words: every instant listed, then judged one by one."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.planning import (
    JUST_AFTER,
    TIMED,
    Decision,
    Entry,
    MisfirePolicy,
    Outcome,
    OverlapPolicy,
    Policies,
    State,
    Suspension,
    plan,
)
from schedules.tests.planning_cases import GRACE, Listed, at

Fate = tuple[Outcome, datetime]


def fates(rule: Listed, state: State, policies: Policies, now: datetime) -> list[Fate]:
    """What becomes of each instant that the first plan deals with, where any number may run and the batch is large."""
    due = _due(rule, state, now)
    by_time = {
        band: list(group) for band, group in groupby(due, lambda each: _band(each[0], state, policies, now))
    }
    passed: list[Fate] = []
    run: list[tuple[datetime, datetime]] = []
    for band, group in by_time.items():
        outcome, keeps = _policy(band, state, policies, has_on_time="on time" in by_time)
        if outcome is None:
            run += group
        elif keeps:
            run.append(group.pop())
        if outcome is not None:
            passed += [(outcome, instant) for _, instant in group]
    return sorted(
        passed + _overlap([instant for _, instant in run], state, policies), key=lambda fate: fate[1]
    )


def _due(rule: Listed, state: State, now: datetime) -> list[tuple[datetime, datetime]]:
    """When it is due, and its name, of all that are to be judged."""
    known = {entry.scheduled_for for entry in state.entries}
    named = [(each, each) for each in rule.instants if state.next_run_at and state.next_run_at <= each <= now]
    rows = [(each.due_at, each.scheduled_for) for each in state.entries if each.outcome in TIMED]
    return sorted(
        [each for each in named if each[1] not in known] + [each for each in rows if each[0] <= now]
    )


def _band(due_at: datetime, state: State, policies: Policies, now: datetime) -> str:
    if state.suspension and due_at < state.suspension.until:
        return "suspension"
    if state.run_all_until and due_at < state.run_all_until:
        return "catch up"
    if now - due_at <= policies.grace:
        return "on time"
    return "too old" if policies.window is not None and now - due_at > policies.window else "late"


def _policy(band: str, state: State, policies: Policies, *, has_on_time: bool) -> tuple[Outcome | None, bool]:
    """What becomes of a band, None: it runs; and whether its last one runs nevertheless."""
    if band == "suspension":
        assert state.suspension is not None
        return state.suspension.outcome, state.suspension.keep_last
    if band == "too old":
        return Outcome.MISSED, False
    if band == "late" and policies.misfire is MisfirePolicy.SKIP:
        return Outcome.MISSED, False
    if band == "late" and policies.misfire is MisfirePolicy.RUN_LAST:
        return Outcome.COALESCED, not has_on_time
    return None, False


def _overlap(run: list[datetime], state: State, policies: Policies) -> list[Fate]:
    if policies.overlap is OverlapPolicy.ALLOW:
        return [(Outcome.CREATED, instant) for instant in run]
    if not state.unfinished:
        head, run = [(Outcome.CREATED, instant) for instant in run[:1]], run[1:]
        return head + _blocked(run, policies.overlap)
    return _blocked(run, policies.overlap)


def _blocked(run: list[datetime], policy: OverlapPolicy) -> list[Fate]:
    found = [(Outcome.SKIPPED_OVERLAP, instant) for instant in run]
    if run and policy is OverlapPolicy.QUEUE_ONE:
        found[0] = (Outcome.QUEUED, run[0])
    if run and policy is OverlapPolicy.CANCEL_RUNNING:
        found[-1] = (Outcome.QUEUED, run[-1])
    return found


def decided_one_by_one(rule: Listed, decisions: list[Decision], entries: list[Entry]) -> list[Fate]:
    """What a plan says of each instant."""
    known = {entry.scheduled_for for entry in entries}
    found = []
    for each in decisions:
        instants = [each.first]
        if each.entry is None:
            instants = list(rule.between(each.first, each.last + JUST_AFTER))
            assert not known.intersection(instants)
        assert len(instants) == each.count
        found += [(each.outcome, instant) for instant in instants]
    return sorted(found, key=lambda fate: fate[1])


MOMENTS = st.integers(0, 60).map(lambda number: at(number / 2))


@st.composite
def states(draw: st.DrawFn, rule: Listed) -> State:
    """Where a schedule may stand, with rows of every kind and no one in the queue."""
    outcomes = st.sampled_from([Outcome.MOVED, Outcome.CHANGED, Outcome.OVERRIDDEN, Outcome.CREATED])
    chosen = draw(st.dictionaries(st.sampled_from(rule.instants), st.tuples(outcomes, MOMENTS), max_size=4))
    rows = [
        Entry(instant, outcome, due_at if outcome is Outcome.MOVED else instant)
        for instant, (outcome, due_at) in chosen.items()
    ]
    ended = draw(
        st.none() | st.builds(Suspension, st.just(Outcome.PAUSED), st.just("paused"), MOMENTS, st.booleans())
    )
    return State(
        next_run_at=rule.instants[0],
        entries=rows,
        unfinished=draw(st.integers(0, 1)),
        run_all_until=draw(st.none() | MOMENTS),
        suspension=ended,
    )


@settings(max_examples=400, deadline=None)
@given(
    data=st.data(),
    rule=st.sets(st.integers(0, 30), min_size=1).map(lambda seconds: Listed(*seconds)),
    now=MOMENTS,
    misfire=st.sampled_from(MisfirePolicy),
    overlap=st.sampled_from(OverlapPolicy),
    window=st.none() | st.integers(1, 30).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_each_instant_has_the_fate_that_the_policies_say(
    data: st.DataObject,
    rule: Listed,
    now: datetime,
    misfire: MisfirePolicy,
    overlap: OverlapPolicy,
    window: timedelta | None,
) -> None:
    state = data.draw(states(rule))
    if state.suspension and state.suspension.until > now:
        state = replace(state, suspension=replace(state.suspension, until=now))
    policies = Policies(GRACE, 1_000, misfire, overlap, window)
    made = plan(rule, state, policies, now)
    found = decided_one_by_one(rule, list(made.decisions), list(state.entries))
    assert found == fates(rule, state, policies, now)
