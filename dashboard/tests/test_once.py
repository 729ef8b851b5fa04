"""Forms that make something make it once, however often they are sent."""

import re
from functools import partial
from typing import Any

import pytest

from dashboard.tests.test_schedule_pages import LIST, RULE, fields_of, new, of, text
from schedules.models import TaskSchedule
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import Browser
from testing.concurrency import apart
from testing.factories import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    """Somebody in open mode."""
    return Browser()


def twice(browser: Browser, path: str, fields: dict[str, Any], *, page: str | None = None) -> None:
    found = re.search(r'name="once" value="(\w{32})"', browser.read(page or path))
    assert found
    first, again = (browser.send(path, {**fields, "once": found[1]}, page=page) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303), first.content
    assert first["Location"] == again["Location"]


def test_a_task_like_another(browser: Browser) -> None:
    task = make_task(Status.SUCCESS, result=11)
    twice(browser, f"/ui/tasks/{task.id}/again/", {"arguments.expression": "4+8", "priority": "7"})
    assert Task.objects.exclude(id=task.id).count() == 1


def test_a_schedule(browser: Browser) -> None:
    held = fields_of(text(browser.get(f"{LIST}new/")))
    twice(
        browser,
        f"{LIST}new/",
        {**held, **RULE, "name": "", "operation": "1+1", "arguments": "{}", "do": "save"},
    )
    assert TaskSchedule.objects.count() == 1


def test_a_triggered_task(browser: Browser) -> None:
    schedule = new()
    twice(browser, of(schedule, "trigger/"), {})
    assert Task.objects.count() == 1
    assert browser.send(of(schedule, "trigger/"), {}).status_code == 303  # of another form
    assert Task.objects.count() == 2


def test_a_bulk_action(browser: Browser) -> None:
    new()
    twice(browser, f"{LIST}bulk/pause/", {"all": "1"}, page=f"{LIST}bulk/pause/?all=1")
    assert BulkAction.objects.count() == 1


def test_a_page_with_such_a_form_has_a_tag(browser: Browser) -> None:
    path = "/ui/operations/calculate/"
    tag = browser.get(path)["ETag"]
    assert browser.get(path)["ETag"] == tag
    assert browser.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("broker")
def test_at_the_same_moment(browser: Browser) -> None:
    path = "/ui/operations/calculate/"
    found = re.search(r'name="once" value="(\w{32})"', browser.read(path))
    assert found
    fields = {"arguments.expression": "4+7", "once": found[1]}
    browsers = [Browser() for _ in range(4)]
    sent = [apart(partial(browser_sends, own, path, fields)) for own in browsers]
    assert len({each.result(60) for each in sent}) == 1
    assert Task.objects.count() == 1


def browser_sends(browser: Browser, path: str, fields: dict[str, str]) -> str:
    answer = browser.send(path, fields)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])
