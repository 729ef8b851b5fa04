"""What becomes of an occurrence while an earlier task of its schedule has not ended: on a real database."""

from datetime import timedelta

import pytest

from access.actor import NOBODY
from schedules.actions import pausing, triggering
from schedules.models import Occurrence
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit_schedule
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, fresh, ledger, start, succeed, sweep_for, tasks
from tasks_api import transitions
from tasks_api.lifecycle import Status
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"


def test_allow_makes_a_task_of_each(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 2)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "created")]


def test_skip_leaves_out_what_comes_while_one_has_not_ended(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="skip")
    sweep_for(clock, 3)
    succeed(schedule)
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 3, "skipped_overlap"), (4, 4, "created")]
    assert fresh(schedule).runs_created == 2


def test_a_long_task_costs_one_row(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", overlap_policy="skip")
    sweeper = Sweeper()
    for _ in range(30):
        sweeper.sweep()
        clock.advance(timedelta(seconds=2))
    assert Occurrence.objects.get(schedule=schedule, outcome="skipped_overlap").count == 58
    assert Occurrence.objects.filter(schedule=schedule).count() == 2


def test_one_that_waits_for_its_next_try_has_not_ended(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="skip")
    sweep_for(clock, 0)
    [task] = tasks(schedule)
    assert transitions.fail(start(task), '{"type": "OSError"}', retry_in=3_600)
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "skipped_overlap")]


def test_a_trigger_counts_but_is_never_held_up(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="skip", starts_at="2027-01-01T12:01:00Z")
    triggering.trigger(schedule.id, NOBODY)
    triggering.trigger(schedule.id, NOBODY)
    sweep_for(clock, 1)
    assert len(tasks(schedule)) == 2
    assert ledger(schedule) == [(1, 1, "skipped_overlap")]


class TestQueueOne:
    def test_the_first_waits_and_later_ones_are_left_out(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one")
        sweep_for(clock, 3)
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "queued"), (2, 3, "skipped_overlap")]
        assert len(tasks(schedule)) == 1

    def test_it_becomes_a_task_as_soon_as_the_one_before_has_ended(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one")
        sweep_for(clock, 1)
        succeed(schedule)
        Sweeper().sweep()
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created")]
        assert fresh(schedule).runs_created == 2

    def test_also_when_the_rule_has_ended(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule="FREQ=MINUTELY;COUNT=2", overlap_policy="queue_one")
        sweep_for(clock, 5)
        waiting = fresh(schedule)
        assert (waiting.status, waiting.next_run_at, waiting.sweep_at) == ("active", None, None)
        succeed(schedule)
        Sweeper().sweep()
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created")]
        assert fresh(schedule).status == "completed"

    def test_it_does_not_run_while_the_schedule_is_paused(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one")
        sweep_for(clock, 1)
        pausing.pause(schedule.id, NOBODY)
        succeed(schedule)
        Sweeper().sweep()
        assert ledger(schedule)[-1] == (1, 1, "queued")
        pausing.resume(schedule.id, NOBODY)
        assert ledger(schedule)[1] == (1, 1, "created")

    def test_the_limit_of_tasks_leaves_it_out(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one", schedule_x_times=2)
        sweep_for(clock, 1)
        succeed(schedule)
        sweep_for(clock, 3)
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created")]
        assert fresh(schedule).status == "completed"


class TestCancelRunning:
    def test_the_running_one_is_asked_to_stop_and_the_newest_waits(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="cancel_running", timeout_seconds=3_600)
        sweep_for(clock, 0)
        [task] = tasks(schedule)
        run = start(task)
        sweep_for(clock, 2)
        task.refresh_from_db()
        assert (task.status, task.cancel_requested_at is not None) == (Status.STARTED, True)
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "skipped_overlap"), (2, 2, "queued")]
        assert transitions.fail(run, '{"type": "cancelled"}')
        Sweeper().sweep()
        assert ledger(schedule)[-1] == (2, 2, "created")
        task.refresh_from_db()
        assert task.status == Status.REVOKED

    def test_one_that_waits_is_revoked_at_once(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="cancel_running")
        sweep_for(clock, 1)
        [task] = tasks(schedule)
        assert task.status == Status.REVOKED
        Sweeper().sweep()
        assert [task.status for task in tasks(schedule)] == [Status.REVOKED, Status.PENDING]


@pytest.mark.parametrize("policy", ["queue_one", "cancel_running"])
def test_an_edit_to_allow_lets_the_one_that_waits_run(
    new_schedule: NewSchedule, clock: Clock, policy: str
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy=policy)
    sweep_for(clock, 0)
    start(tasks(schedule)[0])
    sweep_for(clock, 1)
    edit_schedule(schedule.id, {"overlap_policy": "allow"})
    clock.advance(MINUTE)
    Sweeper().sweep()
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "created")]
