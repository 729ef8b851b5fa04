"""PATCH /task-schedules/{id}/"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from schedules.models import TaskSchedule
from schedules.tests.conftest import NewSchedule
from tasks_api.models import Task

pytestmark = pytest.mark.django_db

LieIdle = Callable[[TaskSchedule, float], datetime]


def patch(client: APIClient, schedule: TaskSchedule, tag: str | None = None, **changes: Any) -> Any:
    headers = {"If-Match": tag} if tag else {}
    return client.patch(f"/task-schedules/{schedule.id}/", changes, format="json", headers=headers)


def test_it_works(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(every_x_hours=1, starts_at="2100-01-01T00:00:00Z")
    answer = patch(client, schedule, priority=9, name="hourly", tags=["x"])
    assert answer.status_code == 200
    body = answer.json()
    assert (body["priority"], body["name"], body["tags"], body["every_x_hours"]) == (9, "hourly", ["x"], 1)
    assert answer["ETag"] == '"v2"'
    assert body["updated_at"] > body["created_at"]
    assert body.pop("dropped_overrides") == []
    assert client.get(f"/task-schedules/{schedule.id}/").json() == body


def test_an_edit_of_other_fields_does_not_move_the_next_run(
    client: APIClient, new_schedule: NewSchedule
) -> None:
    schedule = new_schedule(every_x_hours=5, starts_at="2100-01-01T00:00:00Z")
    before = client.get(f"/task-schedules/{schedule.id}/").json()
    after = patch(client, schedule, priority=1, misfire_policy="run_all", schedule_x_times=7).json()
    assert (after["next_run_at"], after["starts_at"]) == (before["next_run_at"], before["starts_at"])


def test_another_kind_of_rule_replaces_the_rule(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(every_x_hours=5)
    body = patch(client, schedule, cron="0 9 * * *", timezone="Europe/Berlin").json()
    assert (body["every_x_hours"], body["cron"], body["timezone"]) == (None, "0 9 * * *", "Europe/Berlin")
    assert body["upcoming"][0]["local"][11:16] == "09:00"


def test_a_rule_that_says_itself_when_it_starts(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(every_x_hours=5)
    answer = patch(client, schedule, rrule="DTSTART:21000101T000000Z\nRRULE:FREQ=DAILY")
    assert (answer.status_code, answer.json()["starts_at"]) == (200, None)
    answer = patch(
        client, schedule, rrule="DTSTART:21000101T000000Z\nRRULE:FREQ=DAILY", starts_at="2100-01-01T00:00:00Z"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(("named", "limit"), [({}, None), ({"schedule_x_times": 3}, 3)])
def test_what_ran_once_may_run_again_and_again(
    client: APIClient, new_schedule: NewSchedule, named: dict[str, Any], limit: int | None
) -> None:
    schedule = new_schedule(run_at="2100-01-01T00:00:00Z")
    TaskSchedule.objects.update(status="completed", next_run_at=None, sweep_at=None, runs_created=1)
    body = patch(client, schedule, cron="@daily", **named).json()
    assert (body["status"], body["schedule_x_times"], body["run_at"]) == ("active", limit, None)


def test_days_and_hours_are_one_kind(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(every_x_hours=5)
    body = patch(client, schedule, every_x_days=1).json()
    assert (body["every_x_days"], body["every_x_hours"]) == (1, 5)
    assert patch(client, schedule, every_x_hours=None).json()["every_x_hours"] is None


def test_minutes_and_seconds_are_of_that_kind_too(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="@daily")
    body = patch(client, schedule, every_x_seconds=30).json()
    assert (body["every_x_seconds"], body["cron"]) == (30, None)
    body = patch(client, schedule, every_x_minutes=5).json()
    assert (body["every_x_minutes"], body["every_x_seconds"]) == (5, 30)
    body = patch(client, schedule, cron="@daily").json()
    assert (body["every_x_minutes"], body["every_x_seconds"], body["cron"]) == (None, None, "@daily")


def test_another_operation_brings_its_arguments(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="0 0 * * *")
    body = patch(client, schedule, operation="sleep", arguments={"seconds": 1}).json()
    assert (body["operation"], body["arguments"]) == ("sleep", {"seconds": 1})
    assert patch(client, schedule, operation="2+2").json()["arguments"] == {"expression": "2+2"}


def test_what_is_due_is_settled_under_the_old_rule(
    client: APIClient, new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", misfire_policy="run_all")
    first = lie_idle(schedule, 250)
    body = patch(client, schedule, cron="0 0 1 1 *").json()
    assert body["runs_created"] >= 250
    tasks = Task.objects.filter(schedule_id=schedule.id).order_by("scheduled_for")
    assert tasks[0].scheduled_for == first
    assert [task.scheduled_for for task in tasks[:250]] == [first + timedelta(seconds=n) for n in range(250)]


def test_more_runs_wake_a_completed_schedule(
    client: APIClient, new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", schedule_x_times=1)
    lie_idle(schedule, 2)
    assert patch(client, schedule, priority=3).json()["status"] == "completed"
    body = patch(client, schedule, schedule_x_times=3).json()
    assert (body["status"], body["runs_remaining"]) == ("active", 2)
    assert body["next_run_at"] is not None


def test_a_later_end_wakes_a_completed_schedule(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(rrule="FREQ=DAILY")
    TaskSchedule.objects.update(
        ends_at="2020-01-01T00:00:00Z", status="completed", next_run_at=None, sweep_at=None
    )
    assert patch(client, schedule, ends_at="2100-01-01T00:00:00Z").json()["status"] == "active"


def test_an_edit_mends_a_schedule_that_was_set_aside(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="0 0 * * *")
    TaskSchedule.objects.update(operation="gone", status="error", error="it is gone", sweep_at=None)
    assert client.get(f"/task-schedules/{schedule.id}/").json()["next_run_at"] is None
    body = patch(client, schedule, operation="1+1").json()
    assert (body["status"], body["error"]) == ("active", None)
    assert body["next_run_at"] is not None


def test_an_edit_that_leaves_no_task_to_make_is_refused(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="0 0 * * *")
    TaskSchedule.objects.update(runs_created=5)
    response = patch(client, schedule, schedule_x_times=5)
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "pointer": "#/schedule_x_times",
            "code": "no_future_instant",
            "detail": "must be more than the 5 tasks that the schedule has created, got 5",
        }
    ]
    assert patch(client, schedule, schedule_x_times=6).json()["runs_remaining"] == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"priority": 10}, "#/priority"),
        ({"cron": None}, "#"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "#/ends_at"),
        ({"status": "paused"}, "#/status"),
        ({"id": "x"}, "#/id"),
        ({"arguments": {}}, "#/arguments/expression"),
    ],
)
def test_it_refuses_and_changes_nothing(
    client: APIClient, new_schedule: NewSchedule, changes: dict[str, Any], pointer: str
) -> None:
    schedule = new_schedule(cron="0 0 * * *", priority=4)
    before = client.get(f"/task-schedules/{schedule.id}/").json()
    answer = patch(client, schedule, **changes)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert client.get(f"/task-schedules/{schedule.id}/").json() == before


def test_what_was_read_back_holds_what_may_not_be_sent(client: APIClient, new_schedule: NewSchedule) -> None:
    read = client.get(f"/task-schedules/{new_schedule(cron='@daily').id}/").json()
    schedule = new_schedule()
    found = {error["pointer"][2:]: error for error in patch(client, schedule, **read).json()["errors"]}
    assert {error["code"] for error in found.values()} == {"read_only"}
    assert "/pause/" in found["status"]["detail"]
    assert found["id"]["detail"] == "is read-only and must be left out"
    kept = {name: value for name, value in read.items() if name not in found}
    assert patch(client, schedule, **kept).json()["cron"] == "@daily"


def test_a_body_that_is_no_object(client: APIClient, new_schedule: NewSchedule) -> None:
    answer = client.patch(f"/task-schedules/{new_schedule().id}/", [1], format="json")
    assert answer.status_code == 400


def test_a_stale_version_is_refused(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="0 0 * * *")
    assert patch(client, schedule, tag='"v1"', priority=1).status_code == 200
    answer = patch(client, schedule, tag='"v1"', priority=2)
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert patch(client, schedule, tag='W/"v2"', priority=3).status_code == 200
    assert patch(client, schedule, tag="*", priority=4).status_code == 200
    assert patch(client, schedule, tag="nonsense", priority=5).status_code == 412


def test_a_taken_name(client: APIClient, new_schedule: NewSchedule) -> None:
    new_schedule(name="taken")
    assert patch(client, new_schedule(name="free"), name="taken").status_code == 409


def test_an_unknown_schedule(client: APIClient) -> None:
    answer = client.patch(
        "/task-schedules/01a1f890-cdf7-7648-a082-ae42845e09b1/", {"priority": 1}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
