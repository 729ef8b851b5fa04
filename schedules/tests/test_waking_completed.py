"""A schedule that had made all its tasks is woken by an edit: what it left is told, and never caught up."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from schedules.actions import editing
from schedules.models import Occurrence, TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.recurrence import RecurrenceError
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import YEAR, at, fresh, ledger, sweep_for, tasks
from schedules.tests.occurring import fill, filled, listed, put
from testing.clock import Clock
from testing.ledger import assert_covers

EACH_MINUTE = "FREQ=MINUTELY"


@pytest.fixture
def completed(new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """Each minute, two tasks. It is five minutes and a half past noon."""
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=2)
    sweep_for(clock, 1)
    clock.set(at(5.5))
    assert fresh(schedule).status == "completed"
    return schedule


def test_more_tasks(completed: TaskSchedule, clock: Clock) -> None:
    edited = edit(completed, schedule_x_times=3)
    assert (edited.status, edited.next_run_at) == ("active", at(6))
    assert ledger(completed) == [(0, 0, "created"), (1, 1, "created"), (2, 5, "missed")]
    row = completed.occurrence_set.get(outcome="missed")
    assert row.reason == "the schedule had made as many tasks as schedule_x_times allows"
    sweep_for(clock, 3)
    assert fresh(completed).status == "completed"
    edit(completed, schedule_x_times=None)
    sweep_for(clock, 1)
    assert ledger(completed)[3:] == [(6, 6, "created"), (7, 8, "missed"), (9, 9, "created")]
    assert_covers(completed.id, [(completed.spec, NOON, clock.now())])


def test_another_rule(completed: TaskSchedule, clock: Clock) -> None:
    """The past keeps the rule that it had."""
    old = completed.spec
    new = edit(completed, rrule="FREQ=SECONDLY;INTERVAL=90", schedule_x_times=4).spec
    clock.set(at(6))
    Sweeper().sweep()
    assert ledger(completed)[2:] == [(2, 5, "missed"), (6, 6, "created")]
    change = at(5.5) + JUST_AFTER
    assert_covers(completed.id, [(old, NOON, change), (new, change, at(7))])


@pytest.mark.parametrize("ends", [{"ends_at": "2027-01-01T12:01:30Z"}, {"rrule": "FREQ=MINUTELY;COUNT=2"}])
def test_a_rule_that_had_ended_named_nothing_meanwhile(
    new_schedule: NewSchedule, clock: Clock, ends: dict[str, Any]
) -> None:
    schedule = new_schedule(**{"rrule": EACH_MINUTE, **ends})
    old = schedule.spec
    sweep_for(clock, 3)
    assert fresh(schedule).status == "completed"
    clock.set(at(5.5))
    new = edit(schedule, rrule=EACH_MINUTE, ends_at="2027-01-01T12:08:00Z").spec
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (6, 6, "created")]
    assert_covers(schedule.id, [(old, NOON, at(5.5)), (new, at(5.5) + JUST_AFTER, at(6.5))])


def test_years_of_seconds_are_one_row(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", schedule_x_times=1)
    Sweeper().sweep()
    clock.set(NOON + 20 * YEAR + timedelta(seconds=0.5))
    edit(schedule, schedule_x_times=2)
    row = Occurrence.objects.get(outcome="missed")
    assert row.count == (row.last_scheduled_for - row.scheduled_for).total_seconds() + 1 == 20 * 365 * 86_400


def test_what_has_a_row_keeps_it(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    """Overridden before it completed, backfilled after: the ranges leave room for both."""
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=2)
    put(client, schedule, at(3), skip=True)
    put(client, schedule, at(4), run_at=at(0.5))
    put(client, schedule, at(5), priority=9)
    for moment in (0, 0.5, 1):
        clock.set(at(moment))
        Sweeper().sweep()
    assert fresh(schedule).status == "completed"
    clock.set(at(8.5))
    assert filled(fill(client, schedule, at(6), at(7))) == ([6], [])
    edit(schedule, schedule_x_times=3)
    assert ledger(schedule) == [
        (0, 0, "created"),
        (1, 2, "missed"),
        (3, 3, "overridden"),
        (4, 4, "created"),
        (5, 5, "missed"),
        (6, 6, "created"),
        (7, 8, "missed"),
    ]
    assert_covers(schedule.id, [(schedule.spec, NOON, clock.now())])


def test_the_list_ends_with_a_completed_schedule_until_it_is_woken(
    client: APIClient, completed: TaskSchedule, clock: Clock
) -> None:
    expected = [(0, "created"), (1, "created")]
    assert listed(client, completed, end=at(5.5)) == expected
    edit(completed, schedule_x_times=3)
    assert listed(client, completed, end=at(8)) == [
        *expected,
        *((minute, "missed") for minute in (2, 3, 4, 5)),
        (6, "upcoming"),
    ]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"schedule_x_times": 2, "rrule": "FREQ=HOURLY"}, editing.AllTasksMade),
        ({"schedule_x_times": 1}, editing.AllTasksMade),
        ({"schedule_x_times": 3, "ends_at": "2027-01-01T12:04:00Z"}, RecurrenceError),
    ],
)
def test_a_refused_edit_tells_nothing(
    completed: TaskSchedule, body: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        edit(completed, **body)
    assert ledger(completed) == [(0, 0, "created"), (1, 1, "created")]
    assert fresh(completed).status == "completed"


def test_other_edits_wake_nothing(completed: TaskSchedule, clock: Clock) -> None:
    edit(completed, priority=9)
    edit(completed, schedule_x_times=2)
    assert fresh(completed).status == "completed"
    sweep_for(clock, 2)
    assert (ledger(completed), len(tasks(completed))) == ([(0, 0, "created"), (1, 1, "created")], 2)


def test_an_edit_may_find_that_the_schedule_has_just_completed(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    """Settling made the last task that was allowed; more are, from now on."""
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=2, misfire_policy="run_all")
    clock.set(at(3.5))
    edit(schedule, schedule_x_times=3)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 3, "missed")]
    sweep_for(clock, 1)
    assert ledger(schedule)[3:] == [(4, 4, "created")]
    assert_covers(schedule.id, [(schedule.spec, NOON, clock.now())])
