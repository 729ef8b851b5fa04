"""A name is one of its project's: two projects may have the same, and neither finds the other's."""

import pytest

from schedules.models import TaskSchedule
from tasks_api.database import execute
from testing.actors import OURS, THEIRS, acting_as
from testing.api import JSON, Answer, Api

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

NAMED = {"name": "Daily Report", "operation": "4+7", "every_x_days": 1}
PATH = "/task-schedules/by-name/Daily Report/"


def put(api: Api, **headers: str) -> Answer:
    return api.send("PUT", PATH, b'{"operation": "4+7", "every_x_days": 1}', JSON, **headers)


def test_two_projects_have_the_same(api: Api) -> None:
    for actor in (OURS, THEIRS):
        with acting_as(actor):
            assert api.post("/task-schedules/", NAMED).status == 201
            api.post("/task-schedules/", NAMED).problem(409, "conflict")
            assert api.post("/task-schedules/?dry_run=true", NAMED).status == 409
    assert sorted(TaskSchedule.objects.values_list("project_id", flat=True)) == [7, 8]


def test_a_dry_run_does_not_tell_of_anothers(api: Api) -> None:
    with acting_as(OURS):
        api.post("/task-schedules/", NAMED)
    with acting_as(THEIRS):
        assert api.post("/task-schedules/?dry_run=true", NAMED).status == 200


def test_a_put_replaces_its_own(api: Api) -> None:
    with acting_as(OURS):
        ours = put(api)
    with acting_as(THEIRS):
        assert put(api, if_match='"v1"').status == 412
        theirs = put(api, if_none_match="*")
        assert theirs.status == 201
        assert put(api).json["id"] == theirs.json["id"]
    with acting_as(OURS):
        assert put(api).json["id"] == ours.json["id"]


@pytest.mark.parametrize("part", ["d", "ai", "report", "daily report"])
def test_a_search_finds_its_own(api: Api, part: str) -> None:
    for actor in (OURS, THEIRS):
        with acting_as(actor):
            api.post("/task-schedules/", NAMED)
    for actor in (OURS, THEIRS):
        with acting_as(actor):
            [found] = api.get(f"/task-schedules/?name={part}").json["results"]
        assert TaskSchedule.objects.get(id=found["id"]).project_id == actor.project_id


def test_the_table_of_names_has_the_project(api: Api) -> None:
    with acting_as(OURS):
        api.post("/task-schedules/", NAMED)
    sql = "UPDATE task_schedule_name SET folded = folded WHERE project_id = 7 AND folded = 'DAILY REPORT'"
    assert execute(sql, []) == 1
