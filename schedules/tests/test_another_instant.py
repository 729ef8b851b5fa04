"""A schedule for one instant that is given another one: it makes one more task."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from schedules.models import TaskSchedule
from schedules.tests.conftest import NewSchedule

FIRST, OTHER = "2100-01-01T00:00:00Z", "2101-01-01T00:00:00Z"
TIMES = ("status", "schedule_x_times", "runs_created", "runs_remaining")


def lapse(schedule: TaskSchedule, runs_created: int = 1) -> None:
    """As after its last task."""
    TaskSchedule.objects.filter(id=schedule.id).update(
        status="completed", runs_created=runs_created, next_run_at=None, sweep_at=None
    )


def patch(client: APIClient, schedule: TaskSchedule, **changes: Any) -> Any:
    return client.patch(f"/task-schedules/{schedule.id}/", changes, format="json")


def put(client: APIClient, run_at: str) -> Any:
    body = {"operation": "1+1", "run_at": run_at}
    return client.put("/task-schedules/by-name/once/", body, format="json").json()


def times(body: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(body[name] for name in TIMES)


def test_another_instant_makes_one_more_task(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(run_at=FIRST)
    lapse(schedule)
    body = patch(client, schedule, run_at=OTHER).json()
    assert times(body) == ("active", 2, 1, 1)
    assert body["next_run_at"] == OTHER


def test_an_instant_in_place_of_a_rule_that_made_tasks(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="0 0 * * *")
    TaskSchedule.objects.update(runs_created=5)
    assert times(patch(client, schedule, run_at=OTHER).json()) == ("active", 6, 5, 1)


def test_an_instant_that_is_not_made_yet_is_moved(client: APIClient, new_schedule: NewSchedule) -> None:
    assert times(patch(client, new_schedule(run_at=FIRST), run_at=OTHER).json()) == ("active", 1, 0, 1)


def test_put_does_the_same_and_again_nothing(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(run_at=FIRST, name="once")
    lapse(schedule)
    assert times(put(client, FIRST)) == ("completed", 1, 1, 0)
    assert times(put(client, OTHER)) == ("active", 2, 1, 1)
    assert times(put(client, OTHER)) == ("active", 2, 1, 1)
    lapse(schedule, runs_created=2)
    assert times(put(client, OTHER)) == ("completed", 2, 2, 0)


def test_a_rule_in_place_of_an_instant_has_no_limit(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(run_at=FIRST)
    lapse(schedule)
    assert times(patch(client, schedule, cron="0 0 * * *").json()) == ("active", None, 1, None)


@pytest.mark.parametrize("times_asked", [1, 2])
def test_who_names_a_limit_gets_it(client: APIClient, new_schedule: NewSchedule, times_asked: int) -> None:
    schedule = new_schedule(run_at=FIRST)
    lapse(schedule)
    answer = patch(client, schedule, run_at=OTHER, schedule_x_times=times_asked)
    if times_asked == 2:
        assert times(answer.json()) == ("active", 2, 1, 1)
        return
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "pointer": "#/schedule_x_times",
            "code": "no_future_instant",
            "detail": "must be more than the 1 task that the schedule has created, got 1",
        }
    ]
