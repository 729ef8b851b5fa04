"""`/ui/calendar/`: what schedules did and will do, in the zone of who looks."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access.actor import NOBODY
from dashboard.calendars.grid import View, cells_of, edges_of, moved, rows_of
from dashboard.shell import strip
from schedules.actions import pausing
from schedules.actions.overriding import Override
from schedules.forecasting.turns import take_turn
from schedules.models import Occurrence, TaskSchedule
from schedules.shown import calendar as shown
from schedules.shown.calendar import Item
from schedules.tests.acting import put_override
from schedules.tests.conftest import NOON, clock, new_schedule  # noqa: F401 (fixtures)
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from testing.access import make_project
from testing.clock import Clock
from testing.factories import make_task

BERLIN, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NewSchedule = Callable[..., TaskSchedule]


@pytest.mark.parametrize(
    ("day", "hours", "note"),
    [
        (date(2027, 3, 27), 24, []),
        (date(2027, 3, 28), 23, ["clocks go forward"]),
        (date(2027, 10, 31), 25, ["clocks go back"]),
    ],
)
def test_a_day_has_as_many_hours_as_pass(day: date, hours: int, note: list[str]) -> None:
    edges = edges_of(View.DAY, day, BERLIN)
    cells = cells_of(edges, [], BERLIN, NOON)
    assert len(cells) == hours
    assert [cell.note for cell in cells if cell.note] == note
    labels = [row.label for row in rows_of(View.DAY, cells)]
    assert (labels[0], labels[-1]) == ("00:00", "23:00")
    assert labels.count("02:00") == {24: 1, 23: 0, 25: 2}[hours]


@pytest.mark.parametrize("zone", [BERLIN, HAVANA, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia")])
@pytest.mark.parametrize("view", View)
def test_edges_ascend_whatever_the_clock_does(view: View, zone: ZoneInfo) -> None:
    for day in (
        date(2027, 3, 14),
        date(2027, 3, 28),
        date(2027, 11, 7),
        date(2028, 2, 29),
        date(2011, 12, 30),
    ):
        edges = edges_of(view, day, zone)
        assert edges == sorted(edges)
        assert any(start <= datetime(day.year, day.month, day.day, 12, tzinfo=zone) for start in edges)


def test_months_are_whole_weeks_and_counted_by_months() -> None:
    edges = edges_of(View.MONTH, date(2027, 2, 14), BERLIN)
    assert (edges[0].astimezone(BERLIN).date(), len(edges) - 1) == (date(2027, 2, 1), 28)
    edges = edges_of(View.MONTH, date(2027, 5, 14), BERLIN)
    assert (edges[0].astimezone(BERLIN).date(), len(edges) - 1) == (date(2027, 4, 26), 42)
    assert moved(date(2028, 1, 31), View.MONTH, 1) == date(2028, 2, 29)
    assert moved(date(2027, 3, 31), View.MONTH, -1) == date(2027, 2, 28)


def test_full_cells_fold_and_rare_ones_come_first() -> None:
    often, rare, failing = (TaskSchedule(id=new_id(), name=name) for name in ("often", "rare", "failing"))
    items = [Item(NOON + n * timedelta(minutes=1), often, "coming") for n in range(6)]
    items += [Item(NOON + HOUR / 2, failing, "failed"), Item(NOON + HOUR / 3, rare, "coming")]
    (cell,) = cells_of([NOON, NOON + HOUR], items, BERLIN, NOON)
    assert [(item.schedule.name, item.count) for item in cell.items] == [
        ("failing", 1),
        ("rare", 1),
        ("often", 6),
    ]
    many = [Item(NOON, TaskSchedule(id=new_id()), "coming", 2) for _ in range(9)]
    (cell,) = cells_of([NOON, NOON + HOUR], many, BERLIN, NOON)
    assert (len(cell.items), cell.more) == (4, 10)


pages = pytest.mark.django_db(transaction=True)


def page(path: str = "", zone: str = "Europe/Berlin", status: int = 200) -> str:
    client = Client()
    client.cookies["punctual_zone"] = zone
    strip.forget()
    answer = client.get(f"/ui/calendar/{path}")
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def shown_items(html: str) -> list[str]:
    """Each as the sign, the time and the name."""
    found = re.findall(r'<li class="item k-(\w+)"><a [^>]*>(.*?)</a>', html, re.DOTALL)
    return [f"{kind} {' '.join(re.sub('<[^>]*>', ' ', text).split()[1:])}" for kind, text in found]


@pages
def test_past_and_future_stand_side_by_side(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    schedule = new_schedule(cron="30 11,12,13 * * *", name="three times")
    put_override(schedule.id, NOON + 1.5 * HOUR, Override(skip=True))
    task = make_task(Status.FAILURE, schedule_id=schedule.id)
    for hours, outcome, task_id in ((24.5, "created", task.id), (0.5, "missed", None)):
        at = NOON - hours * HOUR
        Occurrence.objects.create(
            schedule=schedule, scheduled_for=at, last_scheduled_for=at, outcome=outcome, task_id=task_id
        )
    expected = ["none 12:30 three times", "coming 13:30 three times", "left_out 14:30 three times"]
    assert shown_items(page("?view=day")) == expected
    assert shown_items(page("?view=day", zone="UTC"))[0] == "none 11:30 three times"
    assert shown_items(page("?view=week"))[:4] == ["failed 12:30 three times", *expected]
    month = page("?date=2027-01-01")
    assert shown_items(month)[:5] == [
        "failed 12:30 three times",
        "none 12:30 three times",
        "coming \u00d72 three times",
        "left_out 14:30 three times",
        "coming \u00d73 three times",
    ]
    assert "now" in month
    assert "January 2027" in month
    agenda = page("?view=agenda")
    assert agenda.count("data-row") == 3 + 13 * 3 - 0
    assert "no task" in agenda


@pages
def test_times_are_right_across_a_clock_change(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    clock.set(datetime(2027, 3, 27, 12, tzinfo=UTC))
    new_schedule(cron="30 8 * * *", timezone="Europe/Berlin", name="at breakfast")
    assert shown_items(page("?view=day&date=2027-03-28")) == ["coming 08:30 at breakfast"]
    assert shown_items(page("?view=day&date=2027-03-28", zone="UTC")) == ["coming 06:30 at breakfast"]
    assert shown_items(page("?view=day&date=2027-03-27", zone="Asia/Tokyo")) == []
    changed = page("?view=day&date=2027-03-28")
    assert "clocks go forward" in changed
    assert "02:00</th>" not in changed
    week = page("?view=week&date=2027-03-28")
    assert shown_items(week) == ["coming 08:30 at breakfast"]
    assert re.findall(r'<th scope="col"><a [^>]*>(\w+ \d+)</a>', week)[:2] == [
        "Mon 22",
        "Tue 23",
    ]


@pages
def test_what_runs_often_is_counted(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    new_schedule(every_x_seconds=10, name="busy", starts_at="2027-01-01T12:00:00Z")
    new_schedule(every_x_minutes=1, name="limited", starts_at="2027-01-01T12:00:00Z", schedule_x_times=90)
    assert shown_items(page("?view=day&date=2027-01-02"))[0] == "coming \u00d7360 busy"
    found = shown_items(page("?view=day", zone="UTC"))
    assert found[:4] == [
        "coming \u00d7360 busy",
        "coming \u00d760 limited",
        "coming \u00d7360 busy",
        "coming \u00d730 limited",
    ]
    assert "limited" not in " ".join(found[4:])


@pages
def test_a_pause_leaves_its_time_empty(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811

    schedule = new_schedule(cron="0 * * * *", name="hourly")
    pausing.pause(schedule.id, NOBODY, until=NOON + 9.5 * HOUR)
    assert shown_items(page("?view=day", zone="UTC")) == [
        "open 12:00 hourly",
        "coming 22:00 hourly",
        "coming 23:00 hourly",
    ]


@pages
def test_filters_say_what_is_shown(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    new_schedule(cron="0 13 * * *", name="one", tags=["blue"])
    new_schedule(cron="0 13 * * *", name="two", operation="sleep", arguments={"seconds": 0})
    for query, names in (
        ("name=on", ["one"]),
        ("tag=blue", ["one"]),
        ("operation=sleep", ["two"]),
        ("name=&tag=", ["one", "two"]),
    ):
        found = shown_items(page(f"?view=day&{query}"))
        assert sorted(each.split()[-1] for each in found) == names, query
    empty = page("?name=three")
    assert "No schedule fits" in empty
    assert "Without name" in empty


@pages
def test_only_so_many_are_shown_and_the_page_says_so(
    clock: Clock,  # noqa: F811
    new_schedule: NewSchedule,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown, "MOST_SCHEDULES", 3)
    for hour in range(13, 18):
        new_schedule(cron=f"0 {hour} * * *", name=f"at {hour}")
    html = page("?view=day", zone="UTC")
    assert [each.split()[-1] for each in shown_items(html)] == ["13", "14", "15"]
    assert "Shown are the 3 schedules that are due next of 5" in html


@pages
@pytest.mark.parametrize("view", View)
def test_what_is_not_shown_is_counted(
    view: View,
    clock: Clock,  # noqa: F811
    new_schedule: NewSchedule,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown, "MOST_SCHEDULES", 1)
    new_schedule(cron="30 * * * *", name="shown")
    new_schedule(cron="*/20 14 * * *", operation="sleep", arguments={"seconds": 0})
    new_schedule(cron="45 14 * * *")
    path = f"?view={view}"
    assert "are being counted" in page(path, zone="UTC")
    while take_turn():
        pass
    strip.forget()
    with CaptureQueriesContext(connection) as captured:
        html = page(path, zone="UTC")
    assert len(captured) <= 12, [query["sql"][:80] for query in captured]
    assert "Runs of all others are counted" in html
    words = "and {} run of other" if view is View.AGENDA else "+ {} of others"
    assert words.format(4).replace("4 run ", "4 runs ") in html
    of_one = page(f"{path}&operation=sleep", zone="UTC")
    assert "Shown are" not in of_one
    by_name = page(f"{path}&name=e", zone="UTC")
    assert "of other" not in by_name
    earlier = page(f"{path}&date=2026-01-01", zone="UTC")
    assert "of others" not in earlier


@pages
@pytest.mark.parametrize("view", View)
def test_twelve_queries_are_enough(view: View, clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    for number in range(60):
        new_schedule(cron=f"{number} * * * *", name=f"number {number}", schedule_x_times=100)
    page()
    with CaptureQueriesContext(connection) as captured:
        html = page(f"?view={view}&name=number")
    assert len(captured) <= 12, [query["sql"][:80] for query in captured]
    assert len(html.encode()) < 60_000


@pages
def test_what_others_wrote_is_text(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    new_schedule(cron="0 13 * * *", name="<script>alert(1)</script> \u202eevil", tags=["<b>"])
    for view in View:
        html = page(f"?view={view}&tag=%3Cb%3E")
        assert "<script>alert" not in html
        assert "\u202e" not in html
        assert "&lt;script&gt;alert(1)" in html
        assert "&lt;b&gt;" in html


@pages
def test_another_project_sees_nothing(clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    make_project("acme")
    new_schedule(cron="0 13 * * *", name="ours")
    client = Client()
    for view in View:
        answer = client.get(f"/ui/projects/acme/calendar/?view={view}")
        assert answer.status_code == 200
        assert "ours" not in answer.content.decode()
        assert "No schedules yet" in answer.content.decode()


@pages
@pytest.mark.parametrize(
    "query",
    [
        "view=year",
        "date=2027-02-30",
        "date=1999-12-31",
        "date=2199-12-02",
        "date=9999-12-31",
        "date=%00",
        "x=1",
        "operation=gone",
    ],
)
def test_what_makes_no_sense_is_refused(query: str, clock: Clock) -> None:  # noqa: F811
    assert "<h1>" in page(f"?{query}", status=400)


@pages
@pytest.mark.parametrize(
    "query", ["view=month&date=2000-01-01", "view=agenda&date=2199-12-01", "view=week&date=2199-12-01"]
)
def test_the_ends_of_time_have_no_neighbour(query: str, clock: Clock, new_schedule: NewSchedule) -> None:  # noqa: F811
    new_schedule(cron="0 13 * * *")
    html = page(f"?{query}")
    assert ('rel="prev"' in html) + ('rel="next"' in html) == 1
