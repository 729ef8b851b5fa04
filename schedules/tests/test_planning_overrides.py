"""Occurrences that are not as the schedule has them: left out, moved, changed, or dealt with ahead of their time."""

import pytest

from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.tests.planning_cases import Listed, Rows, decide, decided, every, suspension, then

RUN_LAST, RUN_ALL, SKIP = MisfirePolicy.RUN_LAST, MisfirePolicy.RUN_ALL, MisfirePolicy.SKIP


@pytest.mark.parametrize("outcome", ["overridden", "created", "error"])
@pytest.mark.parametrize("misfire", [RUN_LAST, RUN_ALL])
def test_an_instant_that_was_dealt_with_is_not_dealt_with_again(outcome: str, misfire: MisfirePolicy) -> None:
    made = decide(every(2), now=4, rows=[(outcome, 2)], misfire=misfire)
    assert decided(made) == ["created 0", "created 4"]


@pytest.mark.parametrize("outcome", ["overridden", "created", "error"])
def test_the_last_that_is_late_may_have_been_dealt_with(outcome: str) -> None:
    made = decide(every(10), now=38, rows=[(outcome, 30)])
    assert (decided(made), then(made)) == (["coalesced 0-10 x2 (late)", "created 20"], (40, 40))


def test_what_is_left_out_parts_the_range_around_it() -> None:
    made = decide(every(10), now=66, rows=[("overridden", 20), ("error", 30)], misfire=SKIP)
    assert decided(made) == ["missed 0-10 x2 (late)", "missed 40-60 x3 (late)"]


def test_the_next_instant_is_the_first_that_is_not_left_out() -> None:
    made = decide(every(10), now=0, rows=[("overridden", 10), ("created", 20), ("overridden", 40)])
    assert (decided(made), then(made)) == (["created 0"], (30, 30))


def test_a_schedule_of_which_all_to_come_is_left_out_is_not_complete_before_that_is_past() -> None:
    rows = [("overridden", 10), ("overridden", 20)]
    made = decide(Listed(0, 10, 20), now=0, rows=rows)
    assert (decided(made), then(made), made.is_complete) == (["created 0"], (10, 10), False)
    made = decide(Listed(0, 10, 20), now=20, start=10, rows=rows)
    assert (decided(made), then(made), made.is_complete) == ([], (None, None), True)


@pytest.mark.parametrize("policy", list(MisfirePolicy))
@pytest.mark.parametrize(
    ("start", "now", "decisions", "following"),
    [
        (0, 0, ["created 0"], (10, 10)),
        # Its own instant passes without it; what comes next is where it was moved.
        (10, 10, [], (20, 12)),
        (20, 12, ["created 10*"], (20, 20)),
    ],
)
def test_moved_later(
    start: float, now: float, decisions: list[str], following: tuple[int, int], policy: MisfirePolicy
) -> None:
    made = decide(every(10), now, start=start, rows=[("moved", 10, 12)], misfire=policy)
    assert (decided(made), then(made)) == (decisions, following)


def test_moved_earlier() -> None:
    rows: Rows = [("moved", 30, 4)]
    before = decide(every(10), now=0, rows=rows)
    assert (decided(before), then(before)) == (["created 0"], (10, 4))
    then_due = decide(every(10), now=4, start=10, rows=rows)
    assert (decided(then_due), then(then_due)) == (["created 30*"], (10, 10))
    afterwards = decide(every(10), now=20, start=20, rows=[("created", 30)])
    assert (decided(afterwards), then(afterwards)) == (["created 20"], (40, 40))


def test_moved_across_others_they_run_in_the_order_in_which_they_are_due() -> None:
    rows: Rows = [("moved", 1, 3.5), ("moved", 4, 0.5), ("moved", 9, 2)]
    made = decide(every(1), now=4, rows=rows)
    assert decided(made) == [f"created {which}" for which in ("0", "4*", "2", "9*", "3", "1*")]
    assert then(made) == (5, 5)


def test_moved_to_the_same_moment_they_run_in_the_order_of_their_instants() -> None:
    rows: Rows = [("moved", 9, 2), ("moved", 1, 2), ("moved", 7, 2)]
    assert decided(decide(Listed(2, 100), now=2, rows=rows)) == [
        f"created {which}" for which in ("1*", "2", "7*", "9*")
    ]


def test_moved_beyond_the_end_of_the_rule() -> None:
    rows: Rows = [("moved", 10, 500)]
    made = decide(Listed(0, 10), now=10, start=10, rows=rows)
    assert (decided(made), then(made), made.is_complete) == ([], (None, 500), False)
    made = decide(Listed(0, 10), now=500, start=None, rows=rows)
    assert (decided(made), then(made), made.is_complete) == (["created 10*"], (None, None), True)


