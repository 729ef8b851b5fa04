"""Limits that depend on an operation's arguments hold for tasks from either side."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from rest_framework.test import APIClient

from operations.commands import Command, Commands
from operations.run_command import MARGIN_SECONDS
from operations.testing import configured
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.models import Task

pytestmark = pytest.mark.django_db

LieIdle = Callable[[TaskSchedule, float], datetime]
EXPECTED = {"once": (20, 1, False), "again": (30, 3, True)}

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


def test_of_a_task(client: APIClient) -> None:
    for command, expected in EXPECTED.items():
        body = {"operation": "run_command", "arguments": {"command": command}}
        task = client.post("/tasks/", body).json()
        assert limits(Task.objects.get(id=task["id"])) == expected


def test_of_a_task_that_says_otherwise(client: APIClient) -> None:
    own = {"timeout_seconds": 7 + MARGIN_SECONDS, "max_attempts": 2}
    client.post("/tasks/", {"operation": "run_command", "arguments": {"command": "once"}, **own})
    assert limits(Task.objects.get()) == (7, 2, False)


def swept(new_schedule: NewSchedule, lie_idle: LieIdle, command: str) -> Task:
    """The task of a schedule's first occurrence."""
    schedule = new_schedule(name=command, operation="run_command", arguments={"command": command})
    lie_idle(schedule, 0)
    Sweeper().sweep()
    return Task.objects.filter(schedule_id=schedule.id).latest("scheduled_for")


def test_of_the_tasks_of_a_schedule(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    for command, expected in EXPECTED.items():
        assert limits(swept(new_schedule, lie_idle, command)) == expected


def test_of_the_tasks_of_a_schedule_whose_command_is_gone(
    new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    schedule = new_schedule(operation="run_command", arguments={"command": "once"})
    lie_idle(schedule, 0)
    with configured(commands=Commands()):
        Sweeper().sweep()
    assert limits(Task.objects.filter(schedule_id=schedule.id).latest("scheduled_for")) == (0, 1, False)
