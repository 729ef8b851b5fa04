"""The page of a task: what it shows to whom, and what its buttons do."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import AuditEvent
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Task
from testing.access import Browser, logged_in, make_person
from testing.factories import ago, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

MOST_QUERIES = 12
HOSTILE = "<script>alert(1)</script>\u202e\u0007"
FAILED = {"type": "OSError", "message": HOSTILE, "permanent": False, "traceback": f"Traceback {HOSTILE}"}


@pytest.fixture
def hers() -> Browser:
    """A browser in which somebody has logged in who may do everything."""
    make_person()
    return logged_in("ada")


def page_of(task: Task, rest: str = "") -> str:
    return f"/ui/tasks/{task.id}/{rest}"


def text_of(browser: Browser, task: Task) -> str:
    return browser.read(page_of(task))


@pytest.mark.parametrize("status", Status)
def test_tasks_in_every_state(hers: Browser, status: Status) -> None:
    task = make_task(status, schedule_id=uuid4(), tags=["report"], error=FAILED, fingerprint="f")
    with CaptureQueriesContext(connection) as asked:
        text = text_of(hers, task)
    assert len(asked) <= MOST_QUERIES
    assert status in text
    assert "report" in text


def test_in_open_mode_nobody_logs_in() -> None:
    assert "calculate" in text_of(Browser(), make_task())


def test_nothing_that_somebody_wrote_is_more_than_text(hers: Browser) -> None:
    task = make_task(
        Status.FAILURE, error=FAILED, arguments={"a": HOSTILE}, tags=[HOSTILE], operation=HOSTILE
    )
    Attempt.objects.create(
        task_id=task.id,
        number=1,
        started_at=ago(9),
        finished_at=ago(8),
        outcome="failed",
        error=FAILED,
        worker=HOSTILE,
    )
    text = text_of(hers, task)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_whole_numbers_are_exact(hers: Browser) -> None:
    assert "12345678901234567890123" in text_of(
        hers, make_task(Status.SUCCESS, result=12345678901234567890123)
    )


def test_an_attempt_has_its_traceback(hers: Browser) -> None:
    task = make_task(Status.FAILURE, error=FAILED, attempt=1)
    Attempt.objects.create(
        task_id=task.id, number=1, started_at=ago(9), finished_at=ago(8), outcome="failed", error=FAILED
    )
    assert "Traceback" in text_of(hers, task)


def test_a_waiting_task_says_what_it_waits_for(hers: Browser) -> None:
    assert "a worker: none is alive" in text_of(hers, make_task())
    assert "starts not before" in text_of(hers, make_task(run_at=ago(-600)))


def test_neighbours_are_of_the_same_schedule(hers: Browser) -> None:
    schedule = uuid4()
    first, second, third = (make_task(Status.SUCCESS, schedule_id=schedule) for _ in range(3))
    make_task(Status.SUCCESS, schedule_id=uuid4())
    text = text_of(hers, second)
    assert f"/tasks/{first.id}/" in text
    assert f"/tasks/{third.id}/" in text


def test_how_many_failed_alike(hers: Browser) -> None:
    task, _ = (make_task(Status.FAILURE, error=FAILED, fingerprint="0123456789abcdef") for _ in range(2))
    make_task(Status.FAILURE, error=FAILED, fingerprint="fedcba9876543210")
    assert "2 tasks failed alike" in text_of(hers, task)


def test_payloads_are_hidden_from_who_may_not_read_them() -> None:
    make_person("vic", "viewer")
    browser = logged_in("vic")
    task = make_task(Status.FAILURE, arguments={"a": "secret-a"}, error={**FAILED, "message": "secret-b"})
    text = text_of(browser, task)
    assert "secret" not in text
    assert "payloads:read" in text
    assert browser.get(page_of(task, "again/")).status_code == 403


@pytest.mark.parametrize("verb", ["cancel", "retry", "priority", "again"])
def test_a_viewer_changes_nothing(verb: str) -> None:
    make_person("vic", "viewer")
    task = make_task(Status.FAILURE if verb == "retry" else Status.PENDING)
    answer = logged_in("vic").send(page_of(task, f"{verb}/"), {"priority": "9"}, page="/ui/")
    assert answer.status_code == 403
    before, task = task.version, Task.objects.get(id=task.id)
    assert task.version == before
    assert Task.objects.count() == 1


@pytest.mark.parametrize("rest", ["", "cancel/", "retry/", "priority/", "again/"])
def test_another_project_sees_nothing(rest: str) -> None:
    make_person("bob", None, theirs="admin")
    task = make_task()
    browser = logged_in("bob")
    assert browser.get(page_of(task, rest)).status_code == 404
    if rest:
        assert browser.send(page_of(task, rest), {"priority": "9"}, page="/ui/").status_code == 404
    assert Task.objects.get(id=task.id).version == task.version


def test_cancelling_asks_once_more_and_is_audited(hers: Browser) -> None:
    task = make_task()
    assert "Cancel this task?" in hers.get(page_of(task, "cancel/")).content.decode()
    assert hers.send(page_of(task, "cancel/"), {}).status_code == 303
    task.refresh_from_db()
    assert task.status == Status.REVOKED
    event = AuditEvent.objects.get(action="task.cancel")
    assert event.actor_name == "ada"
    assert hers.send(page_of(task, "cancel/"), {}, page="/ui/").status_code == 409


def test_one_that_failed_runs_again(hers: Browser) -> None:
    task = make_task(Status.FAILURE, error=FAILED)
    assert hers.send(page_of(task, "retry/"), {}).status_code == 303
    task.refresh_from_db()
    assert task.status == Status.PENDING


def test_a_waiting_one_becomes_more_urgent(hers: Browser) -> None:
    task = make_task()
    assert hers.send(page_of(task, "priority/"), {"priority": "9"}).status_code == 303
    task.refresh_from_db()
    assert task.priority == 9


@pytest.mark.parametrize("priority", ["10", "-1", "", "x", "9" * 400])
def test_a_priority_that_is_none_is_refused_beside_the_field(hers: Browser, priority: str) -> None:
    task = make_task()
    answer = hers.send(page_of(task, "priority/"), {"priority": priority})
    assert answer.status_code == 422
    assert "must be" in answer.content.decode() or "should be" in answer.content.decode()


def test_a_new_task_like_this_one_with_changes(hers: Browser) -> None:
    task = make_task(Status.SUCCESS, result=11, tags=["a"])
    path = page_of(task, "again/")
    assert "4+7" in hers.get(path).content.decode()
    answer = hers.send(path, {"arguments.expression": "4+8", "priority": "7"})
    assert answer.status_code == 303
    made = Task.objects.exclude(id=task.id).get()
    assert answer["Location"] == f"/ui/tasks/{made.id}/"
    assert (made.arguments, made.priority, made.tags) == ({"expression": "4+8"}, 7, ["a"])
    assert (made.created_by or "").startswith("person:")


def test_wrong_arguments_are_told_beside_their_field(hers: Browser) -> None:
    task = make_task(Status.SUCCESS, result=11)
    answer = hers.send(page_of(task, "again/"), {"arguments.expression": "", "priority": "5"})
    assert answer.status_code == 422
    assert Task.objects.count() == 1


def test_a_page_that_has_not_changed_is_not_sent_again(hers: Browser) -> None:
    task = make_task(Status.SUCCESS)
    headers = {"HTTP_HX_REQUEST": "true"}
    first = hers.get(page_of(task), **headers)
    again = hers.get(page_of(task), **headers, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (first.status_code, again.status_code) == (200, 304)
