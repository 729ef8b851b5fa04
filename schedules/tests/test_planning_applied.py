"""What plans say, as the database has it afterwards: where only both together can be wrong."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.actions.pausing import CatchUp
from schedules.actions.settling import close_suspension
from schedules.expansion.expanding import expand
from schedules.models import Occurrence, ScheduleStatus, TaskSchedule
from schedules.tests.conftest import NewSchedule
from tasks_api.database import database_now
from tasks_api.lifecycle import Status
from testing.factories import ago, make_task

pytestmark = pytest.mark.django_db


def queued_behind(schedule: TaskSchedule, status: Status) -> Occurrence:
    """The only occurrence of a rule that has ended, in the queue behind a task in this state."""
    make_task(status, schedule_id=schedule.id)
    schedule.next_run_at, schedule.sweep_at = None, ago(1)
    schedule.save()
    instant = ago(60).replace(microsecond=0)
    return Occurrence.objects.create(
        schedule=schedule, scheduled_for=instant, last_scheduled_for=instant, outcome="queued"
    )


def test_one_that_waits_behind_a_task_is_not_looked_at_again_and_again(new_schedule: NewSchedule) -> None:
    schedule = new_schedule(overlap_policy="queue_one")
    queued_behind(schedule, Status.STARTED)
    assert not expand([schedule], database_now()).tasks
    schedule.refresh_from_db()
    assert (schedule.status, schedule.next_run_at, schedule.sweep_at) == (ScheduleStatus.ACTIVE, None, None)


def test_one_that_waits_stays_in_the_queue_while_a_pause_goes_on(new_schedule: NewSchedule) -> None:
    schedule = new_schedule(overlap_policy="queue_one")
    row = queued_behind(schedule, Status.SUCCESS)
    schedule.status, schedule.sweep_at = ScheduleStatus.PAUSED, None
    schedule.save()
    close_suspension(schedule, database_now())
    row.refresh_from_db()
    assert row.outcome == "queued"
    pausing.resume(schedule.id, NOBODY)
    row.refresh_from_db()
    assert row.outcome == "created"


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_resume_forgets_the_failures_before_it(new_schedule: NewSchedule, catch_up: CatchUp) -> None:
    schedule = new_schedule(rrule="FREQ=HOURLY", pause_after_failures=1)
    TaskSchedule.objects.filter(id=schedule.id).update(failures_since=ago(3600))
    make_task(Status.FAILURE, schedule_id=schedule.id)
    schedule.refresh_from_db()
    expand([schedule], database_now())
    schedule.refresh_from_db()
    assert (schedule.status, schedule.paused_reason) == (ScheduleStatus.PAUSED, "its last task failed")
    assert pausing.resume(schedule.id, NOBODY, catch_up).status == ScheduleStatus.ACTIVE


def test_a_catch_up_of_all_goes_on_for_one_that_was_moved(
    new_schedule: NewSchedule, settings: Settings
) -> None:
    """The rule has come past the end of the catch-up, and one that was moved has not had its turn."""
    settings.CATCHUP_BATCH = 1
    schedule = new_schedule(rrule="FREQ=HOURLY", misfire_policy="skip")
    first = ago(90 * 60).replace(microsecond=0)
    schedule.starts_at = schedule.next_run_at = schedule.sweep_at = first
    schedule.run_all_until = first + timedelta(minutes=50)
    schedule.save()
    Occurrence.objects.create(
        schedule=schedule,
        scheduled_for=first - timedelta(hours=1),
        last_scheduled_for=first - timedelta(hours=1),
        outcome="moved",
        due_at=first + timedelta(minutes=40),
    )
    assert [task.scheduled_for for task in expand([schedule], database_now()).tasks] == [first]
    schedule.refresh_from_db()
    assert [task.scheduled_for for task in expand([schedule], database_now()).tasks] == [
        first - timedelta(hours=1)
    ]
    schedule.refresh_from_db()
    assert schedule.run_all_until is None
