"""What becomes of occurrences that nobody swept in time: real sweeps, after outages on a moved clock."""

from datetime import timedelta

import pytest
from django.conf import settings

from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit_schedule
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, ledger, succeed, sweep_for, tasks
from testing.clock import Clock

EACH_MINUTE = "FREQ=MINUTELY"
DAY = 24 * 60


class TestCatchupWindow:
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            ("run_all", [(0, 7, "missed"), (8, 8, "created"), (9, 9, "created"), (10, 10, "created")]),
            ("run_last", [(0, 7, "missed"), (8, 9, "coalesced"), (10, 10, "created")]),
            ("skip", [(0, 7, "missed"), (8, 10, "missed")]),
        ],
    )
    def test_what_is_older_is_missed(
        self, new_schedule: NewSchedule, clock: Clock, policy: str, expected: list[object]
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy=policy, catchup_window_seconds=150)
        clock.set(at(10.4))
        sweep_for(clock, 0)
        assert ledger(schedule) == expected
        first = Occurrence.objects.filter(schedule=schedule).order_by("scheduled_for")[0]
        assert "catchup_window_seconds" in (first.reason or "")

    def test_it_makes_nothing_of_what_is_on_time(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, catchup_window_seconds=1)
        clock.advance(timedelta(seconds=settings.MISFIRE_GRACE_SECONDS))
        sweep_for(clock, 0)
        assert ledger(schedule) == [(0, 0, "created")]

    def test_a_long_catch_up_does_not_run_out_of_its_window_in_silence(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        """The rest of it that gets too old while it waits for its turn is told as missed."""
        schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all", catchup_window_seconds=12_000)
        clock.set(at(200.5))
        sweep_for(clock, 0)
        clock.set(at(350.5))
        sweep_for(clock, 0)
        rows = ledger(schedule)
        assert [row for row in rows if row[2] == "missed"] == [(0, 0, "missed"), (101, 150, "missed")]
        assert len([row for row in rows if row[2] == "created"]) == 2 * settings.CATCHUP_BATCH


class TestRunAll:
    def test_its_window_is_a_day_unless_said_otherwise(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule="FREQ=HOURLY", misfire_policy="run_all")
        clock.set(at(3 * DAY + 30))
        sweep_for(clock, 0)
        rows = ledger(schedule)
        assert rows[0] == (0, 2 * DAY, "missed")
        assert [row[0] for row in rows[1:]] == [2 * DAY + 60 * hour for hour in range(1, 25)]
        assert {row[2] for row in rows[1:]} == {"created"}

    def test_a_longer_one_may_be_said(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(
            rrule="FREQ=HOURLY", misfire_policy="run_all", catchup_window_seconds=3 * 86_400
        )
        clock.set(at(3 * DAY - 30))
        sweep_for(clock, 0)
        assert len(tasks(schedule)) == 72

    def test_the_others_have_none(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule="FREQ=DAILY")
        clock.set(at(30 * DAY - 30))
        sweep_for(clock, 0)
        assert ledger(schedule) == [(0, 28 * DAY, "coalesced"), (29 * DAY, 29 * DAY, "created")]

    def test_with_overlap_skip_only_the_first_runs(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all", overlap_policy="skip")
        clock.set(at(9.5))
        sweep_for(clock, 0)
        assert ledger(schedule) == [(0, 0, "created"), (1, 9, "skipped_overlap")]


class TestOnce:
    """An instant of its own never gets lost to a window."""

    @pytest.mark.parametrize("policy", ["run_last", "run_all"])
    @pytest.mark.parametrize("window", [None, 1])
    def test_it_runs_however_late(
        self, new_schedule: NewSchedule, clock: Clock, policy: str, window: float | None
    ) -> None:
        schedule = new_schedule(
            run_at="2027-01-01T12:00:00Z", misfire_policy=policy, catchup_window_seconds=window
        )
        clock.set(at(80 * DAY))
        sweep_for(clock, 0)
        assert ledger(schedule) == [(0, 0, "created")]
        assert fresh(schedule).status == "completed"

    def test_skip_says_that_it_was_missed(self, new_schedule: NewSchedule, clock: Clock) -> None:
        schedule = new_schedule(run_at="2027-01-01T12:00:00Z", misfire_policy="skip")
        clock.set(at(0.2))
        sweep_for(clock, 0)
        assert ledger(schedule) == [(0, 0, "missed")]
        assert (fresh(schedule).status, tasks(schedule)) == ("completed", [])


class TestManyThatAreLate:
    POLICIES = ("allow", "skip", "queue_one", "cancel_running")

    def test_they_do_not_hold_up_the_punctual(self, new_schedule: NewSchedule, clock: Clock) -> None:
        """Each punctual one gets its task in the sweep at its time, however long others catch up."""
        late = [
            new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all", overlap_policy=policy)
            for policy in self.POLICIES
        ]
        clock.set(at(1_000))
        punctual = [
            new_schedule(rrule=EACH_MINUTE, overlap_policy=policy, starts_at="2027-01-02T04:41:00Z")
            for policy in self.POLICIES
        ]
        sweeper = Sweeper()
        for minute in range(1_001, 1_009):
            sweeper.sweep()
            clock.set(at(minute))
            sweeper.sweep()
            assert [tasks(each)[-1].scheduled_for for each in punctual] == [at(minute)] * len(punctual)
            for each in punctual:
                succeed(each)
        self.assert_it_goes_on(late[0])

    def assert_it_goes_on(self, late: TaskSchedule) -> None:
        """A batch with each sweep, in order, until it has caught up."""
        instants = [task.scheduled_for for task in tasks(late)]
        assert instants == [at(minute) for minute in range(1_009)]
        assert fresh(late).next_run_at == at(1_009)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_one_sweep_makes_no_more_than_a_batch(
        self, new_schedule: NewSchedule, clock: Clock, policy: str
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all", overlap_policy=policy)
        clock.set(at(250.5))
        sweep_for(clock, 0)
        assert sum(row.count for row in Occurrence.objects.all()) == settings.CATCHUP_BATCH
        assert fresh(schedule).next_run_at == at(settings.CATCHUP_BATCH)

    def test_another_policy_holds_for_what_is_still_due(
        self, new_schedule: NewSchedule, clock: Clock
    ) -> None:
        schedule = new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all")
        clock.set(at(250.5))
        sweep_for(clock, 0)
        edit_schedule(schedule.id, {"misfire_policy": "skip"})
        assert ledger(schedule)[-1] == (250, 250, "created")  # what was due was settled first
        clock.advance(10 * MINUTE)
        sweep_for(clock, 0)
        assert ledger(schedule)[-1] == (251, 260, "missed")
