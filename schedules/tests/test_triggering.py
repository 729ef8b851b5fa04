"""A task on request: whatever the schedule's status, and without a trace in what the schedule counts and records."""

from uuid import UUID

import pytest

from access.actor import NOBODY
from operations import UnknownOperation
from schedules.actions import pausing, triggering
from schedules.models import Occurrence, TaskSchedule
from schedules.recurrence import RecurrenceError
from schedules.tests.acting import edit_schedule
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, YEAR, at, fresh, ledger, sweep_for, tasks
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.broker import Lists
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"


def test_it_works(new_schedule: NewSchedule, clock: Clock, broker: Lists) -> None:
    schedule = new_schedule(
        rrule=EACH_MINUTE, priority=8, tags=["nightly"], max_attempts=2, timeout_seconds=9
    )
    clock.advance(MINUTE / 2)
    task = triggering.trigger(schedule.id, NOBODY)
    stored = Task.objects.get()
    assert (stored.id, stored.schedule_id, stored.status) == (task.id, schedule.id, Status.PENDING)
    assert (stored.priority, stored.tags, stored.max_attempts, stored.timeout_seconds) == (
        8,
        ["nightly"],
        2,
        9,
    )
    assert (stored.run_at, stored.scheduled_for) == (at(0.5), None)
    assert (stored.previous_scheduled_for, stored.next_scheduled_for) == (None, None)


def test_nothing_about_the_schedule_changes(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=2)
    before = TaskSchedule.objects.values().get()
    triggering.trigger(schedule.id, NOBODY)
    assert TaskSchedule.objects.values().get() == before
    assert not Occurrence.objects.exists()
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created")]
    assert (fresh(schedule).status, fresh(schedule).runs_created) == ("completed", 2)


class TestWhateverTheStatus:
    def test_paused(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        pausing.pause(schedule.id, NOBODY, reason="holidays")
        triggering.trigger(schedule.id, NOBODY)
        assert len(tasks(schedule)) == 1 + 1  # the one at noon was due before the pause
        assert (fresh(schedule).status, fresh(schedule).paused_reason) == ("paused", "holidays")

    def test_completed(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=1)
        sweep_for(clock, 1)
        assert fresh(schedule).status == "completed"
        triggering.trigger(schedule.id, NOBODY)
        assert [task.scheduled_for for task in tasks(schedule)] == [at(0), None]
        assert (fresh(schedule).status, fresh(schedule).runs_created) == ("completed", 1)

    def test_set_aside_and_its_template_is_in_order_again(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        TaskSchedule.objects.update(status="error", error="it failed", sweep_at=None)
        triggering.trigger(schedule.id, NOBODY)
        assert fresh(schedule).status == "error"

    def test_set_aside_because_of_its_template(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        TaskSchedule.objects.update(operation="removed_in_an_upgrade")
        sweep_for(clock, 0)
        with pytest.raises(UnknownOperation):
            triggering.trigger(schedule.id, NOBODY)
        assert not Task.objects.exists()

    def test_set_aside_because_of_its_rule(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(cron="* * * * *")
        TaskSchedule.objects.update(cron="* * * *")
        sweep_for(clock, 0)
        with pytest.raises(RecurrenceError):
            triggering.trigger(schedule.id, NOBODY)
        assert not Task.objects.exists()

    def test_gone(self, clock: Clock) -> None:
        with pytest.raises(TaskSchedule.DoesNotExist):
            triggering.trigger(UUID(int=1), NOBODY)


@pytest.mark.parametrize("policy", ["allow", "skip", "queue_one", "cancel_running"])
def test_no_overlap_policy_holds_it_up(new_schedule: NewSchedule, clock: Clock, policy: str) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy=policy)
    sweep_for(clock, 0)
    triggering.trigger(schedule.id, NOBODY)
    triggering.trigger(schedule.id, NOBODY)
    assert [task.status for task in tasks(schedule)] == [Status.PENDING] * 3
    assert ledger(schedule) == [(0, 0, "created")]


class TestPlaceholders:
    def test_they_stand_for_now_and_the_instants_around_it(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        names = ("previous_scheduled_for", "scheduled_for", "next_scheduled_for")
        expression = " + ".join(f"{{{{ {name}:%s }}}}" for name in names)
        schedule = new_schedule(
            cron="*/10 * * * *", operation="calculate", arguments={"expression": expression}
        )
        clock.advance(MINUTE * 14.3)
        expected = " + ".join(str(int(at(minutes).timestamp())) for minutes in (10, 14.3, 20))
        assert triggering.trigger(schedule.id, NOBODY).arguments == {"expression": expected}

    def test_in_the_zone_of_the_schedule(self, new_schedule: NewSchedule, clock: Clock) -> None:
        expression = "1{{ scheduled_for:%H }} + 1{{ scheduled_for:%j }}"
        schedule = new_schedule(
            cron="0 8 * * *",
            timezone="Asia/Tokyo",
            operation="calculate",
            arguments={"expression": expression},
        )
        clock.advance(MINUTE * 60 * 4)
        assert triggering.trigger(schedule.id, NOBODY).arguments == {"expression": "101 + 1002"}

    def test_what_the_rule_names_no_more_is_empty(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(
            rrule="FREQ=MINUTELY;COUNT=2",
            operation="calculate",
            arguments={"expression": "1{{ next_scheduled_for:%M }}"},
        )
        sweep_for(clock, 2)
        clock.advance(YEAR)
        assert triggering.trigger(schedule.id, NOBODY).arguments == {"expression": "1"}


def test_it_uses_the_template_as_it_is_then(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    edit_schedule(schedule.id, {"operation": "2+2", "priority": 0})
    task = triggering.trigger(schedule.id, NOBODY)
    assert (task.arguments, task.priority) == ({"expression": "2+2"}, 0)
