"""An open page shows what happens, by the stream or without it, and holds still where somebody reads."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from access.actor import DEFAULT_PROJECT_ID
from tasks_api.database import database_now
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.roll_up.buckets import BUCKETS
from tasks_api.roll_up.periods import MINUTE, floor
from tasks_api.rolled_up import RollUp
from testing.access import PASSWORD, make_person
from testing.browser import Look, NewTab, Tab, open_tab
from testing.factories import make_task
from testing.web import running_web

WIDE = Look("light", 1280)
PATIENCE_MS = 60_000
pytestmark = pytest.mark.django_db(transaction=True)


def begin(percent: float) -> Task:
    return make_task(Status.STARTED, progress={"percent": percent, "message": "copying"})


def advance(task: Task, percent: float) -> None:
    task.progress = {"percent": percent, "message": "copying"}
    task.version += 1
    task.save()


def shows(page: Page, text: str) -> None:
    expect(page.locator("#overview")).to_contain_text(text, timeout=PATIENCE_MS)


def test_progress_is_shown_as_it_happens(new_tab: NewTab) -> None:
    task = begin(10)
    page = new_tab(WIDE).open("/ui/")
    shows(page, "10 %")
    advance(task, 42)
    shows(page, "42 %")
    expect(page.locator("#live-words")).to_contain_text("live")


def test_the_table_behind_a_chart_is_renewed_and_drawn(new_tab: NewTab) -> None:
    page = new_tab(WIDE).open("/ui/")
    legend = page.locator("[data-plot=counts] .u-legend")
    expect(legend).to_contain_text("succeeded")
    canvas = page.locator("[data-plot=counts] canvas")
    before = canvas.evaluate("each => each.toDataURL()")
    nothing = [0] * BUCKETS
    RollUp.objects.create(
        minute=floor(database_now(), MINUTE),
        project_id=DEFAULT_PROJECT_ID,
        operation="calculate",
        queue="",
        outcome="success",
        count=7,
        **dict.fromkeys(("lateness_seconds", "waiting_seconds", "running_seconds"), 0.0),
        **dict.fromkeys(("lateness_counts", "waiting_counts", "running_counts"), nothing),
    )
    begin(10)
    expect(page.locator("#day-section")).to_contain_text("7 ended", timeout=PATIENCE_MS)
    page.wait_for_function(
        "before => document.querySelector('[data-plot=counts] canvas').toDataURL() !== before", arg=before
    )


def test_nothing_moves_under_the_pointer(new_tab: NewTab) -> None:
    task = begin(10)
    page = new_tab(WIDE).open("/ui/")
    page.locator(f"#run-{task.id}").hover()
    advance(task, 42)
    expect(page.locator("#live-words")).to_contain_text("held", timeout=PATIENCE_MS)
    shows(page, "10 %")
    page.locator("h1").hover()
    shows(page, "42 %")


def test_whoever_pauses_sees_nothing_new_until_they_go_on(new_tab: NewTab) -> None:
    task = begin(10)
    page = new_tab(WIDE).open("/ui/")
    page.keyboard.press("p")
    expect(page.locator("#live-words")).to_have_text("paused")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    advance(task, 42)
    page.wait_for_timeout(2_500)
    assert not [url for url in asked if not url.endswith("/stream/")]
    shows(page, "10 %")
    page.keyboard.press("p")
    shows(page, "42 %")


def test_what_is_not_new_is_not_sent(new_tab: NewTab) -> None:
    make_task(Status.SUCCESS)
    page = new_tab(WIDE).open("/ui/")
    with page.expect_response(lambda answer: answer.url.endswith("/ui/"), timeout=PATIENCE_MS):
        page.evaluate("htmx.trigger('#overview', 'refresh')")
    with page.expect_response(lambda answer: answer.url.endswith("/ui/"), timeout=PATIENCE_MS) as again:
        page.evaluate("htmx.trigger('#overview', 'refresh')")
    assert again.value.status == 304
    shows(page, "Nothing runs")


def test_without_a_stream_a_page_asks_by_itself(chromium: Browser, tmp_path: Path) -> None:
    task = begin(10)
    with running_web(tmp_path, UI_STREAMS=0) as (server, _), open_tab(chromium, WIDE, server.url) as tab:
        page = tab.open("/ui/")
        shows(page, "10 %")
        advance(task, 42)
        shows(page, "42 %")
        assert tab.complaints == []


def test_whoever_has_been_logged_out_is_led_to_the_form(new_tab: NewTab) -> None:
    make_person()
    tab: Tab = new_tab(WIDE)
    page = tab.page
    page.goto(tab.url + "/ui/login/")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/ui/")
    page.context.clear_cookies(name="punctual_session")
    # The page asks by itself, after the two seconds for which the server remembers that there was nobody.
    page.wait_for_url("**/ui/login/**", timeout=PATIENCE_MS)
