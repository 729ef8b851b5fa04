"""Ids in paths: the same in capitals, and what is none is named."""

import pytest

from tasks_api.ids import new_id
from testing.api import Api
from testing.factories import make_task

ACTIONS = ["", "cancel/", "retry/", "events/", "attempts/"]


@pytest.mark.django_db
def test_capitals_are_the_same_id(api: Api) -> None:
    task = make_task()
    for spelt in (str(task.id).upper(), str(task.id), str(task.id).title()):
        answer = api.get(f"/tasks/{spelt}/")
        assert (answer.status, answer.json["id"]) == (200, str(task.id))
    assert api.post(f"/tasks/{str(task.id).upper()}/cancel/", {}).status == 200


@pytest.mark.django_db
def test_an_unknown_one_is_named(api: Api) -> None:
    unknown = new_id()
    problem = api.get(f"/tasks/{str(unknown).upper()}/").problem(404, "not_found")
    assert problem["detail"] == f"there is no task {unknown}"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("kind", ["tasks", "task-schedules"])
@pytest.mark.parametrize(
    "text", ["123", "abc", "é", "01994f3c8a007c3d9f214b1f0a6de851", "%22%0A", "a" * 1_000]
)
def test_what_is_no_id_is_named(api: Api, kind: str, action: str, text: str) -> None:
    if kind == "task-schedules" and action:
        action = "pause/"
    for path in (f"/{kind}/{text}/{action}", f"/{kind}/{text}/{action}".rstrip("/")):
        detail = api.get(path).problem(404, "not_found")["detail"]
        assert detail.endswith("is not an id: ids are UUIDs such as 01994f3c-8a00-7c3d-9f21-4b1f0a6de851")
        assert len(detail) < 250


@pytest.mark.parametrize(
    "path", ["/tasks/123/nothing/", "/nothing/123/", "/task-schedules/1/2/3/", "/", "//", "/a" * 50]
)
def test_where_an_id_would_not_help_it_is_not_said(api: Api, path: str) -> None:
    assert "is not an id" not in api.get(path).content.decode()
