"""Ten rows of everything that pages show, hostile texts among them."""

from typing import Any

import pytest

from access.actor import DEFAULT_PROJECT_ID, NOBODY
from dashboard.shell import strip
from files.models import File, FileContent
from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from tasks_api.fingerprints import fingerprint_of
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task
from testing.factories import ago, make_node, make_task

ROWS = 10
HOSTILE = "<script>alert(1)</script> \u202egnp.exe\u202c \x1b[31mred\x1b[0m " + "long" * 40
"""A script, text from right to left, codes of a terminal, and a word without an end."""
RULES: tuple[dict[str, Any], ...] = (
    {"every_x_minutes": 5},
    {"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin"},
    {"rrule": "FREQ=DAILY;BYHOUR=3"},
    {"every_x_hours": 1},
)


def seed() -> tuple[list[Task], list[TaskSchedule]]:
    """Tasks in each state, schedules of each kind, and nodes of each role."""
    for role in (Role.WORKER, Role.SWEEPER, Role.BEAT):
        make_node(role, slots=4 if role == Role.WORKER else None)
    tasks = [_task(status, number) for number in range(ROWS) for status in Status]
    schedules = [_schedule(number) for number in range(ROWS)]
    for number in range(ROWS):
        _file(number)
    strip.forget()
    return tasks, schedules


def _task(status: Status, number: int) -> Task:
    changes: dict[str, Any] = {"priority": number % 10, "tags": ["nightly", f"customer-{number}"]}
    if number == 0:
        changes |= {"arguments": {"expression": HOSTILE}, "tags": ["<b>bold</b>"]}
    if status == Status.STARTED:
        changes["progress"] = {"percent": 10.0 * number, "message": HOSTILE if number == 0 else "copying"}
    if status == Status.FAILURE:
        message = HOSTILE if number == 0 else f"OSError: no network in {number} s"
        changes["error"] = {"type": "OSError", "permanent": False, "message": message}
        changes["fingerprint"] = fingerprint_of("calculate", changes["error"])
        changes["finished_at"] = ago(60 * number + 5)
    return make_task(status, **changes)


def _schedule(number: int) -> TaskSchedule:
    name = HOSTILE.replace("\x1b", "")[:60] if number == 0 else f"report {number}"
    body = {
        "operation": "calculate",
        "arguments": {"expression": "1+1"},
        "name": name,
        **RULES[number % len(RULES)],
    }
    return editing.create(forms.definition(body, NOBODY), NOBODY)


def _file(number: int) -> File:
    """A row without bytes: the first with a hostile name, the second still on its way."""
    content = FileContent.objects.create(sha256=f"{number:064x}", size=1_000_000, stored_at=ago(9))
    name = HOSTILE.replace("\x1b", "").replace("/", "|") if number == 0 else f"daily-{number}.csv"
    here: dict[str, Any] = {"offset": 5_000} if number == 1 else {"content": content}
    file: File = File.objects.create(
        project_id=DEFAULT_PROJECT_ID,
        name=name,
        media_type="text/csv",
        size=content.size,
        expires_at=ago(-86_400),
        created_by="key:9Zk3TqLw0bXa",
        **here,
    )
    return file


@pytest.fixture
def seeded(transactional_db: None) -> tuple[list[Task], list[TaskSchedule]]:  # noqa: ARG001 (others are to see it)
    """Committed, so that the web server sees it."""
    return seed()
