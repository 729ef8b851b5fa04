"""The list of tasks and failures by reason, in a real browser: found, chosen and run again by mouse and by keyboard."""

from typing import Any

import pytest

from schedules.actions.bulk import KINDS
from tasks_api.bulk_actions.carrying_out import carry_out
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.browser import Tab, looks_right
from testing.factories import make_bulk_action, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

ALIKE = "0123456789abcdef"
FAILED: dict[str, Any] = {"type": "OSError", "message": "<b>the disk</b> \u202e is full", "permanent": False}
PATHS = (
    "/ui/tasks/",
    "/ui/tasks/?q=status:failure+error:disk",
    "/ui/tasks/?q=nonsense",
    "/ui/tasks/?q=priority:0",
    "/ui/tasks/bulk/?action=retry&all=1&status=FAILURE",
    "/ui/tasks/bulk/?action=set_priority&all=1&status=PENDING",
    "/ui/tasks/bulk/?action=cancel",
    "/ui/failures/",
    "/ui/failures/?span=1h",
    "/ui/bulk-actions/",
)


def some_tasks(number: int = 3) -> list[Task]:
    make_task(Status.PENDING, tags=["night"])
    make_task(Status.SUCCESS, operation="sleep", arguments={"seconds": 3, "note": "x" * 300})
    return [make_task(Status.FAILURE, error=FAILED, fingerprint=ALIKE) for _ in range(number)]


def test_they_look_right(tab: Tab) -> None:
    some_tasks()
    refusal = {
        "id": str(Task.objects.values_list("id", flat=True)[0]),
        "code": "refused",
        "detail": "x" * 200,
    }
    row = make_bulk_action(filter={"tag": "x" * 90}, refused=1, refusals=[refusal])
    for path in (*PATHS, f"/ui/bulk-actions/{row.id}/"):
        tab.open(path)
        looks_right(tab)


def test_all_of_a_reason_are_run_again_by_mouse(tab: Tab) -> None:
    tasks = some_tasks()
    page = tab.open("/ui/failures/")
    page.get_by_role("link", name="Run all again").click()
    page.get_by_role("button", name="Run 3 tasks again").click()
    page.get_by_text("It goes on when you leave").wait_for()
    carry_out(KINDS)
    page.reload()
    assert page.get_by_text("done", exact=True).is_visible()
    assert Task.objects.filter(id__in=[task.id for task in tasks], status="PENDING").count() == 3


def test_some_are_cancelled_by_keyboard_alone(tab: Tab) -> None:
    if not tab.look.script:
        pytest.skip("the keys need a script")
    waiting = [make_task(Status.PENDING) for _ in range(3)]
    page = tab.open("/ui/tasks/")
    page.keyboard.press("/")
    page.keyboard.type("status:pending")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/tasks/?q=status*")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Cancel").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel 2 tasks").wait_for()
    looks_right(tab)
    page.get_by_role("button", name="Cancel 2 tasks").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Cancel tasks").wait_for()
    carry_out(KINDS)
    statuses = Task.objects.filter(id__in=[task.id for task in waiting]).order_by("-id")
    assert list(statuses.values_list("status", flat=True)) == ["REVOKED", "REVOKED", "PENDING"]
