"""What is done to all schedules that fit a list's filters."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from dashboard.tests.test_schedule_pages import LIST, new, text
from schedules.actions.bulk import KINDS
from schedules.models import TaskSchedule
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions.carrying_out import carry_out
from testing.access import Browser, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    """Somebody in open mode."""
    return Browser()


def test_it_is_counted_and_begun(browser: Browser) -> None:
    for number in range(3):
        new(name=f"number {number}", tags=["night"] if number else [])
    page = text(browser.get(f"{LIST}?tag=night"))
    assert "All that match" in page
    path = f"{LIST}bulk/pause/?all=1&tag=night"
    assert "Pause 2 schedules" in text(browser.get(path))
    fields = {"all": "1", "tag": "night", "reason": "full"}
    answer = browser.send(f"{LIST}bulk/pause/", fields, page=path)
    assert answer.status_code == 303
    row = BulkAction.objects.get()
    assert answer["Location"] == f"/ui/bulk-actions/{row.id}/"
    assert (row.action, row.filter, row.parameters) == ("pause", {"tag": "night"}, {"reason": "full"})
    carry_out(KINDS)
    assert TaskSchedule.objects.filter(status="paused", paused_reason="full").count() == 2


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {"status": ["active"]}),
        ("state=active&name=numb", {"status": ["active"], "name": "numb"}),
        ("operation=calculate", {"operation": "calculate"}),
    ],
)
def test_filters_are_those_of_the_list(browser: Browser, query: str, wanted: dict[str, Any]) -> None:
    new(name="number 1", operation="calculate", arguments={"expression": "1"})
    path = f"{LIST}bulk/pause/?all=1&{query}"
    assert "Pause 1 schedule<" in text(browser.get(path))
    fields = {"all": "1", **dict(parse_qsl(query))}
    assert browser.send(f"{LIST}bulk/pause/", fields, page=path).status_code == 303
    assert BulkAction.objects.get().filter == wanted


def test_late_ones(browser: Browser) -> None:
    page = text(browser.get(f"{LIST}bulk/trigger/?all=1&state=late"))
    assert "None of them is in a state for this" in page
    assert "due_before" in page


def test_what_filters_do_not_know_is_told(browser: Browser) -> None:
    new()
    for state in ("failing", "never_ran"):
        assert "All that match" not in text(browser.get(f"{LIST}?state={state}"))
        assert "check boxes" in text(browser.get(f"{LIST}bulk/pause/?all=1&state={state}"))


def test_bad_input(browser: Browser) -> None:
    new()
    path = f"{LIST}bulk/pause/?all=1"
    sent = {"all": "1", "until": "2001-01-01T00:00"}
    page = text(browser.send(f"{LIST}bulk/pause/", sent, page=path), 422)
    assert "must be in the future" in page
    assert "must" in text(browser.get(f"{LIST}bulk/pause/?all=1&state=nonsense"))
    assert not BulkAction.objects.exists()


def test_of_many_the_number_is_typed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.schedules.bulk_to_all.TYPED_OVER", 1)
    monkeypatch.setattr("dashboard.tasks.bulk_views.TYPED_OVER", 1)
    for _ in range(2):
        new()
    path = f"{LIST}bulk/pause/?all=1"
    assert "How many they are" in text(browser.get(path))
    for typed, status in (("", 422), ("7", 422), ("2", 303)):
        sent = {"all": "1", "typed": typed, "shown": "2"}
        assert browser.send(f"{LIST}bulk/pause/", sent, page=path).status_code == status


def test_a_viewer_may_not(browser: Browser) -> None:
    new()
    make_person(role="viewer")
    browser.log_in()
    text(browser.get(f"{LIST}bulk/pause/?all=1"), 403)
    answer = browser.send(f"{LIST}bulk/pause/", {"all": "1"}, page=LIST)
    assert answer.status_code == 403
    assert not BulkAction.objects.exists()
