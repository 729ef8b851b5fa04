"""Pausing and resuming, on a real database with a moved clock."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.actions.pausing import CatchUp
from schedules.actions.settling import WrongScheduleStatus
from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import EACH_CATCH_UP, MINUTE, YEAR, Ledger, at, fresh, ledger, sweep_for, tasks
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"
NOT_AT_THREE = "RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY;BYHOUR=3"


def pass_by(clock: Clock, minutes: float) -> None:
    """Time in which the sweeper finds nothing to do."""
    clock.advance(minutes * MINUTE)
    Sweeper().sweep()


@EACH_CATCH_UP
def test_it_works(new_schedule: NewSchedule, clock: Clock, catch_up: CatchUp, expected: Ledger) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    paused = pausing.pause(schedule.id, NOBODY, reason="holiday")
    assert (paused.status, paused.paused_reason, paused.sweep_at) == ("paused", "holiday", None)
    pass_by(clock, 3.5)
    resumed = pausing.resume(schedule.id, NOBODY, catch_up)
    assert (resumed.status, resumed.paused_reason, resumed.next_run_at) == ("active", None, at(4))
    pass_by(clock, 0.5)
    assert ledger(schedule) == [(0, 0, "created"), *expected, (4, 4, "created")]


def test_what_is_due_when_it_is_paused_still_runs(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    pausing.pause(schedule.id, NOBODY)
    assert ledger(schedule) == [(0, 0, "created")]
    assert fresh(schedule).next_run_at == at(1)


def test_the_reason_is_on_record(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    pausing.pause(schedule.id, NOBODY, reason="holiday")
    pass_by(clock, 2)
    pausing.resume(schedule.id, NOBODY)
    assert Occurrence.objects.get(outcome="paused").reason == "the schedule was paused: holiday"


def test_doing_it_twice_is_no_error(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    pausing.pause(schedule.id, NOBODY, reason="holiday")
    pass_by(clock, 2)
    assert pausing.pause(schedule.id, NOBODY, reason="strike").paused_reason == "strike"
    assert pausing.resume(schedule.id, NOBODY).status == "active"
    assert pausing.resume(schedule.id, NOBODY, CatchUp.ALL).status == "active"
    assert ledger(schedule) == [(0, 0, "created"), (1, 2, "paused")]


class TestUntil:
    def test_it_ends_by_itself_and_catches_nothing_up(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        paused = pausing.pause(schedule.id, NOBODY, until=at(2.5))
        assert paused.sweep_at == at(2.5)
        sweep_for(clock, 3)
        assert ledger(schedule) == [(0, 0, "created"), (1, 2, "paused"), (3, 3, "created")]
        assert (fresh(schedule).status, fresh(schedule).paused_until) == ("active", None)

    def test_what_comes_after_it_is_late_and_not_paused_if_nobody_sweeps(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        pausing.pause(schedule.id, NOBODY, until=at(2.5))
        pass_by(clock, 5.5)
        assert ledger(schedule) == [
            (0, 0, "created"),
            (1, 2, "paused"),
            (3, 4, "coalesced"),
            (5, 5, "created"),
        ]

    def test_an_end_that_has_come_counts_before_anybody_swept(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        pausing.pause(schedule.id, NOBODY, until=at(1.5))
        clock.advance(2.5 * MINUTE)
        pausing.resume(schedule.id, NOBODY)
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "paused"), (2, 2, "created")]

    def test_it_must_be_in_the_future(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        with pytest.raises(pausing.PauseEndsInThePast):
            pausing.pause(schedule.id, NOBODY, until=at(0))
        assert fresh(schedule).status == "active"


class TestEdit:
    def test_one_of_the_rule_closes_the_time_that_was_paused(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        pausing.pause(schedule.id, NOBODY)
        clock.advance(2.5 * MINUTE)
        edit(schedule, rrule="FREQ=HOURLY", starts_at="2027-01-01T12:00:00Z")
        assert ledger(schedule) == [(0, 0, "created"), (1, 2, "paused")]
        assert (fresh(schedule).status, fresh(schedule).next_run_at) == ("paused", at(60))

    def test_another_leaves_it_open(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE)
        pausing.pause(schedule.id, NOBODY)
        clock.advance(2.5 * MINUTE)
        edit(schedule, priority=9)
        pausing.resume(schedule.id, NOBODY, CatchUp.ALL)
        Sweeper().sweep()
        assert ledger(schedule) == [(0, 0, "created"), (1, 1, "created"), (2, 2, "created")]


def test_a_rule_that_ends_meanwhile_completes_it_at_its_resumption(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY;COUNT=3")
    pausing.pause(schedule.id, NOBODY)
    pass_by(clock, 10)
    assert fresh(schedule).status == "paused"
    assert pausing.resume(schedule.id, NOBODY).status == "completed"
    assert ledger(schedule) == [(0, 0, "created"), (1, 2, "paused")]


@pytest.mark.parametrize("status", ["completed", "error"])
def test_it_is_refused_where_nothing_runs(new_schedule: NewSchedule, clock: Clock, status: str) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    TaskSchedule.objects.update(status=status, sweep_at=None)
    with pytest.raises(WrongScheduleStatus):
        pausing.pause(schedule.id, NOBODY)


class TestYearOfSeconds:
    def test_it_costs_a_handful_of_statements_and_one_row(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule="FREQ=SECONDLY")
        pausing.pause(schedule.id, NOBODY)
        clock.advance(YEAR)
        with CaptureQueriesContext(connection) as queries:
            pausing.resume(schedule.id, NOBODY)
        assert len(queries) <= 15, queries.captured_queries
        assert Occurrence.objects.get(schedule=schedule, outcome="paused").count == YEAR // timedelta(
            seconds=1
        )

    def test_the_last_of_them_may_run(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule="FREQ=SECONDLY")
        pausing.pause(schedule.id, NOBODY)
        clock.advance(YEAR)
        pausing.resume(schedule.id, NOBODY, CatchUp.LAST)
        assert [task.scheduled_for for task in tasks(schedule)] == [at(0), at(0) + YEAR]

    def test_a_set_of_rules_is_counted_as_exactly(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=NOT_AT_THREE)
        pausing.pause(schedule.id, NOBODY)
        clock.advance(YEAR)
        pausing.resume(schedule.id, NOBODY)
        assert Occurrence.objects.get(schedule=schedule, outcome="paused").count == 365 * 23 * 3_600

    @pytest.mark.parametrize("rrule", ["FREQ=SECONDLY", NOT_AT_THREE])
    def test_all_of_them_may_not(self, new_schedule: NewSchedule, clock: Clock, rrule: str) -> None:
        schedule = new_schedule(rrule=rrule)
        pausing.pause(schedule.id, NOBODY)
        clock.advance(YEAR)
        with pytest.raises(pausing.TooManyToCatchUp):
            pausing.resume(schedule.id, NOBODY, CatchUp.ALL)
        assert fresh(schedule).status == "paused"


def test_a_catch_up_of_all_goes_on_whatever_the_misfire_policy(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="skip")
    pausing.pause(schedule.id, NOBODY)
    pass_by(clock, 250)
    pausing.resume(schedule.id, NOBODY, CatchUp.ALL)
    for _ in range(3):
        Sweeper().sweep()
    assert {outcome for _, _, outcome in ledger(schedule)} == {"created"}
    assert len(tasks(schedule)) == 251
    assert fresh(schedule).run_all_until is None
