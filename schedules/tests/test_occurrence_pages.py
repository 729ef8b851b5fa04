"""GET /task-schedules/{id}/occurrences/ by pages: nothing twice, nothing left out, at the cost of the page."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.models import Occurrence, TaskSchedule
from schedules.recurrence.tests.test_budget import SPARSE
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import at, sweep_for
from schedules.tests.occurring import errors, fill, listed, page, path_of, put, shortened
from testing.clock import Clock
from testing.ledger import covered_instants
from testing.plans import empty, readings_of

YEAR = timedelta(days=365)
SPANS: dict[int, list[tuple[float, float]]] = {
    1: [(3.5, 29), (30, 31), (70, 71), (39, 44)],
    7: [(-9, 100), (12.5, 45), (24, 30)],
    500: [(-9, 100), (5, 6)],
}
"""In minutes after noon, by the limit of their pages: the fewer, the longer it takes."""


@pytest.fixture
def eventful(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """A schedule with rows and ranges of all kinds, at 30 minutes after noon, in a pause that ends at 40."""
    schedule = new_schedule(rrule="FREQ=MINUTELY", schedule_x_times=40)
    sweep_for(clock, 2)
    clock.set(at(8))
    sweep_for(clock, 1)
    put(client, schedule, at(11), skip=True)
    put(client, schedule, at(50), run_at=at(61))
    pausing.pause(schedule.id, NOBODY)
    clock.set(at(20))
    pausing.resume(schedule.id, NOBODY)
    fill(client, schedule, at(13), at(15))
    sweep_for(clock, 2)
    pausing.pause(schedule.id, NOBODY, until=at(40))
    clock.set(at(30))
    fill(client, schedule, at(25), at(27))
    put(client, schedule, at(42), priority=9)
    put(client, schedule, at(35), skip=True)
    return schedule


def all_of(client: APIClient, schedule: TaskSchedule, **query: Any) -> list[Any]:
    """All pages, from the first to the last."""
    answer = page(client, schedule, **query)
    found: list[Any] = answer["results"]
    assert answer["previous"] is None
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        found = found + answer["results"]
    return found


def all_back(client: APIClient, schedule: TaskSchedule, **query: Any) -> list[Any]:
    """All pages before the last one, from there to the first, in the order of time."""
    answer = page(client, schedule, **query)
    while answer["next"]:
        answer = client.get(answer["next"]).json()
    found: list[Any] = answer["results"]
    while answer["previous"]:
        answer = client.get(answer["previous"]).json()
        found = answer["results"] + found
    return found


def test_it_tells_the_ledger_and_then_what_the_rule_names(client: APIClient, eventful: TaskSchedule) -> None:
    results = all_of(client, eventful, limit=500)
    assert [datetime.fromisoformat(one["scheduled_for"]) for one in results] == [
        at(n) for n in range(len(results))
    ]
    known = {one.at: one.outcome for one in covered_instants(eventful.id)}
    assert len(known) > 20
    for one in results:
        outcome = known.get(datetime.fromisoformat(one["scheduled_for"]))
        assert outcome in (None, "changed") or one["outcome"] == outcome
    short = dict(shortened(results))
    assert {short[m] for m in (23, 24, 27, 30, 39)} == {"paused"}
    assert (short[40], short[42], short[50]) == ("upcoming", "upcoming", "moved")


def test_it_ends_where_the_last_task_may_be_made(client: APIClient, eventful: TaskSchedule) -> None:
    eventful.refresh_from_db()
    upcoming = [one for one in all_of(client, eventful) if one["outcome"] in ("upcoming", "moved")]
    assert len(upcoming) == eventful.runs_remaining


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_pages_in_both_directions(client: APIClient, eventful: TaskSchedule, limit: int) -> None:
    whole = all_of(client, eventful, limit=500)
    for start, end in SPANS[limit]:
        query = {"start": at(start), "end": at(end)}
        expected = [one for one in whole if _within(one, at(start), at(end))]
        assert all_of(client, eventful, limit=limit, **query) == expected
        assert all_back(client, eventful, limit=limit, **query) == expected


def _within(one: Any, start: datetime, end: datetime) -> bool:
    return start <= datetime.fromisoformat(one["scheduled_for"]) < end


def test_going_back_after_the_limit_was_lowered(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", schedule_x_times=20)
    second = client.get(page(client, schedule, limit=10)["next"]).json()
    put(client, schedule, at(1), run_at=at(100))
    client.patch(f"/task-schedules/{schedule.id}/", {"schedule_x_times": 5})
    expected = [
        (0, "created"),
        (1, "missed"),
        (2, "upcoming"),
        (3, "upcoming"),
        (4, "upcoming"),
        (5, "upcoming"),
    ]
    back = client.get(second["previous"]).json()
    assert shortened(back["results"]) == listed(client, schedule) == expected


def test_links_keep_the_span(client: APIClient, eventful: TaskSchedule) -> None:
    span = {"from": "2027-01-01T12:05:00Z", "to": "2027-01-01T12:09:00Z"}
    answer = client.get(path_of(eventful), {**span, "limit": "2"})
    query = parse_qs(urlsplit(answer.json()["next"]).query)
    assert (query["from"], query["to"]) == ([span["from"]], [span["to"]])
    assert answer["Link"] == f'<{answer.json()["next"]}>; rel="next"'


@pytest.fixture
def endless(new_schedule: NewSchedule, clock: Clock) -> TaskSchedule:
    """A schedule for each second that lies in a pause of a year, and another year of which is one range."""
    schedule = new_schedule(rrule="FREQ=SECONDLY")
    pausing.pause(schedule.id, NOBODY)
    clock.advance(YEAR)
    pausing.resume(schedule.id, NOBODY)
    pausing.pause(schedule.id, NOBODY)
    clock.advance(YEAR)
    return schedule


@pytest.mark.parametrize("days", [200, 365, 2_900_000])
def test_a_page_in_the_middle_of_millions_costs_what_it_holds(
    client: APIClient, endless: TaskSchedule, days: int
) -> None:
    start = NOON + timedelta(days=days, minutes=-5)
    with CaptureQueriesContext(connection) as captured:
        first = page(client, endless, start=start, limit=500)
        second = client.get(first["next"]).json()
        assert client.get(second["previous"]).json()["results"] == first["results"]
    moments = [one["scheduled_for"] for one in first["results"] + second["results"]]
    assert [datetime.fromisoformat(one) for one in moments] == [
        start + timedelta(seconds=n) for n in range(1000)
    ]
    assert len(captured) <= 3 * 4


def test_it_reads_the_rows_of_the_page(client: APIClient, new_schedule: NewSchedule, clock: Clock) -> None:
    empty("occurrence")
    schedule = new_schedule(rrule="FREQ=SECONDLY")
    Occurrence.objects.bulk_create(
        Occurrence(schedule=schedule, scheduled_for=instant, last_scheduled_for=instant, outcome="missed")
        for instant in (NOON + timedelta(seconds=n) for n in range(3_000))
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE occurrence")
    for span in ({"start": at(20)}, {"start": at(20), "end": at(21)}):
        answer = page(client, schedule, limit=10, **span)
        assert {one["outcome"] for one in answer["results"]} == {"missed"}
        back = client.get(answer["next"]).json()["previous"]
        for url in (answer["next"], back):
            readings = readings_of(lambda url=url: client.get(url), "occurrence")  # type: ignore[misc]
            assert readings
            assert sum(reading.rows for reading in readings) < 40, readings


@pytest.mark.parametrize("text", SPARSE[::5])
def test_sparse_rules(client: APIClient, new_schedule: NewSchedule, db: None, text: str) -> None:
    """A page may be short or empty; it comes all the same, and `next` goes on."""
    schedule = new_schedule(cron="0 0 1 1 *")
    TaskSchedule.objects.update(cron=None, rrule=text, starts_at="1970-01-01T00:00:00Z", schedule_x_times=99)
    answer = page(client, schedule, limit=20)
    instants = [one["scheduled_for"] for one in answer["results"]]
    if answer["next"]:
        instants += [one["scheduled_for"] for one in client.get(answer["next"]).json()["results"]]
    assert instants == sorted(set(instants))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"from": "2027-01-01T12:00:00"}, [("from", "invalid_datetime")]),
        ({"to": "tomorrow"}, [("to", "invalid_datetime")]),
        ({"from": "2027-01-02T00:00:00Z", "to": "2027-01-01T00:00:00Z"}, [("to", "too_early")]),
        ({"start": "2027-01-02T00:00:00Z"}, [("start", "unknown_field")]),
        ({"limit": "0"}, [("limit", "min_value")]),
        ({"cursor": "x"}, [("cursor", "invalid_cursor")]),
        ({"cursor": "bgAAAAAAAAAAAAAAAAAAAAA"}, [("cursor", "invalid_cursor")]),
        ({"cursor": "bn__________"}, [("cursor", "invalid_cursor")]),
        ({"cursor": "bgPkMC8aHQP_"}, [("cursor", "invalid_cursor")]),
    ],
)
def test_refusals(
    client: APIClient,
    new_schedule: NewSchedule,
    db: None,
    query: dict[str, str],
    expected: list[tuple[str, str]],
) -> None:
    assert errors(client.get(path_of(new_schedule()), query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"from": "9999-12-31T23:59:59.999999Z"},
        {"from": "0001-01-01T00:00:00Z", "to": "0001-01-01T00:00:01Z"},
        {"from": "2027-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"},
        {"to": "2000-01-01T00:00:00Z"},
    ],
)
def test_spans_without_any(
    client: APIClient, new_schedule: NewSchedule, db: None, query: dict[str, str]
) -> None:
    answer = client.get(path_of(new_schedule(cron="0 0 * * *")), query)
    assert answer.json() == {"results": [], "next": None, "previous": None}


def test_an_unknown_schedule(client: APIClient, db: None) -> None:
    answer = client.get("/task-schedules/01a1f890-cdf7-7648-a082-ae42845e09b1/occurrences/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_ledger_is_told_from_where_it_begins(
    client: APIClient, new_schedule: NewSchedule, clock: Clock
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY", starts_at=(NOON - timedelta(hours=1)).isoformat())
    fill(client, schedule, at(-3), at(-1))
    assert listed(client, schedule, limit=1) == [(0, "created")]
    assert listed(client, schedule, start=at(-5), limit=3) == [
        (-3, "created"),
        (-2, "created"),
        (0, "created"),
    ]
