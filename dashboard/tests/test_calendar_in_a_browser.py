"""The calendar and the forecast, as a real browser shows them."""

from collections.abc import Callable

import pytest

from dashboard.calendars.grid import View
from schedules.forecasting.turns import take_turn
from schedules.models import TaskSchedule
from schedules.tests.conftest import new_schedule  # noqa: F401 (a fixture)
from testing.browser import Look, NewTab, Tab, looks_right

pytestmark = pytest.mark.django_db(transaction=True)

NewSchedule = Callable[..., TaskSchedule]


@pytest.fixture(autouse=True)
def crowd(transactional_db: None, new_schedule: NewSchedule) -> None:  # noqa: F811
    """Schedules of all kinds, more than a cell holds."""
    for number in range(8):
        new_schedule(cron=f"{number} 12 * * *", name=f"at noon {number}")
    new_schedule(every_x_minutes=5, name="often")
    new_schedule(cron="30 2 * * *", name="<script>alert(1)</script>", timezone="Europe/Berlin")


def test_each_view_looks_right(tab: Tab) -> None:
    for query in (*(f"view={view}" for view in View), "view=day&date=2027-03-28", "name=nobody"):
        tab.open(f"/ui/calendar/?{query}")
        looks_right(tab)


def test_the_forecast_looks_right_before_and_after_it_is_counted(tab: Tab) -> None:
    tab.open("/ui/forecast/")
    assert "Being counted" in tab.page.inner_text("main")
    looks_right(tab)
    while take_turn():
        pass
    for span in ("day", "week"):
        tab.open(f"/ui/forecast/?span={span}")
        assert tab.page.locator("table.heat tbody tr").count() == 24
        looks_right(tab)


def test_arrows_lead_to_other_months_and_enter_to_a_day(new_tab: NewTab) -> None:
    page = new_tab(Look("light", 1280), timezone_id="Europe/Berlin").open("/ui/calendar/?date=2027-03-15")
    assert page.inner_text("h1") == "March 2027"
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**date=2027-04-15*")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**date=2027-03-15*")
    day = page.get_by_role("link", name="28", exact=True).first
    day.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**view=day*date=*-28")
    assert "28" in page.inner_text("h1")


def test_a_search_leads_to_what_fits(new_tab: NewTab) -> None:
    page = new_tab(Look("light", 1280)).open("/ui/calendar/?view=week&date=2030-06-12")
    page.keyboard.press("/")
    page.keyboard.type("script")
    page.keyboard.press("Enter")
    page.wait_for_url("**name=script*")
    assert "<script>alert(1)</script>" in page.inner_text("table")
    assert "noon" not in page.inner_text("table")
    page.get_by_label("Without name").click()
    page.wait_for_function("!location.search.includes('name=')")
    assert "noon" in page.inner_text("table")
