"""By keyboard alone: Tab, Enter, Space, what is typed, and the pages' own keys. And the same of many by mouse."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from schedules.actions.bulk import KINDS
from schedules.models import Occurrence, TaskSchedule
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions import carrying_out
from tasks_api.bulk_actions import tasks as bulk_tasks
from tasks_api.database import database_now
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.browser import NewTab, reach
from testing.factories import make_task

pytestmark = pytest.mark.usefixtures("broker")
PATIENCE_MS = 60_000


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    reach(page, wanted)
    page.keyboard.press(key)


def write(page: Page, wanted: Locator, text: str) -> None:
    press(page, wanted, "Control+A")
    page.keyboard.type(text)


def write_time(page: Page, wanted: Locator, local: datetime) -> None:
    """Part by part, as such a field takes it; the year could have more digits, so its end is said."""
    reach(page, wanted)
    page.keyboard.type(f"{local:%m%d%Y}")
    page.keyboard.press("ArrowRight")
    page.keyboard.type(f"{local:%I%M%S%p}")
    assert wanted.input_value().startswith(f"{local:%FT%H:%M}")


def dialog_of(page: Page) -> Locator:
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


@pytest.mark.usefixtures("seeded")
def test_a_schedule_from_its_first_word_to_its_backfill(new_tab: NewTab) -> None:
    page = new_tab(locale="en-US").open("/ui/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/ui/schedules/")
    press(page, page.get_by_role("link", name="New schedule"))
    page.wait_for_url("**/ui/schedules/new/")
    create(page)
    schedule = TaskSchedule.objects.get(name="made by hand")
    assert (schedule.cron, schedule.arguments) == ("30 2 * * *", {"expression": "1+1"})
    pause_and_resume(page, schedule)
    skip_the_next(page, schedule)
    backfill(page, schedule)


def create(page: Page) -> None:
    write(page, page.get_by_label("Cron expression"), "61 2 * * *")
    expect(page.locator("#preview")).to_contain_text("61")
    write(page, page.get_by_label("Cron expression"), "30 2 * * *")
    write(page, page.get_by_label("Time zone"), "UTC")
    expect(page.locator("#preview")).to_contain_text("02:30")
    write(page, page.get_by_label("Name"), "made by hand")
    reach(page, page.get_by_label("Operation"))
    page.keyboard.type("calculate")
    write(page, page.get_by_label("Expression (required)"), "1+1")
    press(page, page.get_by_role("button", name="Create"))
    expect(page.get_by_role("heading", level=1)).to_have_text("made by hand")


def pause_and_resume(page: Page, schedule: TaskSchedule) -> None:
    press(page, page.get_by_role("link", name="Pause"))
    dialog_of(page)
    page.keyboard.type("by hand")  # the first field has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#facts")).to_contain_text("by hand")
    schedule.refresh_from_db()
    assert (schedule.status, schedule.paused_reason) == ("paused", "by hand")
    press(page, page.get_by_role("link", name="Resume"))
    press(page, dialog_of(page).get_by_role("button", name="Resume"))
    expect(page.locator("#facts")).to_contain_text("active")


def skip_the_next(page: Page, schedule: TaskSchedule) -> None:
    press(page, page.locator("#ledger").get_by_role("link", name="Change").last)
    write(page, dialog_of(page).get_by_label("Reason"), "a holiday")
    page.keyboard.press("Enter")
    expect(page.locator("#ledger")).to_contain_text("a holiday")
    assert Occurrence.objects.get(schedule=schedule, outcome="overridden").reason == "a holiday"


def backfill(page: Page, schedule: TaskSchedule) -> None:
    press(page, page.get_by_role("link", name="Backfill"))
    dialog, start = dialog_of(page), (database_now() - timedelta(days=5)).replace(microsecond=0)
    write_time(page, dialog.get_by_label("From"), start)
    write_time(page, dialog.get_by_label("To"), start + timedelta(days=2))
    press(page, dialog.get_by_role("button", name="Show what it would do"))
    expect(dialog).to_contain_text("2 tasks would be created")
    press(page, dialog.get_by_role("button", name="Create 2 tasks"))
    expect(page.locator("#toasts")).to_contain_text("Backfilled: 2 tasks")
    assert Task.objects.filter(schedule_id=schedule.id).count() == 2


def some_failures(number: int = 3) -> list[Task]:
    make_task(Status.SUCCESS)
    return [make_task(Status.FAILURE) for _ in range(number)]


def done_so_far(page: Page, number: int) -> None:
    """Its page tells by itself, without being loaded anew."""
    expect(page.locator("#bulk-action dt:text-is('Done') + dd")).to_have_text(
        str(number), timeout=PATIENCE_MS
    )


@pytest.mark.usefixtures("transactional_db")
def test_all_that_failed_are_run_again_by_keyboard_alone(new_tab: NewTab) -> None:
    some_failures()
    page = new_tab().open("/ui/tasks/")
    page.keyboard.press("/")
    page.keyboard.type("status:failure")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/tasks/?q=status*")
    press(page, page.get_by_label("All that match"), "Space")
    press(page, page.get_by_role("button", name="Run again"))
    press(page, dialog_of(page).get_by_role("button", name="Run 3 tasks again"))
    page.wait_for_url("**/ui/bulk-actions/*/")
    carrying_out.carry_out(KINDS)
    done_so_far(page, 3)
    assert Task.objects.filter(status="PENDING").count() == 3


@pytest.mark.usefixtures("transactional_db")
def test_how_far_it_is_is_told_turn_by_turn(new_tab: NewTab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_tasks, "LOOKED_AT", 1)
    some_failures()
    page = new_tab().open("/ui/tasks/?q=status:failure")
    page.get_by_label("All that match").click()
    page.get_by_role("button", name="Priority").click()
    expect(dialog_of(page)).to_contain_text("None of them is in a state for this")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run again").click()
    dialog_of(page).get_by_role("button", name="Run 3 tasks again").click()
    page.wait_for_url("**/ui/bulk-actions/*/")
    page.mouse.move(0, 0)
    for number in (1, 2, 3):
        carrying_out._turn_of_next(KINDS)
        done_so_far(page, number)
    carrying_out.carry_out(KINDS)
    expect(page.locator("#bulk-action .status")).to_have_text("done", timeout=PATIENCE_MS)


@pytest.mark.usefixtures("seeded")
def test_all_schedules_are_paused_by_keyboard_alone(new_tab: NewTab) -> None:
    page = new_tab().open("/ui/schedules/?state=active")
    number = TaskSchedule.objects.filter(status="active").count()
    press(page, page.get_by_label("All that match"), "Space")
    press(page, page.get_by_role("button", name="Pause"))
    dialog = dialog_of(page)
    expect(dialog).to_contain_text(f"Pause {number} schedules")
    write(page, dialog.get_by_label("Reason"), "by hand")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/bulk-actions/*/")
    carrying_out.carry_out(KINDS)
    done_so_far(page, number)
    assert BulkAction.objects.get().parameters == {"reason": "by hand"}
