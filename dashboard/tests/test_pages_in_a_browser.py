"""The page of each section, as a browser shows it."""

import pytest
from django.urls import is_valid_path
from playwright.sync_api import expect

from dashboard.shell.sections import ROOT, SECTIONS
from testing.browser import Look, NewTab, Tab, looks_right
from testing.seeds import HOSTILE

pytestmark = pytest.mark.usefixtures("seeded")
PATHS = [section.path for section in SECTIONS if is_valid_path(ROOT + section.path)] + ["account/"]


def test_every_page_looks_right(tab: Tab) -> None:
    for path in PATHS:
        tab.open(f"/ui/{path}")
        looks_right(tab)


def test_a_page_that_is_refused_looks_right(tab: Tab) -> None:
    tab.open("/ui/nothing/", status=404)
    tab.complaints.clear()  # the console tells of the status
    looks_right(tab)
    assert "There is no page" in tab.page.inner_text("main") or "there is no page" in tab.page.inner_text(
        "main"
    )


def test_hostile_texts_are_only_text(new_tab: NewTab) -> None:
    tab = new_tab()
    tab.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    for path in PATHS:
        tab.open(f"/ui/{path}")
        assert "\u202e" not in tab.page.inner_text("body"), path
    assert HOSTILE.startswith("<script>")


def test_keys_lead_to_pages_and_show_themselves(new_tab: NewTab) -> None:
    page = new_tab().open("/ui/account/")
    page.keyboard.press("?")
    page.locator("dialog#keys").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator("dialog#keys").wait_for(state="hidden")
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/ui/")


def test_the_section_that_is_open_is_in_sight(new_tab: NewTab) -> None:
    page = new_tab(Look("light", 375)).open("/ui/checks/")
    expect(page.locator(".side nav [aria-current]")).to_be_in_viewport()


def test_keys_can_be_turned_off(new_tab: NewTab) -> None:
    page = new_tab().open("/ui/")
    page.keyboard.press("?")
    page.get_by_label("Turn these keys off").check()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    assert not page.locator("dialog#keys").is_visible()


def test_times_are_in_the_zone_of_who_looks(new_tab: NewTab) -> None:
    page = new_tab(timezone_id="Pacific/Chatham").open("/ui/")
    page.reload()
    assert page.locator("#zone").input_value() == "Pacific/Chatham"
    with page.expect_navigation():
        page.locator("#zone").select_option("UTC")
    assert page.locator("#zone").input_value() == "UTC"
