"""What a sweep decides, as tables and as a property: every instant is dealt with exactly once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.planning import MisfirePolicy, Plan, Policies, Range, plan
from schedules.recurrence import Rule, RuleSpec, parse

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RUN_LAST, RUN_ALL = MisfirePolicy.RUN_LAST, MisfirePolicy.RUN_ALL


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def every(seconds: int, count: int = 1_000_000) -> Rule:
    """A rule that names noon and every so many seconds after it."""
    until = at(seconds * (count - 1))
    return parse(RuleSpec(rrule=f"FREQ=SECONDLY;INTERVAL={seconds}", starts_at=NOON, ends_at=until))


def decide(
    rule: Rule,
    now: float,
    misfire: MisfirePolicy = RUN_LAST,
    *,
    start: float = 0,
    left: int | None = None,
    batch: int = 100,
) -> Plan:
    policies = Policies(misfire, timedelta(seconds=5), batch)
    return plan(rule, next_run_at=at(start), runs_remaining=left, now=at(now), policies=policies)


def seconds(instants: object) -> list[float]:
    assert isinstance(instants, list | tuple)
    return [(instant - NOON).total_seconds() for instant in instants]


def test_an_instant_that_is_due_becomes_a_task() -> None:
    assert decide(every(10), now=0.2) == Plan([NOON], None, at(10))


def test_nothing_due_leaves_everything_as_it_is() -> None:
    assert decide(every(10), now=-1) == Plan([], None, NOON)


@pytest.mark.parametrize(
    ("policy", "now", "created", "coalesced", "following"),
    [
        # Within the grace of 5 s every instant becomes its task, under both policies.
        (RUN_LAST, 4, [0, 1, 2, 3, 4], None, 5),
        (RUN_ALL, 4, [0, 1, 2, 3, 4], None, 5),
        (RUN_LAST, 5, [0, 1, 2, 3, 4, 5], None, 6),
        # One that is on time stands for all that are late.
        (RUN_LAST, 6, [1, 2, 3, 4, 5, 6], (0, 0, 1), 7),
        (RUN_LAST, 60, [55, 56, 57, 58, 59, 60], (0, 54, 55), 61),
        (RUN_ALL, 60, list(range(61)), None, 61),
    ],
)
def test_lateness(
    policy: MisfirePolicy,
    now: float,
    created: list[int],
    coalesced: tuple[int, int, int] | None,
    following: int,
) -> None:
    made = decide(every(1), now, policy)
    assert seconds(made.create) == created
    assert made.coalesced == (coalesced and Range(at(coalesced[0]), at(coalesced[1]), coalesced[2]))
    assert made.next_run_at == at(following)


def test_run_last_makes_one_task_of_those_that_are_late_when_none_is_on_time() -> None:
    assert decide(every(60), now=150) == Plan([at(120)], Range(NOON, at(60), 2), at(180))


def test_run_last_runs_a_single_late_instant() -> None:
    rule = parse(RuleSpec(run_at=NOON))
    assert decide(rule, now=86_400) == Plan([NOON], None, None)


def test_run_all_creates_no_more_than_a_batch_and_leaves_the_rest_due() -> None:
    made = decide(every(1), now=60, misfire=RUN_ALL, batch=10)
    assert seconds(made.create) == list(range(10))
    assert made.next_run_at == at(10)


def test_a_rule_that_ends_is_complete() -> None:
    assert decide(every(1, count=3), now=4) == Plan([at(0), at(1), at(2)], None, None)


def test_no_more_tasks_are_made_than_remain() -> None:
    assert decide(every(1), now=4, left=2) == Plan([at(0), at(1)], None, None)


def test_the_last_that_remains_is_the_latest_under_run_last() -> None:
    assert decide(every(60), now=150, left=1) == Plan([at(120)], Range(NOON, at(60), 2), None)


def test_a_year_behind_costs_one_range() -> None:
    year = 365 * 86_400
    made = decide(every(1, count=2 * year), now=year)
    assert seconds(made.create) == list(range(year - 5, year + 1))
    assert made.coalesced == Range(NOON, at(year - 6), year - 5)


@given(
    interval=st.integers(1, 30),
    count=st.integers(1, 60),
    policy=st.sampled_from(MisfirePolicy),
    batch=st.integers(1, 7),
    sweeps=st.lists(st.integers(0, 40), max_size=30),
)
def test_every_instant_is_dealt_with_once(
    interval: int, count: int, policy: MisfirePolicy, batch: int, sweeps: list[int]
) -> None:
    rule = every(interval, count)
    covered = list(_covered(rule, policy, batch, sweeps))
    assert all(earlier < later for earlier, later in pairwise(covered))
    assert covered == list(rule.between(NOON, at(interval * count)))[: len(covered)]


def _covered(rule: Rule, policy: MisfirePolicy, batch: int, sweeps: list[int]) -> Iterator[datetime]:
    """What each plan of a series of sweeps deals with. The last one comes when all is past."""
    next_run_at: datetime | None = NOON
    moments, now = [], 0
    for pause in sweeps:
        now += pause
        moments.append(now)
    for moment in [*moments, *[now + 10_000] * 200]:
        if next_run_at is None:
            return
        policies = Policies(policy, timedelta(seconds=5), batch)
        made = plan(rule, next_run_at=next_run_at, runs_remaining=None, now=at(moment), policies=policies)
        if made.coalesced is not None:
            yield from rule.between(made.coalesced.first, made.coalesced.last + timedelta(seconds=1))
        yield from made.create
        next_run_at = made.next_run_at
    assert next_run_at is None
