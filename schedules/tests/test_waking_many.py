"""Many schedules that something other than time concerns: so many at a time, the rest soon, whatever befalls one."""

from collections.abc import Sequence
from typing import Any

import pytest

from schedules.models import TaskSchedule
from schedules.sweep import waking
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import fail, fresh, succeed, sweep_for, tasks
from testing.clock import Clock
from testing.refusing import refused

CHUNK = 3
MANY = 3 * CHUNK - 1
MOST_FAILED = 5 * CHUNK


@pytest.fixture(autouse=True)
def chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few at a time."""
    monkeypatch.setattr(waking, "CHUNK", CHUNK)


def several(new_schedule: NewSchedule, count: int, **body: Any) -> list[TaskSchedule]:
    """In the order in which they are woken."""
    schedules = [new_schedule(rrule="FREQ=MINUTELY", **body) for _ in range(count)]
    return sorted(schedules, key=lambda schedule: schedule.id)


class TestQueued:
    @pytest.fixture
    def schedules(self, new_schedule: NewSchedule, clock: Clock) -> list[TaskSchedule]:
        """Each has an occurrence that waits for nothing any more."""
        schedules = several(new_schedule, MANY, overlap_policy="queue_one")
        sweep_for(clock, 1)
        for schedule in schedules:
            succeed(schedule)
        return schedules

    def test_so_many_in_each_turn(self, schedules: list[TaskSchedule]) -> None:
        sweeper = Sweeper()
        for woken in (CHUNK, 2 * CHUNK, MANY):
            sweeper.sweep()
            assert [len(tasks(each)) for each in schedules] == [2] * woken + [1] * (MANY - woken)

    def test_turn_follows_turn_while_there_are_more(
        self, schedules: list[TaskSchedule], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("schedules.sweep.sweeper.CHUNK", CHUNK)
        Sweeper().sweep()
        assert [len(tasks(each)) for each in schedules] == [2] * MANY

    def test_a_guilty_one_costs_itself(self, schedules: list[TaskSchedule]) -> None:
        guilty, *others = schedules
        sweeper = Sweeper()
        with refused("task_schedule", f"OLD.id = '{guilty.id}'"):
            sweeper.sweep()
            assert sum(len(tasks(each)) == 2 for each in others) == CHUNK - 1
            for _ in range(2):
                sweeper.sweep()
            assert [len(tasks(each)) for each in schedules] == [1] + [2] * len(others)
            assert sweeper.failure == "waking schedules: 1 left out, CheckViolation (23514)"


class TestFailed:
    @pytest.fixture
    def schedules(self, new_schedule: NewSchedule, clock: Clock) -> list[TaskSchedule]:
        """Each has a task that has just failed, as often as it may."""
        schedules = several(new_schedule, MOST_FAILED + 1, pause_after_failures=1)
        sweep_for(clock, 0)
        for schedule in schedules:
            fail(schedule)
        return schedules

    def statuses(self, schedules: Sequence[TaskSchedule]) -> list[str]:
        return [fresh(each).status for each in schedules]

    def test_several_times_so_many_and_then_the_rest(self, schedules: list[TaskSchedule]) -> None:
        Sweeper().sweep()
        assert self.statuses(schedules) == ["paused"] * MOST_FAILED + ["active"]
        Sweeper().sweep()
        assert self.statuses(schedules) == ["paused"] * len(schedules)

    def test_a_guilty_one_costs_itself(self, schedules: list[TaskSchedule]) -> None:
        guilty, *others = schedules
        sweeper = Sweeper()
        with refused("task_schedule", f"OLD.id = '{guilty.id}'"):
            for _ in range(3):
                waking_again(sweeper)
                sweeper.sweep()
            assert self.statuses(schedules) == ["active"] + ["paused"] * len(others)
            assert sweeper.failure == "waking schedules: 1 left out, CheckViolation (23514)"


def waking_again(sweeper: Sweeper) -> None:
    """Failures are looked for once a second; now it is a second later."""
    sweeper._waking = waking.Waking()
