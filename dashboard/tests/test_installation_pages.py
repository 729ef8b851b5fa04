"""Workers, operations and checks in a real browser: by hand and by keyboard, and nothing to complain of."""

import pytest

from access.models import AuditEvent
from tasks_api.lifecycle import Status
from tasks_api.models import Task, WorkerNode
from testing.browser import Tab, looks_right
from testing.factories import ago, make_node, make_task

pytestmark = pytest.mark.usefixtures("transactional_db")


def test_a_worker_is_drained(tab: Tab) -> None:
    node = make_node(name="worker@a-host", slots=2, beat_at=ago(-60))
    make_task(Status.STARTED, node_id=node.id)
    page = tab.open("/ui/workers/")
    looks_right(tab)
    # A dialog, or a page of its own for whoever has no JavaScript.
    page.get_by_role("link", name="Drain worker@a-host").click()
    page.get_by_role("heading", name="Drain worker@a-host?").wait_for()
    looks_right(tab)
    page.get_by_role("button", name="Drain it").click()
    page.get_by_text("draining").wait_for()
    looks_right(tab)
    assert WorkerNode.objects.get().draining_since is not None
    assert AuditEvent.objects.get(action="worker.drain").target_id == str(node.id)


def test_an_operation_is_tried_by_keyboard_alone(tab: Tab) -> None:
    page = tab.open("/ui/operations/")
    looks_right(tab)
    page.get_by_role("link", name="add", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/operations/add/")
    looks_right(tab)
    page.get_by_label("X (required)").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("many")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("9007199254740993")
    page.keyboard.press("Enter")
    page.get_by_text('must be a number, got "many"').wait_for()
    # The console tells of the form's status as of an error.
    tab.complaints[:] = [each for each in tab.complaints if "422" not in each]
    looks_right(tab)
    page.get_by_label("X (required)").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your task").wait_for()
    looks_right(tab)
    assert Task.objects.get().arguments == {"x": 1, "y": 9007199254740993}


def test_checks(tab: Tab) -> None:
    page = tab.open("/ui/checks/")
    assert "no worker and no sweeper and no beat is alive" in page.inner_text("#check-processes")
    looks_right(tab)
