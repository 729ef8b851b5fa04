"""A schedule's own row tells its project and who created it; its tasks are of the same project."""

import pytest

from access.actor import DEFAULT_PROJECT_ID
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from tasks_api.models import Task
from testing.actors import OURS, acting_as
from testing.api import Api
from testing.factories import ago

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

SCHEDULE = {"operation": "4+7", "every_x_hours": 1}


def test_it_is_of_the_project_of_whoever_creates_it(api: Api) -> None:
    with acting_as(OURS):
        told = api.post("/task-schedules/", SCHEDULE).json
        read = api.get(f"/task-schedules/{told['id']}/").json
    assert told["created_by"] == read["created_by"] == "key:17"
    assert api.post("/task-schedules/", SCHEDULE).json["created_by"] is None
    rows = TaskSchedule.objects.order_by("id").values_list("project_id", "created_by")
    assert list(rows) == [(7, "key:17"), (DEFAULT_PROJECT_ID, None)]


def test_a_sweep_makes_tasks_in_its_project(api: Api) -> None:
    with acting_as(OURS):
        created = api.post("/task-schedules/", SCHEDULE).json
    TaskSchedule.objects.update(next_run_at=ago(1), sweep_at=ago(1), starts_at=ago(1))
    Sweeper().sweep()
    rows = Task.objects.filter(schedule_id=created["id"]).values_list("project_id", "created_by")
    assert list(rows) == [(7, None)]
