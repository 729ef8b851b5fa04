"""The roll-up says what the rows say."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from tasks_api import transitions
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Task
from tasks_api.roll_up import rolling
from tasks_api.roll_up.buckets import bucket_of
from tasks_api.roll_up.periods import MINUTE
from tasks_api.roll_up.rolling import roll_up
from tasks_api.rolled_up import RollUp
from tasks_api.tests.rolled import NOON, SECOND, ended, of_rows, rolled, settle
from testing.clock import Clock

pytestmark = pytest.mark.django_db


def test_a_minute_by_operation_and_outcome(clock: Clock) -> None:
    clock.set(NOON + 30 * SECOND)
    roll_up()
    for status in FINAL:
        ended(NOON + SECOND, status)
    ended(NOON + 2 * SECOND, operation="sleep")
    ended(NOON + 3 * SECOND, project_id=7)
    ended(NOON + 4 * SECOND, Status.REVOKED, cancel_requested_at=NOON)
    roll_up()
    found = {
        (row.project_id, row.operation, row.queue, row.outcome, row.minute, row.count)
        for row in RollUp.objects.all()
    }
    assert found == {
        (1, "calculate", "default", "success", NOON, 1),
        (1, "calculate", "default", "failure", NOON, 1),
        (1, "calculate", "default", "expired", NOON, 1),
        (1, "calculate", "default", "cancelled", NOON, 1),
        (1, "sleep", "default", "success", NOON, 1),
        (7, "calculate", "default", "success", NOON, 1),
    }


def test_how_late_it_began_how_long_it_waited_and_ran(clock: Clock) -> None:
    clock.set(NOON)
    end = NOON - SECOND
    for seconds in (0.2, 4):
        ended(end, created_at=end - 60 * SECOND, run_at=end - (seconds + 0.3) * SECOND,
              started_at=end - 0.3 * SECOND)  # fmt: skip
    roll_up()
    [row] = RollUp.objects.all()
    sums = (row.lateness_seconds, row.waiting_seconds, row.running_seconds)
    assert [round(seconds, 3) for seconds in sums] == [4.2, 119.4, 0.6]
    assert in_buckets(row.lateness_counts) == Counter(map(bucket_of, (0.2, 4)))
    assert in_buckets(row.waiting_counts) == Counter(map(bucket_of, (59.7, 59.7)))
    assert in_buckets(row.running_counts) == Counter(map(bucket_of, (0.3, 0.3)))


def in_buckets(counts: list[int]) -> Counter[int]:
    return Counter({at: count for at, count in enumerate(counts) if count})


@pytest.mark.parametrize("started_at", [None, NOON - 20 * SECOND])
def test_what_ended_while_it_waited_is_in_no_measure(clock: Clock, started_at: datetime | None) -> None:
    clock.set(NOON)
    ended(NOON - SECOND, Status.REVOKED, started_at=started_at)
    roll_up()
    [row] = RollUp.objects.all()
    assert row.count == 1
    assert sum(row.lateness_counts + row.waiting_counts + row.running_counts) == 0
    assert row.lateness_seconds == row.waiting_seconds == row.running_seconds == 0


def test_a_minute_is_rolled_up_anew_while_it_lasts(clock: Clock) -> None:
    clock.set(NOON)
    roll_up()
    for second in (1, 20, 59):
        clock.set(NOON + second * SECOND)
        ended(NOON + second * SECOND)
        roll_up()
        assert rolled() == of_rows()


def test_a_clock_that_is_set_back_holds_nothing_up(clock: Clock) -> None:
    clock.set(NOON + timedelta(hours=5))
    ended(clock.now())
    roll_up()
    clock.set(NOON)
    ended(NOON)
    roll_up(pause=10 * SECOND)
    assert rolled() == of_rows()


def test_what_ends_again_is_counted_again(clock: Clock) -> None:
    """As it is settled: what the row says of an end is gone."""
    clock.set(NOON)
    task = ended(NOON - SECOND, Status.FAILURE)
    settle(clock)
    assert transitions.revive([task.id]) == 1
    Task.objects.filter(id=task.id).update(status="SUCCESS", dispatch_at=None, finished_at=clock.now())
    settle(clock)
    assert [(outcome, count) for (_, _, outcome), count in sorted(rolled().items())] == [
        ("failure", 1),
        ("success", 1),
    ]


def test_what_is_removed_after_its_minute_is_settled_stays_counted(clock: Clock) -> None:
    clock.set(NOON)
    task = ended(NOON - SECOND)
    settle(clock)
    task.delete()
    for _ in range(3):
        clock.advance(MINUTE)
        roll_up()
    assert sum(rolled().values()) == 1


def test_history_is_rolled_up_step_by_step_from_its_end(clock: Clock) -> None:
    clock.set(NOON)
    for hours in (2, 3, 50, 200):
        ended(NOON - timedelta(hours=hours))
    steps = []
    is_behind = True
    while is_behind:
        _, is_behind = roll_up(lambda: float("inf"))  # each step is all that there is time for
        steps.append(sum(rolled().values()))
    assert steps == [1, 2, 3, 4, 4]
    assert rolled() == of_rows()


def test_of_history_no_more_is_rolled_up_than_is_kept(clock: Clock, settings: Any) -> None:
    settings.RETENTION_STATS_DAYS = 10
    clock.set(NOON)
    for days in (9, 11):
        ended(NOON - timedelta(days=days))
    roll_up()
    assert [minute for minute, *_ in rolled()] == [NOON - timedelta(days=9)]


def test_an_outage_of_all_sweepers_is_caught_up_in_turns(clock: Clock) -> None:
    clock.set(NOON)
    roll_up()
    for minutes in range(5):
        ended(NOON + minutes * MINUTE)
    clock.set(NOON + timedelta(days=3))
    turns = 0
    is_behind = True
    while is_behind:
        _, is_behind = roll_up(lambda: float("inf"))
        turns += 1
    assert turns == 6  # the last finds that no more is left
    assert rolled() == of_rows()


def test_a_turn_ends_when_its_time_is_up(clock: Clock) -> None:
    clock.set(NOON)
    roll_up()
    for minutes in range(5):
        ended(NOON + minutes * MINUTE)
    clock.set(NOON + 10 * MINUTE)
    passing = iter(rolling.TURN_SECONDS * at / 3 for at in range(100))
    done, is_behind = roll_up(lambda: next(passing))
    assert (done, is_behind) == (3, True)
