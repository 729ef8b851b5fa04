"""The pages of schedules, as a browser shows and drives them: by mouse, and by keyboard alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from schedules.models import Occurrence, TaskSchedule
from tasks_api.database import database_now
from tasks_api.models import Task
from testing.browser import NewTab, Tab, looks_right

pytestmark = pytest.mark.usefixtures("seeded")
LIST = "/ui/schedules/"


def newest() -> TaskSchedule:
    return TaskSchedule.objects.latest("id")


def of(schedule: TaskSchedule, path: str = "") -> str:
    return f"{LIST}{schedule.id}/{path}"


@pytest.fixture
def daily() -> TaskSchedule:
    """One that nothing is due of soon."""
    return TaskSchedule.objects.get(name="report 2")


def test_every_page_looks_right(tab: Tab, daily: TaskSchedule) -> None:
    assert daily.next_run_at
    own = (
        "",
        "edit/",
        "pause/",
        "resume/",
        "backfill/",
        "delete/",
        f"occurrences/{daily.next_run_at:%FT%TZ}/",
    )
    for path in (LIST, f"{LIST}?state=paused", f"{LIST}new/", *(of(daily, each) for each in own)):
        tab.open(path)
        looks_right(tab)


def test_create_while_the_meaning_is_told(new_tab: NewTab) -> None:
    page = new_tab(timezone_id="America/New_York").open(f"{LIST}new/")
    page.reload()  # from now on the page knows the zone
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Cron expression").fill("30 2 * * *")
    page.get_by_label("Starts").fill("2027-03-27T00:00:00")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Sat 2027-03-27 02:30 +01:00")
    expect(preview).to_contain_text("clocks change by +1 h")
    expect(preview).to_contain_text("2027-03-26 21:30:00 EDT")
    page.get_by_label("Cron expression").fill("61 2 * * *")
    expect(preview).to_contain_text("61")
    page.get_by_label("Cron expression").fill("30 2 * * *")
    page.get_by_label("Name").fill("made in a browser")
    page.get_by_label("Operation").select_option("calculate")
    page.get_by_label("Expression (required)").fill("1+1")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("made in a browser")
    assert (newest().cron, newest().timezone) == ("30 2 * * *", "Europe/Berlin")


def test_fields_are_those_of_the_operation_that_is_chosen(tab: Tab) -> None:
    page = tab.open(f"{LIST}new/")
    for operation, field in (("sleep", "Seconds (required)"), ("calculate", "Expression (required)")):
        page.get_by_label("Operation").select_option(operation)
        if not tab.look.script:
            page.get_by_role("button", name="Show what it takes").click()
        page.get_by_label(field).wait_for()
        looks_right(tab)
    expect(page.get_by_label("Seconds (required)")).to_have_count(0)
    page.get_by_role("button", name="Write them as JSON").click()
    page.get_by_label("Arguments", exact=True).wait_for()


def test_pause_and_skip_and_backfill_by_mouse(new_tab: NewTab, daily: TaskSchedule) -> None:
    page = new_tab().open(of(daily))
    page.get_by_role("link", name="Pause").click()
    page.get_by_label("Reason").fill("by mouse")
    page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    expect(page.locator("#facts")).to_contain_text("by mouse")
    page.get_by_role("link", name="Resume").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(page.locator("#facts")).to_contain_text("active")
    page.locator("#ledger").get_by_role("link", name="Change").last.click()
    page.get_by_label("Reason").fill("a holiday")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#ledger")).to_contain_text("a holiday")
    assert Occurrence.objects.filter(schedule=daily, outcome="overridden").exists()
    page.get_by_role("link", name="Backfill").click()
    backfill(page, daily)


def backfill(page: Page, schedule: TaskSchedule) -> None:
    """Two days that are past: first what there would be."""
    start = database_now() - timedelta(days=3)
    page.get_by_role("dialog").get_by_label("From").fill(f"{start:%FT%T}")
    page.get_by_role("dialog").get_by_label("To").fill(f"{start + timedelta(days=2):%FT%T}")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("dialog")).to_contain_text("would be created")


def test_select_and_pause_by_keyboard_alone(new_tab: NewTab) -> None:
    page = new_tab().open(LIST)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    pause = page.get_by_role("button", name="Pause")
    pause.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_label("Reason").wait_for()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.locator("#schedules")).to_contain_text("by keyboard")
    assert TaskSchedule.objects.filter(status="paused", paused_reason="by keyboard").count() == 2


def test_skip_by_keyboard_alone(new_tab: NewTab, daily: TaskSchedule) -> None:
    page = new_tab().open(of(daily))
    page.locator("#ledger").get_by_role("link", name="Change").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("no need")
    page.keyboard.press("Enter")
    expect(page.locator("#ledger")).to_contain_text("no need")


def test_a_dialog_ends_with_escape_and_changes_nothing(new_tab: NewTab, daily: TaskSchedule) -> None:
    page = new_tab().open(of(daily))
    page.get_by_role("link", name="Run now").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not Task.objects.filter(schedule_id=daily.id).exists()
