"""Jitter on a real database with a moved clock: the task runs later, and nothing else is any different."""

from datetime import timedelta

from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import overriding, triggering
from schedules.models import Occurrence, TaskSchedule
from schedules.planning import jitter
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit_schedule, put_override
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, ledger, sweep_for, tasks
from tasks_api.models import Task
from tasks_api.upkeep import Upkeep
from testing.broker import Lists
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"
SECOND = timedelta(seconds=1)


def later(schedule: TaskSchedule, minute: float, seconds: float = 30) -> timedelta:
    """What the occurrence of this minute has to wait."""
    return jitter(schedule.id, at(minute), seconds)


def test_only_the_task_runs_later(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, jitter_seconds=30)
    sweep_for(clock, 2)
    made = tasks(schedule)
    assert [task.scheduled_for for task in made] == [at(0), at(1), at(2)]
    assert [task.run_at for task in made] == [at(minute) + later(schedule, minute) for minute in range(3)]
    assert all(at(minute) < task.run_at < at(minute) + 30 * SECOND for minute, task in enumerate(made))
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "created")]
    assert (fresh(schedule).next_run_at, fresh(schedule).last_run_at) == (at(3), at(2))


def test_what_is_told_as_upcoming_has_none_of_it(
    new_schedule: NewSchedule, clock: Clock, client: APIClient
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, jitter_seconds=30)
    body = client.get(f"/task-schedules/{schedule.id}/").json()
    assert body["next_run_at"] == "2027-01-01T12:00:00Z"
    assert [each["at"][14:19] for each in body["upcoming"]] == ["00:00", "01:00", "02:00", "03:00", "04:00"]


def test_the_broker_gets_it_when_it_is_due(new_schedule: NewSchedule, clock: Clock, broker: Lists) -> None:
    schedule = new_schedule(rrule="FREQ=HOURLY", jitter_seconds=600)
    sweeper = Sweeper()
    sweeper.sweep()
    [task] = tasks(schedule)
    assert (task.dispatch_at, task.dispatch_count) == (task.run_at, 0)
    clock.set(task.run_at - timedelta(microseconds=1))
    sweeper.sweep()
    assert broker.sent() == []
    clock.set(task.run_at)
    sweeper.sweep()
    assert [message.task_id for message in broker.sent()] == [str(task.id)]


def test_computed_again_it_is_the_same(new_schedule: NewSchedule, clock: Clock) -> None:
    """As after a backup was restored."""
    schedule = new_schedule(rrule=EACH_MINUTE, jitter_seconds=30)
    sweep_for(clock, 0)
    [first] = tasks(schedule)
    Occurrence.objects.all().delete()
    Task.objects.all().delete()
    TaskSchedule.objects.update(next_run_at=at(0), sweep_at=at(0))
    clock.advance(SECOND / 8)
    sweep_for(clock, 0)
    [second] = tasks(schedule)
    assert second.run_at == first.run_at


def test_one_that_is_late_does_not_wait_on_top(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=HOURLY", jitter_seconds=600, misfire_policy="run_all")
    clock.advance(MINUTE * 59)
    sweep_for(clock, 0)
    [task] = tasks(schedule)
    assert task.run_at == at(0) + later(schedule, 0, 600) < task.created_at == at(59)
    assert Upkeep().run().dispatched == 0  # it was handed over as it was made
    assert task.dispatch_count == 1
    assert task.expires_at is None


def test_its_lifetime_begins_when_it_may_run(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, jitter_seconds=59, expires_after_seconds=1)
    sweep_for(clock, 0)
    [task] = tasks(schedule)
    assert task.expires_at == at(0) + later(schedule, 0, 59) + SECOND


def test_one_that_was_moved_waits_as_long_after_its_new_time(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=HOURLY", jitter_seconds=30, starts_at="2027-01-01T13:00:00Z")
    put_override(schedule.id, at(60), overriding.Override(run_at=at(20)))
    sweep_for(clock, 20)
    [task] = tasks(schedule)
    assert (task.scheduled_for, task.run_at) == (at(60), at(20) + later(schedule, 60))


def test_a_trigger_runs_at_once(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=HOURLY", jitter_seconds=600)
    assert triggering.trigger(schedule.id, NOBODY).run_at == at(0)


def test_an_edit_of_it_holds_for_what_comes(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, jitter_seconds=30)
    sweep_for(clock, 0)
    edit_schedule(schedule.id, {"jitter_seconds": 0})
    sweep_for(clock, 1)
    assert [task.run_at for task in tasks(schedule)] == [at(0) + later(schedule, 0), at(1)]


def test_overlap_counts_a_task_that_waits_for_its_jitter(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, jitter_seconds=59, overlap_policy="skip")
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "skipped_overlap")]
