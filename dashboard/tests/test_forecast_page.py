"""`/ui/forecast/`: what is expected by hour and operation, and the slots for it."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.forecast.heat import heat, shade, slots_needed, week
from dashboard.shell import strip
from schedules.forecasting.expected import Expected
from schedules.forecasting.turns import take_turn
from schedules.models import TaskSchedule
from schedules.tests.conftest import NOON, clock, new_schedule  # noqa: F401 (fixtures)
from tasks_api.lifecycle import Status
from tasks_api.roll_up.rolling import roll_up
from testing.access import make_project
from testing.clock import Clock
from testing.factories import make_node, make_task

BERLIN, HOUR = ZoneInfo("Europe/Berlin"), timedelta(hours=1)
NewSchedule = Callable[..., TaskSchedule]
HOURS = [NOON + number * HOUR for number in range(24)]


def test_each_hour_tells_what_it_needs() -> None:
    expected = [
        Expected(NOON, "sleep", 5, 30),
        Expected(NOON, "sleep", 9, 60),
        Expected(NOON, "calculate", 5, 10),
        Expected(NOON + HOUR, "fetch", 5, 7),
    ]
    found = heat(expected, HOURS, BERLIN, {"sleep": 120.0, "calculate": 0.0}, slots=2)
    assert (found.columns, found.total, found.unknown) == (["sleep", "calculate", "fetch"], 107, ["fetch"])
    first, second, third = found.lines[:3]
    assert [cell.number for cell in first.cells] == [90, 10, 0]
    assert (first.total, first.slots, first.is_short, f"{first.local:%H}") == (100, 3.0, True, "13")
    assert (second.slots, second.is_short) == (None, False)
    assert (third.slots, third.total) == (0.0, 0)
    assert (found.peak, found.busiest) == (first, first)
    assert list(found.crowded) == [first, second]


def test_many_operations_share_a_column() -> None:
    expected = [Expected(NOON, f"number {n}", 5, 100 - n) for n in range(9)]
    found = heat(expected, HOURS, BERLIN, {}, slots=1)
    assert found.columns == [*(f"number {n}" for n in range(6)), "others"]
    assert found.lines[0].cells[-1].number == 94 + 93 + 92


def test_shades_tell_little_from_nothing() -> None:
    assert [shade(count, 1_000) for count in (0, 1, 10, 100, 1_000)] == [0, 1, 1, 2, 5]
    assert (shade(0, 0), shade(1, 1)) == (0, 5)
    assert slots_needed({}, {}) == 0.0


def test_a_week_tells_hours_on_the_wall() -> None:
    start = NOON.replace(month=10, day=30)
    hours = [start + number * HOUR for number in range(48)]
    found = week([Expected(hour, "sleep", 5, 1) for hour in hours], hours, BERLIN)
    assert [f"{day:%d}" for day in found.days] == ["30", "31", "01"]
    by_hour = {hour: [cell and cell.number for cell in cells] for hour, cells in found.rows}
    assert (by_hour[2], by_hour[3], by_hour[14]) == ([None, 2, 1], [None, 1, 1], [1, 1, None])
    assert found.total == 48


pages = pytest.mark.django_db(transaction=True)


def page(path: str = "", base: str = "/ui/", status: int = 200) -> str:
    client = Client()
    client.cookies["punctual_zone"] = "Europe/Berlin"
    strip.forget()
    answer = client.get(f"{base}forecast/{path}")
    assert answer.status_code == status, answer.content
    return answer.content.decode()


@pages
def test_it_tells_how_far_it_is_and_then_what_it_found(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    assert "There are no schedules yet" in page()
    new_schedule(cron="*/2 * * * *", operation="sleep", arguments={"seconds": 0})
    assert "0 of 1 schedules so far" in page()
    make_node(slots=3, beat_at=NOON)
    make_task(
        Status.SUCCESS,
        operation="sleep",
        run_at=NOON - HOUR,
        started_at=NOON - 300 * HOUR / 3600,
        finished_at=NOON - 60 * HOUR / 3600,
    )
    roll_up()
    while take_turn():
        pass
    html = page()
    assert "from 1 schedule." in html
    assert "Fri 13:00" in html
    assert ">30</td>" in html
    assert "2.00 of 3" in html
    assert "needs 2.00 of 3 slots in the hour from 13:00" in " ".join(html.split())
    assert "7 days" in page("?span=week")
    assert "<td" in page("?span=week")
    nothing = page("?operation=calculate")
    assert "Nothing is expected" in nothing
    assert "All operations" in nothing


@pages
def test_instants_at_which_many_are_due(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    make_project("acme")
    make_node(slots=2, beat_at=NOON)
    for number in range(3):
        new_schedule(cron="30 14 * * *", operation="sleep", arguments={"seconds": number})
    for _ in range(2):
        new_schedule(cron="45 14 * * *")
    new_schedule(cron="50 14 * * *")
    page()
    while take_turn():
        pass
    told = " ".join(re.sub("<[^>]*>", " ", page()).split())
    assert "Fri 15:30:00 3 tasks of 2 slots Fri 15:45:00 2 tasks Next runs" in told
    assert "15:50:00" not in told
    assert "15:45:00" not in page("?operation=sleep")
    assert "15:30:00" not in page(base="/ui/projects/acme/")


@pages
def test_twelve_queries_are_enough(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    new_schedule(cron="*/2 * * * *")
    for path in ("", "", "?span=week"):
        with CaptureQueriesContext(connection) as captured:
            html = page(path)
        assert len(captured) <= 12, [query["sql"][:80] for query in captured]
        assert len(html.encode()) < 60_000
        take_turn()


@pages
def test_another_project_sees_nothing(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    make_project("acme")
    new_schedule(cron="*/2 * * * *")
    for base in ("/ui/", "/ui/projects/acme/"):
        page(base=base)
    for _ in range(4):
        take_turn()
    assert "Nothing is expected" in page(base="/ui/projects/acme/")
    assert "Nothing is expected" not in page()


@pages
@pytest.mark.parametrize("query", ["span=year", "x=1", "span=day&span=week"])
def test_what_makes_no_sense_is_refused(query: str, clock: Clock) -> None:  # noqa: F811
    assert "<h1>" in page(f"?{query}", status=400)
