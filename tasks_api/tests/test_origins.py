"""What a task's own row tells of its origin: the project, who submitted it, and with which request."""

from dataclasses import replace
from typing import Any

import pytest

from access.actor import DEFAULT_PROJECT_ID
from access.scopes import Scope
from tasks_api.client import submit_operation
from tasks_api.models import Task
from tasks_api.submission import NewTask, _record, submit
from testing.access import make_project
from testing.actors import OURS, acting_as
from testing.api import Api

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

TASK = {"operation": "4+7"}
DEFAULTS = {"priority", "tags", "retry_when_lost"}


def origins(**wanted: Any) -> list[tuple[int, str | None, str | None]]:
    found = Task.objects.filter(**wanted).order_by("id")
    return list(found.values_list("project_id", "created_by", "request_id"))


def new_task(**more: Any) -> NewTask:
    return NewTask(operation="add", arguments={"x": 1, "y": 2}, max_attempts=3, timeout_seconds=30, **more)


def test_nobody_submits_to_the_default_project(api: Api) -> None:
    api.post("/tasks/", TASK)
    api.post("/tasks/batch-request/", [TASK, TASK])
    submit_operation("4+7")
    assert origins() == [(DEFAULT_PROJECT_ID, None, None)] * 4


def test_somebody_is_told_by_the_row(api: Api) -> None:
    with acting_as(OURS):
        api.post("/tasks/", TASK, x_request_id="one")
        api.post("/tasks/batch-request/", [TASK, TASK], x_request_id="two")
    assert origins() == [(7, "key:17", "one"), (7, "key:17", "two"), (7, "key:17", "two")]


def test_it_is_told_to_whoever_may_read_tasks(api: Api) -> None:
    make_project("acme", id=7)
    with acting_as(OURS):
        made = api.post("/tasks/", TASK, x_request_id="one").json
        [item] = api.post("/tasks/batch-request/", [TASK], x_request_id="two").json["tasks"]
    assert [(each["created_by"], each["request_id"]) for each in (made, item)] == [
        ("key:17", "one"),
        ("key:17", "two"),
    ]
    other = acting_as(replace(OURS, id="19", scopes=frozenset({Scope.TASKS_READ})))
    with other:
        assert api.get(f"/tasks/{made['id']}/").json["created_by"] == "key:17"
        listed = api.get("/tasks/").json["results"]
    assert [(each["created_by"], each["request_id"]) for each in listed] == [
        ("key:17", "two"),
        ("key:17", "one"),
    ]


def test_tasks_of_several_projects_are_written_at_once() -> None:
    submit([new_task(project_id=7), new_task(), new_task(project_id=8, created_by="person:1")])
    assert origins() == [(7, None, None), (DEFAULT_PROJECT_ID, None, None), (8, "person:1", None)]


def test_rows_of_what_was_written_have_it(api: Api) -> None:
    [row] = submit([new_task(project_id=7, created_by="key:1", request_id="r")]).rows()
    row.refresh_from_db(fields=["operation"])
    assert (row.project_id, row.created_by, row.request_id) == (7, "key:1", "r")


def test_the_default_project_is_not_written_out() -> None:
    """Who has but one project sends no byte more than before there were any."""
    said = _record(new_task())
    assert said.keys() == {"id", "operation", "arguments", "max_attempts", "timeout_seconds", *DEFAULTS}
    assert _record(new_task(project_id=7))["origin"]["project_id"] == 7
