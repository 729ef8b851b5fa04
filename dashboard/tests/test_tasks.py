"""The list of tasks, bulk actions from it, and failures by reason."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import AuditEvent
from dashboard.shell import strip
from schedules.actions.bulk import KINDS
from tasks_api import searching
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions.carrying_out import carry_out
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import Browser, make_person, make_project
from testing.factories import make_bulk_action, make_task

pytestmark = pytest.mark.django_db

CANARY = "swordfish"
SCRIPT = "<script>alert(1)</script>"
ALIKE = "0123456789abcdef"
FAILED: dict[str, Any] = {"type": "OSError", "message": f"{CANARY} is full", "permanent": False}


@pytest.fixture
def browser() -> Browser:
    strip.forget()
    return Browser()


def page(browser: Browser, path: str, status: int = 200) -> str:
    response = browser.get(path)
    assert response.status_code == status, response.content[:500]
    return str(response.content.decode())


def some_tasks() -> list[Task]:
    return [
        make_task(Status.PENDING, tags=["night"]),
        make_task(Status.SUCCESS, operation="sleep", arguments={"seconds": 3, "note": CANARY}),
        make_task(Status.FAILURE, error=FAILED, fingerprint=ALIKE),
    ]


def ids_on(content: str, tasks: list[Task]) -> list[int]:
    """Which of the tasks a page shows."""
    return [number for number, task in enumerate(tasks) if f'id="task-{task.id}"' in content]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [0, 1, 2]),
        ("q=status:failure", [2]),
        ("q=status:failure status:pending", [0, 2]),
        ("status=PENDING&status=RETRY", [0]),
        ("q=operation:sleep", [1]),
        ("q=tag:night", [0]),
        (f"fingerprint={ALIKE}", [2]),
        ("q=args.seconds:3", [1]),
        ("q=error:FULL", [2]),
        ("q=error:full status:success", []),
        ("q=age<1h", [0, 1, 2]),
        ("q=age>1h", []),
        ("q=priority:9", []),
    ],
)
def test_the_filter_bar_says_which(browser: Browser, query: str, shown: list[int]) -> None:
    tasks = some_tasks()
    content = page(browser, f"/ui/tasks/?{quote(query, safe='=&')}")
    assert ids_on(content, tasks) == shown
    if not shown:
        assert "No task fits these terms" in content


@pytest.mark.parametrize(
    "text", ["hello", "status:x", "operation:nope", "schedule:nope", "a\0b", f"tag:{'x' * 200}"]
)
def test_what_it_cannot_read_is_told(browser: Browser, text: str) -> None:
    tasks = some_tasks()
    content = page(browser, f"/ui/tasks/?q={quote(text)}")
    assert ids_on(content, tasks) == []
    assert 'role="alert"' in content


def test_a_search_that_takes_too_long(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> list[Any]:
        raise searching.TookTooLong

    monkeypatch.setattr(searching, "_in_time", give_up)
    assert "took too long" in page(browser, "/ui/tasks/?q=args.x:1")


def test_pages_lose_nothing(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.tasks.reading.SIZE", 2)
    tasks = [make_task(Status.PENDING) for _ in range(5)]
    first = page(browser, "/ui/tasks/")
    assert ids_on(first, tasks) == [3, 4]
    second = page(browser, f"/ui/tasks/?before={tasks[3].id}")
    assert ids_on(second, tasks) == [1, 2]
    assert f"after={tasks[2].id}" in second
    assert ids_on(page(browser, f"/ui/tasks/?after={tasks[1].id}"), tasks) == [2, 3]
    assert ids_on(page(browser, "/ui/tasks/?before=nonsense"), tasks) == [3, 4]


def test_tabs_count(browser: Browser) -> None:
    some_tasks()
    content = page(browser, "/ui/tasks/")
    assert content.count('<span class="count">1</span>') == 3
    assert content.count('<span class="count">0</span>') == 3


REVIEW = "/ui/tasks/bulk/?action=retry&all=1&status=FAILURE"
PATHS = ("/ui/tasks/", "/ui/tasks/?q=args.seconds:3", "/ui/failures/", "/ui/bulk-actions/", REVIEW)


@pytest.mark.parametrize("path", PATHS)
def test_queries_are_few(browser: Browser, path: str) -> None:
    for _ in range(30):
        some_tasks()
    browser.get(path)
    strip.forget()
    with CaptureQueriesContext(connection) as captured:
        content = page(browser, path)
    assert len(captured) <= 12, [query["sql"][:90] for query in captured.captured_queries]
    assert len(content.encode()) < 60_000


@pytest.mark.parametrize("path", PATHS)
def test_who_may_not_see_payloads_sees_none(browser: Browser, path: str) -> None:
    some_tasks()
    make_person(role="viewer")
    browser.log_in()
    content = page(browser, path, 403 if "bulk/" in path else 200)
    assert CANARY not in content
    if "args." in path:
        assert "payloads:read" in content


def test_what_others_wrote_is_text(browser: Browser) -> None:
    error = {"type": SCRIPT, "message": SCRIPT, "permanent": False}
    make_task(
        Status.FAILURE,
        error=error,
        fingerprint=ALIKE,
        tags=[SCRIPT],
        arguments={SCRIPT: SCRIPT, "n": "\u202e"},
    )
    make_bulk_action(filter={"tag": SCRIPT}, error=SCRIPT)
    for path in (*PATHS, f"/ui/tasks/?q={quote(SCRIPT)}", f"/ui/tasks/?q=tag:{quote(SCRIPT)}"):
        content = page(browser, path)
        assert SCRIPT not in content
        assert "\u202e" not in content


def test_another_project_sees_nothing(browser: Browser) -> None:
    make_project("foreign")
    tasks = some_tasks()
    row = make_bulk_action(filter={"tag": "of-ours"})
    base = "/ui/projects/foreign/"
    paths = ("tasks/", f"tasks/?fingerprint={ALIKE}", "tasks/?q=args.seconds:3", "failures/", "bulk-actions/")
    for path in paths:
        content = page(browser, base + path)
        assert not ids_on(content, tasks)
        assert "of-ours" not in content
        assert f"group-{ALIKE}" not in content
    page(browser, f"{base}bulk-actions/{row.id}/", 404)
    review = page(browser, f"{base}tasks/bulk/?action=cancel&id={tasks[0].id}")
    assert "None of them is in a state for this" in review


def test_all_of_a_reason_are_run_again(browser: Browser) -> None:
    tasks = [make_task(Status.FAILURE, error=FAILED, fingerprint=ALIKE) for _ in range(3)]
    failures = page(browser, "/ui/failures/")
    path = f"/ui/tasks/bulk/?action=retry&amp;all=1&amp;fingerprint={ALIKE}"
    assert path in failures
    assert "Run 3 tasks again" in page(browser, path.replace("&amp;", "&"))
    assert Task.objects.filter(status="FAILURE").count() == 3
    fields = {"action": "retry", "all": "1", "q": f"fingerprint:{ALIKE}"}
    answer = browser.send("/ui/tasks/bulk/", fields, page=path.replace("&amp;", "&"))
    assert answer.status_code == 303
    shown = answer.headers["Location"]
    assert "It goes on when you leave" in page(browser, shown)
    carry_out(KINDS)
    assert Task.objects.filter(status="PENDING").count() == 3
    assert "It goes on" not in page(browser, shown)
    assert "Nothing has failed" in page(browser, "/ui/failures/")
    [event] = AuditEvent.objects.filter(action="task.retry")
    assert (event.count, event.filter) == (len(tasks), {"fingerprint": ALIKE})


def test_those_that_are_ticked_get_another_priority(browser: Browser) -> None:
    tasks = some_tasks()
    path = "/ui/tasks/bulk/?action=set_priority&" + "&".join(f"id={task.id}" for task in tasks)
    assert "Set the priority of 1 task" in page(browser, path)
    fields: dict[str, Any] = {
        "action": "set_priority",
        "id": [str(task.id) for task in tasks],
        "priority": "9",
    }
    assert browser.send("/ui/tasks/bulk/", fields, page=path).status_code == 303
    carry_out(KINDS)
    assert sorted(Task.objects.values_list("priority", flat=True)) == [5, 5, 9]


def test_of_many_the_number_is_typed(browser: Browser) -> None:
    for _ in range(101):
        make_task(Status.PENDING)
    path = "/ui/tasks/bulk/?action=cancel&all=1&status=PENDING"
    assert "Type 101" in page(browser, path)
    fields = {"action": "cancel", "all": "1", "q": "status:pending"}
    assert browser.send("/ui/tasks/bulk/", {**fields, "typed": "7"}, page=path).status_code == 422
    assert not BulkAction.objects.exists()
    assert browser.send("/ui/tasks/bulk/", {**fields, "typed": "101"}, page=path).status_code == 303


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("action=retry", "no task was chosen"),
        ("action=retry&all=1&q=args.x:1 args.x:2", "two values"),
        ("action=retry&all=1&q=hello", "write one of"),
        ("action=retry&id=nonsense", "must be an id"),
    ],
)
def test_what_cannot_be_done_is_told(browser: Browser, query: str, says: str) -> None:
    assert says in page(browser, f"/ui/tasks/bulk/?{query}")


def test_all_that_there_are(browser: Browser) -> None:
    tasks = some_tasks()
    path = "/ui/tasks/bulk/?action=retry&all=1"
    assert "Run 1 task again" in page(browser, path)
    answer = browser.send("/ui/tasks/bulk/", {"action": "retry", "all": "1", "q": ""}, page=path)
    assert answer.status_code == 303
    carry_out(KINDS)
    tasks[2].refresh_from_db()
    assert tasks[2].status == "PENDING"


def test_all_with_an_argument_and_an_error(browser: Browser) -> None:
    for number in range(3):
        make_task(Status.FAILURE, arguments={"x": number % 2}, error=FAILED)
    text = "args.x:0 error:full"
    path = f"/ui/tasks/bulk/?action=retry&all=1&q={quote(text)}"
    assert "Run 2 tasks again" in page(browser, path)
    answer = browser.send("/ui/tasks/bulk/", {"action": "retry", "all": "1", "q": text}, page=path)
    assert "x is 0" in page(browser, answer.headers["Location"])
    carry_out(KINDS)
    assert Task.objects.filter(status="PENDING").count() == 2
    make_person(role="viewer")
    browser.log_in()
    told = page(browser, answer.headers["Location"])
    assert "x is 0" not in told
    assert "arguments: hidden" in told


def test_an_action_that_there_is_not(browser: Browser) -> None:
    page(browser, "/ui/tasks/bulk/?action=explode&all=1", 400)


def test_a_viewer_changes_nothing(browser: Browser) -> None:
    task, row = make_task(Status.FAILURE), make_bulk_action()
    make_person(role="viewer")
    browser.log_in()
    content = page(browser, "/ui/tasks/")
    assert 'name="action"' not in content
    for path, fields in (
        ("/ui/tasks/bulk/", {"action": "retry", "id": str(task.id)}),
        (f"/ui/bulk-actions/{row.id}/", {}),
    ):
        assert browser.send(path, fields, page="/ui/tasks/").status_code == 403
    task.refresh_from_db()
    assert (task.status, BulkAction.objects.get().state) == ("FAILURE", "pending")


def test_a_bulk_action_is_stopped(browser: Browser) -> None:
    row = make_bulk_action()
    path = f"/ui/bulk-actions/{row.id}/"
    assert browser.send(path, {}).status_code == 303
    assert "Stop it" not in page(browser, path)
    assert "cancelled" in page(browser, "/ui/bulk-actions/")
    assert browser.send(path, {}, page="/ui/tasks/").status_code == 409
