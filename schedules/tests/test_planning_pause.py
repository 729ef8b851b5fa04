"""Times in which a schedule did not run, what a resume lets run of them, and the failures that bring a pause."""

from typing import Any

import pytest

from schedules.planning import MisfirePolicy, OverlapPolicy, Plan
from schedules.tests.planning_cases import Listed, Rows, at, decide, decided, every, suspension, then

RUN_LAST, RUN_ALL, SKIP = MisfirePolicy.RUN_LAST, MisfirePolicy.RUN_ALL, MisfirePolicy.SKIP


@pytest.mark.parametrize("misfire", list(MisfirePolicy))
@pytest.mark.parametrize("outcome", ["paused", "missed"])
def test_nothing_of_a_time_aside_runs_by_itself(outcome: str, misfire: MisfirePolicy) -> None:
    made = decide(every(10), now=100, suspension=suspension(outcome, 100.1), misfire=misfire)
    assert (decided(made), then(made)) == ([f"{outcome} 0-100 x11"], (110, 110))


@pytest.mark.parametrize("misfire", list(MisfirePolicy))
def test_the_last_of_a_pause_runs_where_that_is_asked_for(misfire: MisfirePolicy) -> None:
    made = decide(
        every(10), now=100, suspension=suspension("paused", 100.1, keep_last=True), misfire=misfire, window=1
    )
    assert (decided(made), then(made)) == (["paused 0-90 x10", "created 100"], (110, 110))


def test_the_last_of_a_pause_runs_however_long_ago_it_was() -> None:
    rule = Listed(0, 10, 100_000)
    made = decide(rule, now=50_000, suspension=suspension("paused", 50_000.1, keep_last=True), window=60)
    assert (decided(made), then(made)) == (["paused 0", "created 10"], (100_000, 100_000))


def test_the_last_of_a_pause_is_judged_like_any_other() -> None:
    ended = suspension("paused", 100.1, keep_last=True)
    made = decide(every(10), now=100, suspension=ended, unfinished=1, overlap=OverlapPolicy.SKIP)
    assert decided(made) == ["paused 0-90 x10", "skipped_overlap 100 (not ended)"]


def test_a_pause_in_which_nothing_was_due_leaves_no_trace() -> None:
    for keep_last in (False, True):
        made = decide(every(10), now=9, start=10, suspension=suspension("paused", 9.1, keep_last=keep_last))
        assert made == Plan([], at(10), at(10))


@pytest.mark.parametrize(
    ("misfire", "now", "decisions"),
    [
        # The sweep was on time: the instant at the very end of the pause runs.
        (RUN_LAST, 50, ["paused 0-40 x5", "created 50"]),
        # It came late: what was due since the end of the pause goes by its policies.
        (RUN_LAST, 79, ["paused 0-40 x5", "coalesced 50-60 x2 (late)", "created 70"]),
        (RUN_ALL, 79, ["paused 0-40 x5", "created 50", "created 60", "created 70"]),
        (SKIP, 79, ["paused 0-40 x5", "missed 50-70 x3 (late)"]),
    ],
)
def test_a_pause_that_ended_by_itself(misfire: MisfirePolicy, now: float, decisions: list[str]) -> None:
    made = decide(every(10), now, suspension=suspension("paused", 50), misfire=misfire)
    assert decided(made) == decisions


def test_a_window_that_reaches_into_a_pause_takes_nothing_from_it() -> None:
    made = decide(every(10), now=79, suspension=suspension("paused", 50), misfire=RUN_ALL, window=15)
    assert decided(made) == ["paused 0-40 x5", "missed 50-60 x2 (too old)", "created 70"]


def test_a_rule_that_ended_in_a_pause_completes_the_schedule() -> None:
    made = decide(every(10, count=3), now=100, suspension=suspension("paused", 100.1))
    assert (decided(made), then(made), made.is_complete) == (["paused 0-20 x3"], (None, None), True)


def test_the_one_that_waited_before_a_pause_runs_after_it() -> None:
    made = decide(
        every(10),
        now=100,
        rows=[("queued", -10)],
        suspension=suspension("paused", 100.1),
        overlap=OverlapPolicy.SKIP,
    )
    assert decided(made) == ["paused 0-100 x11", "created -10*"]


def test_while_a_pause_goes_on_the_one_that_waits_does_not_run() -> None:
    going_on = suspension("paused", 100.1, goes_on=True)
    made = decide(every(10), now=100, rows=[("queued", -10)], suspension=going_on, overlap=OverlapPolicy.SKIP)
    assert (decided(made), then(made), made.is_complete) == (["paused 0-100 x11"], (110, 110), False)


@pytest.mark.parametrize("misfire", list(MisfirePolicy))
@pytest.mark.parametrize("window", [None, 1.0])
def test_a_resume_that_catches_up_runs_all_of_the_pause(misfire: MisfirePolicy, window: float | None) -> None:
    made = decide(every(10), now=40, run_all_until=40.1, misfire=misfire, window=window)
    assert (decided(made), then(made)) == (
        [f"created {instant}" for instant in (0, 10, 20, 30, 40)],
        (50, 50),
    )


def test_a_resume_that_catches_up_goes_on_in_later_sweeps() -> None:
    first = decide(every(10), now=40, run_all_until=40.1, misfire=SKIP, batch=3)
    assert (decided(first), then(first)) == (["created 0", "created 10", "created 20"], (30, 30))
    second = decide(every(10), now=71, start=30, run_all_until=40.1, misfire=SKIP, batch=3)
    assert decided(second) == ["missed 50-60 x2 (late)", "created 30", "created 40", "created 70"]
    assert then(second) == (80, 80)


def test_where_the_catch_up_takes_the_whole_batch_the_late_ones_wait_for_the_next_sweep() -> None:
    made = decide(every(10), now=69, run_all_until=20, batch=2)
    assert (decided(made), then(made)) == (["created 0", "created 10"], (20, 20))


def test_a_catch_up_that_has_come_to_one_that_was_moved_repeats_nothing() -> None:
    rows: Rows = [("moved", -10, 5)]
    made = decide(every(10), now=12, start=20, rows=rows, run_all_until=7)
    assert (decided(made), then(made)) == (["created -10*"], (20, 20))


def test_a_clock_that_was_set_back_runs_nothing_of_the_future() -> None:
    made = decide(every(10), now=5, run_all_until=3600)
    assert (decided(made), then(made)) == (["created 0"], (10, 10))


@pytest.mark.parametrize(
    ("failures", "limit", "pause"),
    [
        (2, 3, None),
        (3, 3, "3 tasks in a row failed"),
        (4, 3, "4 tasks in a row failed"),
        (1, 1, "its last task failed"),
        (9, None, None),
    ],
)
def test_failures_in_a_row_pause_it(failures: int, limit: int | None, pause: str | None) -> None:
    made = decide(every(10), now=25, failures=failures, pause_after_failures=limit, misfire=RUN_ALL)
    assert made.pause == pause
    if pause:
        assert made == Plan((), at(0), None, pause=pause)
    else:
        assert decided(made) == ["created 0", "created 10", "created 20"]


def test_failures_in_a_row_pause_it_although_nothing_is_due() -> None:
    assert decide(every(10), now=-5, failures=1, pause_after_failures=1).pause is not None


def test_failures_before_the_end_of_a_pause_do_not_count() -> None:
    ended: dict[str, Any] = {"suspension": suspension("paused", 50), "failures": 3, "pause_after_failures": 3}
    made = decide(every(10), now=50, **ended)
    assert (decided(made), made.pause) == (["paused 0-40 x5", "created 50"], None)
