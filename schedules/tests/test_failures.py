"""Schedules whose tasks fail, and schedules that fail themselves: on a real database with a moved clock."""

from pytest_django import Settings

from access.actor import NOBODY
from schedules.actions import pausing, triggering
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit_schedule
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fail, fresh, ledger, start, succeed, sweep_for, tasks
from tasks_api import transitions
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"


def fail_for(schedule: TaskSchedule, clock: Clock, minutes: int) -> None:
    """Each minute its task fails; the minute ends before the next is due."""
    for _ in range(minutes):
        Sweeper().sweep()
        fail(schedule)
        clock.advance(MINUTE)


class TestPauseAfterFailures:
    def test_it_works(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=3)
        fail_for(schedule, clock, 5)
        found = fresh(schedule)
        assert (found.status, found.paused_reason) == ("paused", "3 tasks in a row failed")
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "created")]

    def test_it_does_not_wait_for_the_next_occurrence(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule="FREQ=DAILY", pause_after_failures=1)
        sweep_for(clock, 0)
        fail(schedule)
        sweep_for(clock, 0)
        assert fresh(schedule).status == "paused"

    def test_a_success_begins_the_count_anew(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=3)
        fail_for(schedule, clock, 2)
        Sweeper().sweep()
        succeed(schedule)
        clock.advance(MINUTE)
        fail_for(schedule, clock, 2)
        Sweeper().sweep()
        assert fresh(schedule).status == "active"

    def test_one_with_a_number_that_none_can_be_holds_up_no_other(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        """As only SQL can write it."""
        broken, schedule = (new_schedule(rrule="FREQ=DAILY", pause_after_failures=1) for _ in range(2))
        sweep_for(clock, 0)
        TaskSchedule.objects.filter(id=broken.id).update(pause_after_failures=-1)
        fail(broken)
        fail(schedule)
        sweep_for(clock, 0)
        assert fresh(schedule).status == "paused"

    def test_so_does_resuming(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=2)
        fail_for(schedule, clock, 3)
        pausing.resume(schedule.id, NOBODY)
        fail_for(schedule, clock, 1)
        Sweeper().sweep()
        assert fresh(schedule).status == "active"
        fail_for(schedule, clock, 2)
        Sweeper().sweep()
        assert fresh(schedule).status == "paused"

    def test_the_last_to_end_count(self, new_schedule: NewSchedule, clock: Clock) -> None:
        """However long they ran: here the one that began first succeeds last."""
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=2)
        sweep_for(clock, 2)
        first, *others = [start(task) for task in tasks(schedule)]
        assert transitions.fail(others[0], '{"type": "OSError"}')
        clock.advance(MINUTE / 4)
        assert transitions.succeed(first, "2")
        clock.advance(MINUTE / 4)
        assert transitions.fail(others[1], '{"type": "OSError"}')
        Sweeper().sweep()
        assert fresh(schedule).status == "active"

    def test_what_was_revoked_says_nothing(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=2)
        fail_for(schedule, clock, 1)
        Sweeper().sweep()
        transitions.cancel([task.id for task in tasks(schedule)])
        clock.advance(MINUTE)
        fail_for(schedule, clock, 1)
        Sweeper().sweep()
        assert fresh(schedule).status == "paused"

    def test_a_task_that_is_tried_again_has_not_failed(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=1)
        sweep_for(clock, 3)
        assert fresh(schedule).status == "active"

    def test_what_was_triggered_counts(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(cron="0 0 1 1 *", pause_after_failures=2)
        triggering.trigger(schedule.id, NOBODY)
        triggering.trigger(schedule.id, NOBODY)
        fail(schedule)
        sweep_for(clock, 0)
        assert fresh(schedule).status == "paused"

    def test_the_instants_of_that_pause_are_told_like_those_of_any(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, pause_after_failures=1)
        fail_for(schedule, clock, 3)
        clock.advance(MINUTE / 2)
        pausing.resume(schedule.id, NOBODY)
        assert ledger(schedule) == [(0, 0, "created"), (1, 3, "paused")]


class TestError:
    def break_template(self) -> None:
        TaskSchedule.objects.update(operation="removed_in_an_upgrade")

    def test_it_is_set_aside_with_the_instant_that_failed(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        self.break_template()
        sweep_for(clock, 3)
        found = fresh(schedule)
        assert (found.status, found.sweep_at) == ("error", None)
        assert "removed_in_an_upgrade" in (found.error or "")
        assert ledger(schedule) == [(0, 0, "error")]

    def test_an_edit_mends_it_and_tells_what_was_missed(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        self.break_template()
        sweep_for(clock, 3)
        clock.advance(MINUTE / 2)
        edit_schedule(schedule.id, {"operation": "calculate", "arguments": {"expression": "1+1"}})
        found = fresh(schedule)
        assert (found.status, found.error, found.next_run_at) == ("active", None, at(4))
        clock.advance(MINUTE / 2)
        Sweeper().sweep()
        assert ledger(schedule) == [(0, 0, "error"), (1, 3, "missed"), (4, 4, "created")]
        assert (
            schedule.occurrence_set.get(outcome="missed").reason == "the schedule was set aside with an error"
        )

    def test_one_whose_rule_cannot_be_read_is_mended_by_another_rule(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(cron="* * * * *")
        TaskSchedule.objects.update(cron="* * * *")
        sweep_for(clock, 2)
        assert fresh(schedule).status == "error"
        clock.advance(MINUTE / 2)
        edit_schedule(schedule.id, {"cron": "*/2 * * * *"})
        assert (fresh(schedule).status, fresh(schedule).next_run_at) == ("active", at(4))
        assert ledger(schedule) == [(0, 0, "error")]

    def test_an_edit_that_finds_it_out_loses_nothing(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        self.break_template()
        clock.advance(MINUTE * 2.5)
        edit_schedule(schedule.id, {"operation": "1+1"})
        assert ledger(schedule) == [(0, 0, "error"), (1, 2, "missed")]
        assert (fresh(schedule).status, fresh(schedule).next_run_at) == ("active", at(3))

    def test_an_instant_to_come_does_not_take_the_blame(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        """What failed was one that waited for the task before it to end."""
        schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one")
        sweep_for(clock, 1)
        self.break_template()
        succeed(schedule)
        sweep_for(clock, 0)
        assert fresh(schedule).status == "error"
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "queued")]
        edit_schedule(schedule.id, {"operation": "1+1"})
        sweep_for(clock, 0)
        succeed(schedule)
        sweep_for(clock, 1)
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "created")]


def test_one_portion_may_be_all_that_is_settled(
    new_schedule: NewSchedule, clock: Clock, settings: Settings
) -> None:
    """However large a portion is, an edit looks whether it was the last."""
    settings.CATCHUP_BATCH = 10_000
    schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all")
    clock.advance(3.5 * MINUTE)
    edit_schedule(schedule.id, {"rrule": "FREQ=HOURLY"})
    assert [outcome for _, _, outcome in ledger(schedule)] == ["created"] * 4
