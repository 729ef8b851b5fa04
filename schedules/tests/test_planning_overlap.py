"""One occurrence after the other against the tasks of the same schedule that have not ended."""

from typing import Any

import pytest

from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.tests.planning_cases import Listed, decide, decided, every, then

ALLOW, SKIP = OverlapPolicy.ALLOW, OverlapPolicy.SKIP
QUEUE_ONE, CANCEL_RUNNING = OverlapPolicy.QUEUE_ONE, OverlapPolicy.CANCEL_RUNNING

WAITING = [("queued", -10)]
"""An occurrence from before waits in the queue."""


@pytest.mark.parametrize("unfinished", [0, 1, 7])
def test_allow_does_not_ask(unfinished: int) -> None:
    assert decided(decide(every(10), now=0, overlap=ALLOW, unfinished=unfinished)) == ["created 0"]


@pytest.mark.parametrize("policy", list(OverlapPolicy))
def test_what_is_free_runs(policy: OverlapPolicy) -> None:
    made = decide(every(10), now=0, overlap=policy)
    assert (decided(made), then(made), made.cancel) == (["created 0"], (10, 10), False)


@pytest.mark.parametrize(
    ("policy", "rows", "decisions", "cancel"),
    [
        (SKIP, [], ["skipped_overlap 0 (not ended)"], False),
        (QUEUE_ONE, [], ["queued 0 (waits)"], False),
        (CANCEL_RUNNING, [], ["queued 0 (waits)"], True),
        # One waits already: the first stays, or the newest takes its place.
        (SKIP, WAITING, ["skipped_overlap 0 (one waits)"], False),
        (QUEUE_ONE, WAITING, ["skipped_overlap 0 (one waits)"], False),
        (CANCEL_RUNNING, WAITING, ["skipped_overlap -10* (replaced)", "queued 0 (waits)"], True),
        (ALLOW, WAITING, ["created -10*", "created 0"], False),
    ],
)
def test_one_that_is_due_while_another_runs(
    policy: OverlapPolicy, rows: list[Any], decisions: list[str], cancel: bool
) -> None:
    made = decide(every(10), now=0, overlap=policy, unfinished=1, rows=rows)
    assert (decided(made), then(made), made.cancel) == (decisions, (10, 10), cancel)


@pytest.mark.parametrize(
    ("policy", "decisions", "cancel"),
    [
        (ALLOW, ["created 0", "created 1", "created 2", "created 3"], False),
        (SKIP, ["created 0", "skipped_overlap 1-3 x3 (not ended)"], False),
        (QUEUE_ONE, ["created 0", "skipped_overlap 2-3 x2 (one waits)", "queued 1 (waits)"], False),
        (CANCEL_RUNNING, ["created 0", "skipped_overlap 1-2 x2 (replaced)", "queued 3 (waits)"], True),
    ],
)
def test_several_that_are_due_are_judged_one_after_the_other(
    policy: OverlapPolicy, decisions: list[str], cancel: bool
) -> None:
    made = decide(every(1), now=3, overlap=policy)
    assert (decided(made), then(made), made.cancel) == (decisions, (4, 4), cancel)


@pytest.mark.parametrize("policy", list(OverlapPolicy))
def test_the_one_that_waits_runs_once_nothing_is_unfinished(policy: OverlapPolicy) -> None:
    made = decide(every(10), now=-5, rows=WAITING, overlap=policy)
    assert (decided(made), then(made), made.cancel) == (["created -10*"], (0, 0), False)


@pytest.mark.parametrize("policy", [SKIP, QUEUE_ONE, CANCEL_RUNNING])
def test_the_one_that_waits_goes_on_waiting(policy: OverlapPolicy) -> None:
    made = decide(every(10), now=-5, rows=WAITING, unfinished=1, overlap=policy)
    assert (decided(made), then(made), made.cancel) == ([], (0, 0), False)


@pytest.mark.parametrize(
    ("policy", "decisions", "cancel"),
    [
        (SKIP, ["created -10*", "skipped_overlap 0 (not ended)"], False),
        (QUEUE_ONE, ["created -10*", "queued 0 (waits)"], False),
        (CANCEL_RUNNING, ["created -10*", "queued 0 (waits)"], True),
    ],
)
def test_one_that_is_due_comes_behind_the_one_that_waited(
    policy: OverlapPolicy, decisions: list[str], cancel: bool
) -> None:
    made = decide(every(10), now=0, rows=WAITING, overlap=policy)
    assert (decided(made), made.cancel) == (decisions, cancel)


def test_the_one_that_waits_runs_although_the_rule_has_ended() -> None:
    made = decide(Listed(0), now=5, start=None, rows=[("queued", 0)], overlap=QUEUE_ONE)
    assert (decided(made), then(made), made.is_complete) == (["created 0*"], (None, None), True)


def test_a_schedule_whose_rule_has_ended_is_not_complete_while_one_waits() -> None:
    made = decide(Listed(0), now=5, start=None, rows=[("queued", 0)], unfinished=1, overlap=QUEUE_ONE)
    assert (decided(made), then(made), made.is_complete) == ([], (None, None), False)


def test_the_last_of_a_rule_waits_like_any_other() -> None:
    made = decide(Listed(0), now=0, unfinished=1, overlap=QUEUE_ONE)
    assert (decided(made), then(made), made.is_complete) == (["queued 0 (waits)"], (None, None), False)


def test_the_last_of_a_rule_that_is_skipped_completes_the_schedule() -> None:
    made = decide(Listed(0), now=0, unfinished=1, overlap=SKIP)
    assert (then(made), made.is_complete) == ((None, None), True)


def test_run_all_with_skip_makes_one_task_of_all_that_are_late() -> None:
    made = decide(every(60), now=310, misfire=MisfirePolicy.RUN_ALL, overlap=SKIP)
    assert decided(made) == ["created 0", "skipped_overlap 60-300 x5 (not ended)"]


def test_run_all_with_queue_one_makes_one_and_one_waits() -> None:
    made = decide(every(60), now=310, misfire=MisfirePolicy.RUN_ALL, overlap=QUEUE_ONE)
    assert decided(made) == ["created 0", "skipped_overlap 120-300 x4 (one waits)", "queued 60 (waits)"]


def test_run_last_with_skip_leaves_the_last_one_out_while_another_runs() -> None:
    made = decide(every(60), now=150, overlap=SKIP, unfinished=1)
    assert decided(made) == ["coalesced 0-60 x2 (late)", "skipped_overlap 120 (not ended)"]


def test_a_batch_counts_those_that_were_skipped() -> None:
    made = decide(every(1), now=5, overlap=SKIP, unfinished=1, batch=2)
    assert (decided(made), then(made)) == (["skipped_overlap 0-1 x2 (not ended)"], (2, 2))


def test_neighbours_are_joined_around_nothing_else() -> None:
    """After a catch-up of all: one skipped before the late ones, one after them, with the same reason."""
    made = decide(every(60), now=310, run_all_until=90, overlap=SKIP, unfinished=1)
    assert decided(made) == [
        "coalesced 120-240 x3 (late)",
        "skipped_overlap 0-60 x2 (not ended)",
        "skipped_overlap 300 (not ended)",
    ]
