"""Limits that depend on an operation's arguments hold for tasks from either side."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from operations.commands import Command, Commands
from operations.run_command import MARGIN_SECONDS
from operations.testing import configured
from tasks_api.models import Task

pytestmark = pytest.mark.django_db

ONCE, AGAIN = (
    {"description": "Nothing.", "argv": ["/bin/true"], "timeout_seconds": seconds} for seconds in (20, 30)
)


@pytest.fixture(autouse=True)
def commands() -> Iterator[None]:
    """Two commands, of which one may be repeated."""
    again = Command.model_validate(AGAIN | {"idempotent": True})
    with configured(commands=Commands({"once": Command.model_validate(ONCE), "again": again})):
        yield


def limits(task: Task) -> tuple[float, int, bool]:
    return task.timeout_seconds - MARGIN_SECONDS, task.max_attempts, task.retry_when_lost


@pytest.mark.parametrize(("command", "expected"), [("once", (20, 1, False)), ("again", (30, 3, True))])
def test_they_are_those_of_the_command(
    api: APIClient, command: str, expected: tuple[float, int, bool]
) -> None:
    body = {"operation": "run_command", "arguments": {"command": command}}
    assert api.post("/tasks/", body).status_code == 202
    schedule: dict[str, Any] = api.post("/task-schedules/", {**body, "name": "it", "every_x_hours": 1}).json()
    assert api.post(f"/task-schedules/{schedule['id']}/trigger/", {}).status_code == 202
    assert [limits(task) for task in Task.objects.all()] == [expected, expected]


def test_a_task_may_say_otherwise(api: APIClient) -> None:
    own = {"timeout_seconds": 7 + MARGIN_SECONDS, "max_attempts": 2}
    api.post("/tasks/", {"operation": "run_command", "arguments": {"command": "once"}, **own})
    assert limits(Task.objects.get()) == (7, 2, False)


def test_a_schedule_whose_command_is_gone_goes_on_and_its_tasks_fail(api: APIClient) -> None:
    body = {"operation": "run_command", "arguments": {"command": "once"}, "name": "it", "every_x_hours": 1}
    schedule = api.post("/task-schedules/", body).json()
    with configured(commands=Commands()):
        assert api.post(f"/task-schedules/{schedule['id']}/trigger/", {}).status_code == 202
    assert limits(Task.objects.get()) == (0, 1, False)
