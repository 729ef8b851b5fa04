"""What becomes of occurrences by how late they are: the grace, the misfire policies, the window, the batch."""

import pytest

from schedules.planning import MisfirePolicy, Plan
from schedules.tests.planning_cases import Listed, at, decide, decided, every, then

RUN_LAST, RUN_ALL, SKIP = MisfirePolicy.RUN_LAST, MisfirePolicy.RUN_ALL, MisfirePolicy.SKIP


def created(*instants: int) -> list[str]:
    return [f"created {instant}" for instant in instants]


def test_an_occurrence_that_is_due_becomes_a_task_at_once() -> None:
    made = decide(every(10), now=0.2)
    assert (decided(made), then(made)) == (["created 0"], (10, 10))
    assert (made.is_complete, made.cancel, made.pause) == (False, False, None)


def test_an_occurrence_is_due_at_its_very_instant_and_not_before() -> None:
    assert decided(decide(every(10), now=0)) == ["created 0"]
    assert decide(every(10), now=-0.000001) == Plan([], at(0), at(0))


@pytest.mark.parametrize("misfire", list(MisfirePolicy))
def test_within_the_grace_each_occurrence_becomes_its_task(misfire: MisfirePolicy) -> None:
    made = decide(every(1), now=5, misfire=misfire)
    assert (decided(made), then(made)) == (created(0, 1, 2, 3, 4, 5), (6, 6))


@pytest.mark.parametrize(
    ("misfire", "now", "decisions", "following"),
    [
        # One that is late, and none on time.
        (RUN_LAST, 6, ["created 0"], 60),
        (RUN_ALL, 6, ["created 0"], 60),
        (SKIP, 6, ["missed 0 (late)"], 60),
        # The grace ends after five seconds, to the microsecond.
        (SKIP, 5.000001, ["missed 0 (late)"], 60),
        (SKIP, 5, ["created 0"], 60),
        # Several that are late, and none on time.
        (RUN_LAST, 150, ["coalesced 0-60 x2 (late)", "created 120"], 180),
        (RUN_ALL, 150, created(0, 60, 120), 180),
        (SKIP, 150, ["missed 0-120 x3 (late)"], 180),
        # One that is on time stands for all that are late.
        (RUN_LAST, 61, ["coalesced 0 (late)", "created 60"], 120),
        (RUN_LAST, 122, ["coalesced 0-60 x2 (late)", "created 120"], 180),
        (RUN_ALL, 122, created(0, 60, 120), 180),
        (SKIP, 122, ["missed 0-60 x2 (late)", "created 120"], 180),
    ],
)
def test_late_by_policy(misfire: MisfirePolicy, now: float, decisions: list[str], following: int) -> None:
    made = decide(every(60), now, misfire=misfire)
    assert (decided(made), then(made)) == (decisions, (following, following))


def test_each_that_is_on_time_runs_beside_the_late_ones() -> None:
    made = decide(every(1), now=60, misfire=RUN_LAST)
    assert decided(made) == ["coalesced 0-54 x55 (late)", *created(55, 56, 57, 58, 59, 60)]


@pytest.mark.parametrize(
    ("misfire", "window", "decisions"),
    [
        (RUN_LAST, 100, ["missed 0 (too old)", "coalesced 60 (late)", "created 120"]),
        (RUN_ALL, 100, ["missed 0 (too old)", *created(60, 120)]),
        # What is as old as the window, to the microsecond, is not older.
        (RUN_ALL, 150, created(0, 60, 120)),
        (RUN_ALL, 149.999999, ["missed 0 (too old)", *created(60, 120)]),
        # The last one is late, too: nothing runs, under run_last either.
        (RUN_LAST, 20, ["missed 0-120 x3 (too old)"]),
        (RUN_ALL, 20, ["missed 0-120 x3 (too old)"]),
        (SKIP, 100, ["missed 0 (too old)", "missed 60-120 x2 (late)"]),
        (RUN_LAST, None, ["coalesced 0-60 x2 (late)", "created 120"]),
    ],
)
def test_the_window(misfire: MisfirePolicy, window: float | None, decisions: list[str]) -> None:
    made = decide(every(60), now=150, misfire=misfire, window=window)
    assert (decided(made), then(made)) == (decisions, (180, 180))


@pytest.mark.parametrize("misfire", list(MisfirePolicy))
def test_a_window_within_the_grace_takes_nothing_that_is_on_time(misfire: MisfirePolicy) -> None:
    assert decided(decide(every(1), now=4, misfire=misfire, window=1)) == created(0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("misfire", "decisions"),
    [(RUN_LAST, ["created 0"]), (RUN_ALL, ["created 0"]), (SKIP, ["missed 0 (late)"])],
)
def test_a_single_instant_a_year_late(misfire: MisfirePolicy, decisions: list[str]) -> None:
    made = decide(Listed(0), now=365 * 86_400, misfire=misfire)
    assert (decided(made), then(made), made.is_complete) == (decisions, (None, None), True)


def test_a_batch_is_created_in_order_and_the_rest_stays_due() -> None:
    made = decide(every(1), now=60, misfire=RUN_ALL, batch=3)
    assert (decided(made), then(made)) == (created(0, 1, 2), (3, 3))


def test_a_batch_that_holds_all_leaves_nothing() -> None:
    made = decide(every(1), now=2, misfire=RUN_ALL, batch=3)
    assert (decided(made), then(made)) == (created(0, 1, 2), (3, 3))
    assert not made.is_complete


def test_the_batch_counts_what_runs_and_not_what_is_passed_by() -> None:
    made = decide(every(1), now=60, misfire=SKIP, batch=3)
    assert (decided(made), then(made)) == (["missed 0-54 x55 (late)", *created(55, 56, 57)], (58, 58))


def test_of_a_batch_too_small_the_rest_may_become_late() -> None:
    first = decide(every(1), now=5, misfire=RUN_LAST, batch=2)
    assert (decided(first), then(first)) == (created(0, 1), (2, 2))
    second = decide(every(1), now=10, start=2, misfire=RUN_LAST, batch=2)
    assert (decided(second), then(second)) == (["coalesced 2-4 x3 (late)", *created(5, 6)], (7, 7))


def test_a_rule_that_ends_completes_the_schedule() -> None:
    made = decide(every(1, count=3), now=4)
    assert (decided(made), then(made), made.is_complete) == (created(0, 1, 2), (None, None), True)


def test_a_rule_that_ends_completes_the_schedule_when_all_of_it_is_late() -> None:
    made = decide(every(1, count=3), now=100, misfire=SKIP)
    assert (decided(made), then(made), made.is_complete) == (["missed 0-2 x3 (late)"], (None, None), True)


def test_a_rule_that_ends_does_not_complete_the_schedule_while_some_are_due() -> None:
    made = decide(every(1, count=3), now=4, batch=2)
    assert (then(made), made.is_complete) == ((2, 2), False)


@pytest.mark.parametrize("misfire", list(MisfirePolicy))
def test_a_clock_that_was_set_back_decides_nothing(misfire: MisfirePolicy) -> None:
    made = decide(every(10), now=-3600, start=50, misfire=misfire, window=60)
    assert (decided(made), then(made)) == ([], (50, 50))


def test_instants_far_apart_are_joined_across_the_time_between() -> None:
    made = decide(Listed(0, 1, 1_000, 50_000, 90_000), now=80_000, misfire=SKIP)
    assert (decided(made), then(made)) == (["missed 0-50000 x4 (late)"], (90_000, 90_000))
