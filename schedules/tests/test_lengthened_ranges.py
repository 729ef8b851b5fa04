"""A range goes on where the same fate goes on, and only there."""

from datetime import timedelta

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.planning import JUST_AFTER
from schedules.tests.acting import edit
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import at, ledger
from testing.clock import Clock
from testing.ledger import assert_covers

EACH_MINUTE = "FREQ=MINUTELY"


def test_a_rule_that_comes_back_does_not_claim_the_time_in_between(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, starts_at="2027-01-01T12:00:00Z")
    pausing.pause(schedule.id, NOBODY)
    first = schedule.spec
    clock.set(at(2.5))
    second = edit(schedule, rrule="FREQ=DAILY").spec
    clock.set(at(5.5))
    edit(schedule, rrule=EACH_MINUTE)
    clock.set(at(7.5))
    pausing.resume(schedule.id, NOBODY)
    eras = [(first, NOON, at(2.5)), (second, at(2.5), at(5.5)), (first, at(5.5), at(7.5) + JUST_AFTER)]
    assert_covers(schedule.id, eras)
    assert ledger(schedule) == [(0, 0, "created"), (1, 2, "paused"), (6, 7, "paused")]


def test_a_pause_after_another_is_one_range(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    for _ in range(3):
        pausing.pause(schedule.id, NOBODY)
        clock.advance(timedelta(minutes=2, seconds=30))
        pausing.resume(schedule.id, NOBODY)
    assert ledger(schedule) == [(0, 0, "created"), (1, 7, "paused")]
    assert_covers(schedule.id, [(schedule.spec, NOON, clock.now())])
