"""Planning where the project of a schedule may have only so many tasks more."""

from typing import Any

import pytest

from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.tests.planning_cases import Listed, decide, decided, every, then

ALLOW, SKIP, QUEUE_ONE, CANCEL_RUNNING = OverlapPolicy


@pytest.mark.parametrize(
    ("room", "decisions"),
    [
        (None, ["created 0", "created 1", "created 2"]),
        (3, ["created 0", "created 1", "created 2"]),
        (2, ["created 0", "created 1", "skipped_quota 2 (full)"]),
        (0, ["skipped_quota 0-2 x3 (full)"]),
    ],
)
def test_what_there_is_no_room_for_is_left_out(room: int | None, decisions: list[str]) -> None:
    made = decide(every(1), now=2, room=room)
    assert (decided(made), then(made)) == (decisions, (3, 3))


@pytest.mark.parametrize(
    ("policy", "rows", "decisions"),
    [
        (SKIP, [], ["skipped_overlap 0 (not ended)"]),
        # What waits is no task yet: it is held to the quota when its time comes.
        (QUEUE_ONE, [], ["queued 0 (waits)"]),
        # Nothing is stopped for the sake of a task that could not be made.
        (CANCEL_RUNNING, [], ["skipped_quota 0 (full)"]),
        (CANCEL_RUNNING, [("queued", -10)], ["skipped_quota 0 (full)"]),
    ],
)
def test_while_another_runs(policy: OverlapPolicy, rows: Any, decisions: list[str]) -> None:
    made = decide(every(10), now=0, overlap=policy, unfinished=1, rows=rows, room=0)
    assert (decided(made), made.cancel) == (decisions, False)


def test_one_that_waited_is_left_out_in_its_row() -> None:
    made = decide(every(10), now=5, start=10, overlap=QUEUE_ONE, rows=[("queued", 0)], room=0)
    assert decided(made) == ["skipped_quota 0* (full)"]
    assert decided(decide(every(10), now=0, rows=[("moved", -10, -1)], room=0)) == [
        "skipped_quota -10* (full)",
        "skipped_quota 0 (full)",
    ]


def test_what_was_left_out_does_not_count_for_the_limit_of_tasks() -> None:
    made = decide(every(1), now=5, room=2, left=3)
    assert (decided(made)[-1], made.is_complete) == ("skipped_quota 2-5 x4 (full)", False)
    made = decide(every(1), now=5, room=3, left=2)
    assert (decided(made), made.is_complete) == (["created 0", "created 1"], True)


def test_the_last_of_a_rule_that_is_left_out_completes_the_schedule() -> None:
    made = decide(Listed(0), now=0, room=0)
    assert (decided(made), then(made), made.is_complete) == (["skipped_quota 0 (full)"], (None, None), True)


def test_late_ones_are_coalesced_into_one_that_is_left_out() -> None:
    made = decide(every(60), now=310, room=0)
    assert decided(made) == ["coalesced 0-240 x5 (late)", "skipped_quota 300 (full)"]
    made = decide(every(60), now=310, room=1, misfire=MisfirePolicy.RUN_ALL)
    assert decided(made) == ["created 0", "skipped_quota 60-300 x5 (full)"]
