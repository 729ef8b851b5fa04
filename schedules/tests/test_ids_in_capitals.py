"""An id in capitals is the same id, wherever one is taken."""

import pytest

from schedules.tests.conftest import NewSchedule
from testing.api import Api
from testing.factories import make_task

pytestmark = pytest.mark.django_db
PATHS = ["", "occurrences/?limit=1"]


@pytest.mark.parametrize("path", PATHS)
def test_in_a_path(api: Api, new_schedule: NewSchedule, path: str) -> None:
    schedule = str(new_schedule(cron="@daily").id)
    small, capital = (api.get(f"/task-schedules/{spelt}/{path}") for spelt in (schedule, schedule.upper()))
    assert (small.status, capital.status) == (200, 200)
    # Links to other pages repeat the path of the request.
    assert capital.content.decode().replace(schedule.upper(), schedule) == small.content.decode()


def test_in_the_path_of_an_action(api: Api, new_schedule: NewSchedule) -> None:
    schedule = str(new_schedule(cron="@daily").id).upper()
    assert api.post(f"/task-schedules/{schedule}/pause/", {}).json["status"] == "paused"
    assert api.post(f"/task-schedules/{schedule}/resume/", {}).json["status"] == "active"
    assert api.send("DELETE", f"/task-schedules/{schedule}/").status == 204


def test_in_a_filter(api: Api, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="@daily")
    task = make_task(schedule_id=schedule.id)
    [found] = api.get(f"/tasks/?schedule={str(schedule.id).upper()}").json["results"]
    assert found["id"] == str(task.id)
    cancelled = api.post(f"/tasks/cancel/?schedule={str(schedule.id).upper()}", {})
    assert cancelled.json["count"] == 1


def test_for_an_idempotency_key(api: Api, new_schedule: NewSchedule) -> None:
    schedule = str(new_schedule(cron="@daily").id)
    made = {
        api.post(f"/task-schedules/{spelt}/trigger/", {}, Idempotency_Key="once").json["id"]
        for spelt in (schedule, schedule.upper())
    }
    assert len(made) == 1
