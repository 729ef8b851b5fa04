"""What becomes of occurrences that were overridden, by the real sweeper."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.actions.pausing import CatchUp
from schedules.models import TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, ledger, succeed, sweep_for, tasks
from schedules.tests.occurring import listed, minutes, page, put, take_back
from tasks_api.models import Task
from testing.clock import Clock
from testing.ledger import assert_covers

EACH_MINUTE = "FREQ=MINUTELY"


@pytest.fixture
def schedule(new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """Each tenth minute; the first one has its task."""
    schedule = new_schedule(rrule="FREQ=MINUTELY;INTERVAL=10")
    sweep_for(clock, 0)
    return schedule


def made(schedule: TaskSchedule) -> list[tuple[Any, Any]]:
    """Each task in the order of creation: which occurrence it is of, and when it may run; minutes after noon."""
    return [(minutes(str(task.scheduled_for)), minutes(str(task.run_at))) for task in tasks(schedule)]


def whole(schedule: TaskSchedule, clock: Clock) -> None:
    """The ledger covers all up to now, once."""
    assert_covers(schedule.id, [(schedule.spec, at(0), clock.now() + JUST_AFTER)])


def test_one_that_is_skipped(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    put(client, schedule, at(10), skip=True)
    assert fresh(schedule).next_run_at == at(20)
    sweep_for(clock, 20)
    assert made(schedule) == [(0, 0), (20, 20)]
    assert ledger(schedule) == [(0, 0, "created"), (10, 10, "overridden"), (20, 20, "created")]
    assert fresh(schedule).runs_created == 2
    whole(schedule, clock)


def test_one_that_is_moved_to_later(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    put(client, schedule, at(10), run_at=at(13))
    sweep_for(clock, 12)
    assert made(schedule) == [(0, 0)]
    assert fresh(schedule).sweep_at == at(13)
    sweep_for(clock, 8)
    assert made(schedule) == [(0, 0), (10, 13), (20, 20)]
    whole(schedule, clock)
    found = page(client, schedule, start=at(10), end=at(11))["results"][0]
    assert (found["outcome"], found["due_at"]) == ("created", "2027-01-01T12:13:00Z")


def test_one_that_is_moved_to_earlier(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    put(client, schedule, at(10), run_at=at(3))
    assert fresh(schedule).sweep_at == at(3)
    sweep_for(clock, 20)
    assert made(schedule) == [(0, 0), (10, 3), (20, 20)]
    whole(schedule, clock)


def test_one_that_is_moved_behind_the_next(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    put(client, schedule, at(10), run_at=at(25))
    sweep_for(clock, 30)
    assert made(schedule) == [(0, 0), (20, 20), (10, 25), (30, 30)]
    whole(schedule, clock)


def test_one_that_is_moved_behind_the_end(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, ends_at="2027-01-01T12:02:00Z")
    sweep_for(clock, 0)
    put(client, schedule, at(2), run_at=at(5))
    sweep_for(clock, 4)
    assert (fresh(schedule).status, fresh(schedule).sweep_at) == ("active", at(5))
    assert listed(client, schedule, start=at(2)) == [(2, "moved")]
    sweep_for(clock, 1)
    assert made(schedule) == [(0, 0), (1, 1), (2, 5)]
    assert fresh(schedule).status == "completed"


def test_all_to_come_are_skipped(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    """Until then each of them may come back."""
    schedule = new_schedule(rrule=EACH_MINUTE, ends_at="2027-01-01T12:02:00Z")
    sweep_for(clock, 0)
    put(client, schedule, at(1), skip=True)
    put(client, schedule, at(2), skip=True)
    sweep_for(clock, 1)
    assert fresh(schedule).status == "active"
    assert take_back(client, schedule, at(2)).status_code == 204
    sweep_for(clock, 1)
    assert ledger(schedule) == [(0, 0, "created"), (1, 1, "overridden"), (2, 2, "created")]
    assert fresh(schedule).status == "completed"


def test_the_only_one_is_skipped(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(run_at="2027-01-01T12:02:00Z")
    put(client, schedule, at(2), skip=True)
    sweep_for(clock, 2)
    assert fresh(schedule).status == "completed"
    assert ledger(schedule) == [(2, 2, "overridden")]


def test_the_only_one_is_moved(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(run_at="2027-01-01T12:02:00Z")
    put(client, schedule, at(2), run_at=at(4))
    sweep_for(clock, 4)
    assert made(schedule) == [(2, 4)]
    assert fresh(schedule).status == "completed"


def test_its_own_arguments_and_priority(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    arguments = {"expression": "{{ scheduled_for:%s }}+1"}
    assert put(client, schedule, at(10), arguments=arguments, priority=9).json()["arguments"] == arguments
    put(client, schedule, at(20), run_at=at(21), priority=0)
    sweep_for(clock, 30)
    found = [(task.arguments["expression"], task.priority) for task in tasks(schedule)]
    assert found == [("1+1", 5), (f"{at(10).timestamp():.0f}+1", 9), ("1+1", 0), ("1+1", 5)]
    whole(schedule, clock)


def test_what_is_taken_back_runs_as_ever(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    put(client, schedule, at(10), skip=True)
    put(client, schedule, at(20), run_at=at(12))
    put(client, schedule, at(30), priority=9)
    for minute in (10, 20, 30):
        assert take_back(client, schedule, at(minute)).status_code == 204
    sweep_for(clock, 30)
    assert made(schedule) == [(0, 0), (10, 10), (20, 20), (30, 30)]
    assert {task.priority for task in tasks(schedule)} == {5}


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        (CatchUp.NONE, {1: "overridden", 2: "paused", 3: "moved", 4: "paused", 5: "paused"}),
        (CatchUp.LAST, {1: "overridden", 2: "paused", 3: "moved", 4: "paused", 5: "created"}),
        (CatchUp.ALL, {1: "overridden", 2: "created", 3: "moved", 4: "created", 5: "created"}),
    ],
)
def test_they_survive_a_pause(
    client: APIClient, new_schedule: NewSchedule, clock: Clock, catch_up: CatchUp, expected: dict[int, str]
) -> None:
    """One moved to a time behind the pause runs then; one that is due within the pause shares its fate."""
    schedule = new_schedule(rrule=EACH_MINUTE)
    sweep_for(clock, 0)
    put(client, schedule, at(1), skip=True)
    put(client, schedule, at(2), priority=9)
    pausing.pause(schedule.id, NOBODY)
    put(client, schedule, at(3), run_at=at(8))
    put(client, schedule, at(4), run_at=at(4.5))
    clock.set(at(5.5))
    pausing.resume(schedule.id, NOBODY, catch_up)
    assert listed(client, schedule, start=at(1), end=at(6)) == list(expected.items())
    clock.set(at(5))
    sweep_for(clock, 3)
    assert (3, 8) in made(schedule)
    clock.set(at(8))
    whole(schedule, clock)


def test_an_occurrence_that_waits_its_turn_keeps_what_it_has(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one")
    sweep_for(clock, 0)
    put(client, schedule, at(1), arguments={"expression": "2+2"})
    sweep_for(clock, 1)
    assert listed(client, schedule, start=at(1), limit=1) == [(1, "queued")]
    succeed(schedule)
    Sweeper().sweep()
    assert [task.arguments["expression"] for task in tasks(schedule)] == ["1+1", "2+2"]


def test_edits_that_make_them_meaningless_drop_them(
    client: APIClient, schedule: TaskSchedule, clock: Clock
) -> None:
    put(client, schedule, at(10), skip=True)
    put(client, schedule, at(20), skip=True)
    put(client, schedule, at(30), run_at=at(31))
    path = f"/task-schedules/{schedule.id}/"
    kept = client.patch(path, {"priority": 3}).json()
    assert kept["dropped_overrides"] == []
    edited = client.patch(path, {"rrule": "FREQ=MINUTELY;INTERVAL=20"}).json()
    assert edited["dropped_overrides"] == ["2027-01-01T12:10:00Z", "2027-01-01T12:30:00Z"]
    sweep_for(clock, 40)
    assert made(schedule) == [(0, 0), (40, 40)]
    whole(fresh(schedule), clock)


def test_another_operation_takes_the_arguments_along(
    client: APIClient, schedule: TaskSchedule, clock: Clock
) -> None:
    put(client, schedule, at(10), arguments={"expression": "2+2"})
    put(client, schedule, at(20), arguments={"expression": "2+2"}, priority=9)
    put(client, schedule, at(30), priority=1)
    edited = client.patch(
        f"/task-schedules/{schedule.id}/", {"operation": "sleep", "arguments": {"seconds": 1}}
    )
    assert edited.json()["dropped_overrides"] == ["2027-01-01T12:10:00Z", "2027-01-01T12:20:00Z"]
    sweep_for(clock, 30)
    found = [(task.arguments, task.priority) for task in tasks(schedule)[1:]]
    assert found == [({"seconds": 1}, 5), ({"seconds": 1}, 9), ({"seconds": 1}, 1)]


def test_they_go_with_the_schedule(client: APIClient, schedule: TaskSchedule, clock: Clock) -> None:
    put(client, schedule, at(10), run_at=at(12))
    assert client.delete(f"/task-schedules/{schedule.id}/").status_code == 204
    clock.advance(20 * MINUTE)
    Sweeper().sweep()
    assert Task.objects.count() == 1
