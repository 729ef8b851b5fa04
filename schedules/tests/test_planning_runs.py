"""The number of tasks that a schedule may make, `schedule_x_times`."""

import pytest

from schedules.planning import MisfirePolicy, OverlapPolicy, Plan
from schedules.tests.planning_cases import Rows, decide, decided, every, suspension, then

QUEUE_ONE = OverlapPolicy.QUEUE_ONE


def ends(made: Plan) -> bool:
    """Whether the plan ends the schedule: then time brings nothing any more."""
    assert made.look_at is None or not made.is_complete
    return made.is_complete


@pytest.mark.parametrize(
    ("left", "decisions", "undecided", "look_at"),
    [
        (3, ["created 0", "created 1"], 2, 2),
        (2, ["created 0", "created 1"], 2, None),
        (1, ["created 0"], 1, None),
        (0, [], 0, None),
    ],
)
def test_no_more_tasks_are_made_than_remain(
    left: int, decisions: list[str], undecided: int, look_at: int | None
) -> None:
    made = decide(every(1), now=1, left=left)
    assert (decided(made), then(made)) == (decisions, (undecided, look_at))
    assert ends(made) == (look_at is None)


def test_the_only_one_that_remains_is_the_last_under_run_last() -> None:
    made = decide(every(60), now=150, left=1)
    assert (decided(made), ends(made)) == (["coalesced 0-60 x2 (late)", "created 120"], True)


def test_what_is_passed_by_does_not_count() -> None:
    made = decide(every(60), now=150, left=1, misfire=MisfirePolicy.SKIP)
    assert (decided(made), ends(made)) == (["missed 0-120 x3 (late)"], False)
    made = decide(every(1), now=3, left=1, overlap=OverlapPolicy.SKIP, unfinished=1)
    assert (decided(made), ends(made)) == (["skipped_overlap 0-3 x4 (not ended)"], False)


def test_one_that_waits_counts_when_its_task_is_made() -> None:
    made = decide(every(10), now=0, left=1, overlap=QUEUE_ONE, unfinished=1)
    assert (decided(made), ends(made)) == (["queued 0 (waits)"], False)
    made = decide(every(10), now=5, start=10, left=1, overlap=QUEUE_ONE, rows=[("queued", 0)])
    assert (decided(made), ends(made)) == (["created 0*"], True)


def test_after_the_last_task_nothing_is_decided_any_more() -> None:
    made = decide(every(10), now=200, start=10, left=1, overlap=QUEUE_ONE, rows=[("queued", 0)])
    assert (decided(made), ends(made), then(made)) == (["created 0*"], True, (10, None))
    made = decide(every(10), now=200, left=2, run_all_until=30)
    assert (decided(made), ends(made), then(made)) == (["created 0", "created 10"], True, (20, None))


def test_what_is_due_with_the_last_task_is_left_undecided() -> None:
    made = decide(every(10), now=20, start=20, left=1, rows=[("moved", 10, 20)])
    assert (decided(made), ends(made), then(made)) == (["created 10*"], True, (20, None))


def test_a_rule_may_end_with_the_last_task() -> None:
    made = decide(every(10, count=2), now=15, left=2, misfire=MisfirePolicy.RUN_ALL)
    assert (decided(made), ends(made), then(made)) == (["created 0", "created 10"], True, (None, None))


def test_what_was_undecided_is_told_before_more_tasks_may_be_made() -> None:
    completed = suspension("missed", 45, goes_on=True)
    made = decide(every(10), now=45, start=20, left=0, rows=[("overridden", 30)], suspension=completed)
    assert (decided(made), then(made)) == (["missed 20", "missed 40"], (50, 50))


@pytest.mark.parametrize(
    ("rows", "given_up"),
    [
        ([("moved", 10, 500)], ["missed 10* (all made)"]),
        ([("changed", 20)], ["missed 20* (all made)"]),
        ([("overridden", 20)], []),
        ([("moved", 10, 500), ("changed", 20)], ["missed 10* (all made)", "missed 20* (all made)"]),
    ],
)
def test_the_last_task_gives_up_what_waits_for_its_time(rows: Rows, given_up: list[str]) -> None:
    made = decide(every(10), now=0, rows=rows, left=1)
    assert (decided(made), ends(made)) == (["created 0", *given_up], True)


def test_the_last_task_gives_up_what_is_due_and_has_a_row() -> None:
    made = decide(every(10), now=1, rows=[("moved", 30, 0.5)], left=1)
    assert decided(made) == ["created 0", "missed 30* (all made)"]


def test_the_one_that_waited_comes_before_those_that_are_due() -> None:
    rows: Rows = [("queued", -10), ("changed", 0)]
    made = decide(every(10), now=0, rows=rows, left=1, overlap=QUEUE_ONE)
    assert (decided(made), ends(made)) == (["created -10*", "missed 0* (all made)"], True)


def test_a_task_that_may_be_made_no_more_does_not_stop_others() -> None:
    made = decide(every(10), now=0, left=0, unfinished=1, overlap=OverlapPolicy.CANCEL_RUNNING)
    assert (decided(made), made.cancel, ends(made)) == ([], False, True)


def test_one_moved_ahead_may_be_the_last() -> None:
    made = decide(every(10), now=4, start=10, rows=[("moved", 30, 4)], left=1)
    assert (decided(made), ends(made)) == (["created 30*"], True)