@pytest.mark.parametrize(
    ("misfire", "window", "decisions"),
    [
        # Due at 100 and 10 s late: 20 is on record as late as where it was moved, not as its own instant.
        (RUN_LAST, None, ["coalesced 0-10 x2 (late)", "created 20*"]),
        (RUN_ALL, None, ["created 0", "created 10", "created 20*"]),
        (SKIP, None, ["missed 20* (late)", "missed 0-10 x2 (late)"]),
        (RUN_ALL, 30, ["missed 0-10 x2 (too old)", "created 20*"]),
        (RUN_ALL, 9, ["missed 20* (too old)", "missed 0-10 x2 (too old)"]),
    ],
)
def test_lateness_counts_from_where_it_was_moved(
    misfire: MisfirePolicy, window: float | None, decisions: list[str]
) -> None:
    made = decide(Listed(0, 10, 20), now=110, rows=[("moved", 20, 100)], misfire=misfire, window=window)
    assert (decided(made), then(made), made.is_complete) == (decisions, (None, None), True)


def test_one_that_was_moved_is_coalesced_like_any_other() -> None:
    made = decide(every(10), now=58, rows=[("moved", 10, 35)])
    assert decided(made) == [
        "coalesced 10* (late)",
        "coalesced 0 (late)",
        "coalesced 20-40 x3 (late)",
        "created 50",
    ]


def test_one_that_was_moved_and_is_on_time_stands_for_all_that_are_late() -> None:
    made = decide(every(10), now=58, rows=[("moved", 10, 55)])
    assert decided(made) == ["coalesced 0 (late)", "coalesced 20-50 x4 (late)", "created 10*"]


def test_moved_to_a_moment_that_a_pause_covers() -> None:
    made = decide(
        every(10), now=40, rows=[("moved", 10, 25), ("moved", 0, 45)], suspension=suspension("paused", 40.1)
    )
    assert (decided(made), then(made)) == (["paused 10*", "paused 20-40 x3"], (50, 45))


def test_the_last_of_a_pause_may_be_one_that_was_moved() -> None:
    ended = suspension("paused", 40.1, keep_last=True)
    made = decide(every(20), now=40, rows=[("moved", 0, 40), ("moved", 20, 35)], suspension=ended)
    assert decided(made) == ["paused 20*", "paused 0*", "created 40"]
    made = decide(every(30), now=40, rows=[("moved", 0, 40)], suspension=ended)
    assert decided(made) == ["paused 30", "created 0*"]


def test_a_resume_that_catches_up_runs_those_that_were_moved() -> None:
    made = decide(every(10), now=20, rows=[("moved", 0, 15)], run_all_until=20.1, misfire=SKIP)
    assert decided(made) == ["created 10", "created 0*", "created 20"]


def test_changed_it_runs_at_its_own_time() -> None:
    rows: Rows = [("changed", 10)]
    before = decide(every(10), now=0, rows=rows)
    assert (decided(before), then(before)) == (["created 0"], (10, 10))
    made = decide(every(10), now=10, start=10, rows=rows)
    assert (decided(made), then(made)) == (["created 10*"], (20, 20))


def test_a_batch_counts_those_that_were_moved() -> None:
    rows: Rows = [("moved", 7, 0.5), ("moved", 8, 1.5)]
    made = decide(every(1), now=4, rows=rows, batch=3)
    assert (decided(made), then(made)) == (["created 0", "created 7*", "created 1"], (2, 1.5))


@pytest.mark.parametrize(
    ("overlap", "decisions", "cancel"),
    [
        (OverlapPolicy.SKIP, ["skipped_overlap 10* (not ended)"], False),
        (OverlapPolicy.QUEUE_ONE, ["queued 10* (waits)"], False),
        (OverlapPolicy.CANCEL_RUNNING, ["queued 10* (waits)"], True),
    ],
)
@pytest.mark.parametrize("row", [("moved", 10, 4), ("changed", 10, 10)])
def test_overlap_of_one_with_a_row(
    row: tuple[str, float, float], overlap: OverlapPolicy, decisions: list[str], cancel: bool
) -> None:
    made = decide(every(100), now=row[2], start=100, rows=[row], overlap=overlap, unfinished=1)
    assert (decided(made), made.cancel) == (decisions, cancel)


def test_one_that_was_skipped_keeps_its_row_and_joins_no_range() -> None:
    made = decide(every(1), now=3, rows=[("changed", 1)], overlap=OverlapPolicy.SKIP, unfinished=1)
    assert decided(made) == [
        "skipped_overlap 0 (not ended)",
        "skipped_overlap 1* (not ended)",
        "skipped_overlap 2-3 x2 (not ended)",
    ]
