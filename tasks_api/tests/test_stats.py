"""`GET /stats/`: what ended in a period and what is so now, in the caller's project."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api.database import execute
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task
from tasks_api.roll_up import present
from tasks_api.roll_up.rolling import roll_up
from tasks_api.roll_up.thinning import thin_out
from testing.actors import OURS, THEIRS, acting_as
from testing.api import Api
from testing.clock import Clock
from testing.factories import make_node, make_task
from testing.openapi import Auditor

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
NOT_COUNTED = {"count": 0, "mean": None, "p50": None, "p95": None, "p99": None}


@pytest.fixture
def noon(clock: Clock) -> Clock:
    clock.set(NOON)
    return clock


def ended(seconds_ago: float, status: Status = Status.SUCCESS, **changes: Any) -> Task:
    """One that began four seconds late and ran for two, by the time at noon."""
    at = NOON - seconds_ago * SECOND
    times = {"created_at": at - 9 * SECOND, "run_at": at - 6 * SECOND, "started_at": at - 2 * SECOND}
    return make_task(status, finished_at=at, **{**times, **changes})


def test_what_ended_in_all_and_in_each_part(noon: Clock, auditor: Auditor) -> None:
    for seconds, status in (
        (1, Status.SUCCESS),
        (2, Status.SUCCESS),
        (70, Status.FAILURE),
        (80, Status.REVOKED),
    ):
        ended(seconds, status)
    ended(70, Status.REVOKED, cancel_requested_at=NOON, run_at=NOON)
    roll_up()
    found = auditor.get("/stats/?from=2026-03-29T11:57:30Z&bucket_seconds=60").json
    assert (found["from"], found["to"]) == ("2026-03-29T11:57:00Z", "2026-03-29T12:00:00Z")
    assert (found["bucket_seconds"], found["rolled_up_to"]) == (60, "2026-03-29T12:00:00Z")
    whole, parts = found["totals"], found["series"]
    assert [part["at"] for part in parts] == [f"2026-03-29T11:{minute}:00Z" for minute in (57, 58, 59)]
    outcomes = ("count", "success", "failure", "cancelled", "expired")
    assert [[part[name] for name in outcomes] for part in (whole, *parts)] == [
        [5, 2, 1, 1, 1],
        [0, 0, 0, 0, 0],
        [3, 0, 1, 1, 1],
        [2, 2, 0, 0, 0],
    ]
    assert (whole["per_second"], parts[2]["per_second"]) == (round(5 / 180, 6), round(2 / 60, 6))
    assert (whole["failure_ratio"], parts[0]["failure_ratio"]) == (round(1 / 3, 6), None)
    assert parts[0]["running_seconds"] == NOT_COUNTED
    assert (parts[2]["lateness_seconds"]["count"], parts[2]["lateness_seconds"]["mean"]) == (2, 4)
    assert (parts[2]["waiting_seconds"]["mean"], parts[2]["running_seconds"]["mean"]) == (7, 2)
    assert 2.5 < parts[2]["lateness_seconds"]["p50"] <= parts[2]["lateness_seconds"]["p99"] <= 5


def test_where_there_is_nothing(auditor: Auditor) -> None:
    found = auditor.get("/stats/").json
    assert (found["rolled_up_to"], found["totals"]["count"]) == (None, 0)
    assert found["now"]["tasks"]["PENDING"] == {"count": 0, "exact": True}
    assert found["now"]["oldest_due_seconds"] is None
    assert found["now"]["slots"] == {"total": 0, "workers": 0}
    assert 97 <= len(found["series"]) <= 98


def test_what_is_so_now(noon: Clock, auditor: Auditor) -> None:
    make_node(Role.WORKER, slots=4, beat_at=NOON)
    make_node(Role.WORKER, slots=4, beat_at=NOON - 60 * SECOND)
    make_task(Status.STARTED)
    make_task(run_at=NOON + 60 * SECOND, dispatch_at=NOON + 60 * SECOND, dispatch_count=0)
    for seconds in (5, 7):
        make_task(Status.RETRY, run_at=NOON - seconds * SECOND, dispatch_at=NOON - seconds * SECOND)
    found = auditor.get("/stats/").json["now"]
    assert {name: each["count"] for name, each in found["tasks"].items() if each["count"]} == {
        "STARTED": 1,
        "PENDING": 1,
        "RETRY": 2,
    }
    assert found["oldest_due_seconds"] == 7
    assert found["slots"] == {"total": 4, "workers": 1}


@pytest.mark.parametrize(
    "waits",
    [
        pytest.param(("-infinity", 0), id="for room in the broker"),
        pytest.param((NOON + 5 * SECOND, 1), id="in the broker"),
        pytest.param((NOON - SECOND, 0), id="for the sweep"),
    ],
)
def test_the_oldest_that_is_due_wherever_it_waits(
    noon: Clock, api: Api, monkeypatch: Any, waits: Any
) -> None:
    """Though many that are not due are older than it."""
    for _ in range(3):
        make_task(run_at=NOON + 60 * SECOND, dispatch_at=NOON + 60 * SECOND, dispatch_count=0)
    due = make_task(run_at=NOON - 3 * SECOND)
    execute("UPDATE task SET dispatch_at = %s, dispatch_count = %s WHERE id = %s", [*waits, due.id])
    assert api.get("/stats/").json["now"]["oldest_due_seconds"] == 3


def test_beyond_what_is_counted_it_tells_at_least_how_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"LIMIT {present.MOST_COUNTED + 1}" in present.COUNT_SQL[False]
    few = {
        key: sql.replace(f"LIMIT {present.MOST_COUNTED + 1}", "LIMIT 3")
        for key, sql in present.COUNT_SQL.items()
    }
    monkeypatch.setattr(present, "COUNT_SQL", few)
    monkeypatch.setattr(present, "MOST_COUNTED", 2)
    for operation in ("sleep", "sleep", "calculate"):
        make_task(operation=operation)
    pending = "/stats/?operation=sleep", "/stats/"
    assert [api.get(path).json["now"]["tasks"]["PENDING"] for path in pending] == [
        {"count": 2, "exact": False},
        {"count": 2, "exact": False},
    ]
    assert api.get("/stats/").json["now"]["tasks"]["STARTED"] == {"count": 0, "exact": True}


def test_of_one_operation(noon: Clock, api: Api) -> None:
    ended(1)
    ended(1, operation="sleep")
    make_task(operation="sleep", run_at=NOON - 5 * SECOND)
    make_task(run_at=NOON - 50 * SECOND)
    roll_up()
    found = api.get("/stats/?operation=sleep").json
    assert found["totals"]["count"] == 1
    assert found["now"]["tasks"]["PENDING"] == {"count": 1, "exact": True}
    assert found["now"]["oldest_due_seconds"] == 5


def test_nobody_sees_anything_of_another_project(noon: Clock, api: Api) -> None:
    for _ in range(2):
        ended(1, project_id=OURS.project_id)
    make_task(run_at=NOON - 5 * SECOND, project_id=OURS.project_id)
    ended(1, project_id=THEIRS.project_id)
    roll_up()
    with acting_as(OURS):
        ours = api.get("/stats/").json
    with acting_as(THEIRS):
        theirs = api.get("/stats/").json
        api.get("/stats/?operation=of_ours").problem(400, "invalid_input")
    assert (ours["totals"]["count"], theirs["totals"]["count"]) == (2, 1)
    assert (ours["now"]["oldest_due_seconds"], theirs["now"]["oldest_due_seconds"]) == (5, None)
    assert (ours["now"]["tasks"]["PENDING"]["count"], theirs["now"]["tasks"]["PENDING"]["count"]) == (1, 0)


def test_what_is_old_is_known_by_hours(noon: Clock, api: Api) -> None:
    for seconds in (8 * 86_400 + 70, 8 * 86_400 + 1, 1):
        ended(seconds)
    roll_up()
    noon.advance(timedelta(hours=2))
    for _ in range(3):
        roll_up()
    assert thin_out() == 1
    assert thin_out() == 0
    assert api.get("/stats/?bucket_seconds=300").json["bucket_seconds"] == 300
    path = "/stats/?from=2026-03-21T10:30:00Z&to=2026-03-21T12:10:00Z&bucket_seconds=300"
    found = api.get(path).json
    assert (found["bucket_seconds"], found["totals"]["count"]) == (3_600, 2)
    assert [(part["at"][11:16], part["count"]) for part in found["series"]] == [
        ("10:00", 0),
        ("11:00", 2),
        ("12:00", 0),
    ]
    assert found["totals"]["lateness_seconds"]["mean"] == 4


def test_hours_go_when_they_are_very_old(noon: Clock, settings: Any) -> None:
    for seconds in (8 * 86_400, 1):
        ended(seconds)
    roll_up()
    settings.RETENTION_STATS_DAYS = 5
    assert thin_out() == 1
    assert thin_out() == 0


@pytest.mark.parametrize(
    ("query", "where", "code", "detail"),
    [
        ("from=2026-03-29T12:00:01Z", "from", "too_late", "in the past, got 2026-03-29T12:00:01Z"),
        ("from=2026-03-29T11:00:00Z&to=2026-03-29T11:00:00Z", "to", "too_early", "must be after from"),
        ("from=1999-12-31T00:00:00Z", "from", "too_early", "2000-01-01T00:00:00Z"),
        ("to=0001-01-01T00:00:00Z", "to", "too_early", "2000-01-01T00:00:00Z"),
        ("from=2026-03-29T11:00:00", "from", "invalid_datetime", "offset"),
        ("bucket_seconds=90", "bucket_seconds", "multiple_of", "90"),
        ("bucket_seconds=0", "bucket_seconds", "min_value", "60"),
        ("from=2026-03-27T12:00:00Z&bucket_seconds=60", "bucket_seconds", "too_many", "at least 120"),
        ("operation=nonsense", "operation", "unknown_operation", "GET /operations/"),
        ("colour=red", "colour", "unknown_field", "bucket_seconds, from, operation, to"),
    ],
)
def test_refusals(noon: Clock, api: Api, query: str, where: str, code: str, detail: str) -> None:
    [(found_where, found_code, found_detail)] = api.get(f"/stats/?{query}").errors()
    assert (found_where, found_code) == (where, code)
    assert detail in found_detail


def test_the_longest_period_there_is(noon: Clock, api: Api) -> None:
    found = api.get("/stats/?from=2000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z").json
    assert len(found["series"]) <= 101
    assert found["to"] > "2026-03-29"


def test_the_most_parts_there_are(noon: Clock, api: Api) -> None:
    path = "/stats/?from=2026-03-28T11:02:30Z&to=2026-03-29T12:00:00Z&bucket_seconds=60"
    assert 1_490 < len(api.get(path).json["series"]) <= 1_500


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    # how far the roll-up is; what ended; what there is; the oldest that is due; slots
    with django_assert_num_queries(5):
        api.get("/stats/")


def test_what_it_shows_has_no_word_of_any_task(noon: Clock, api: Api) -> None:
    for status in Status:
        make_task(
            status,
            arguments={"expression": "a secret"},
            error={"type": "secret"},
            result="secret",
            tags=["secret"],
        )
    roll_up()
    assert b"secret" not in api.get("/stats/").content


def test_a_day_is_the_default(api: Api) -> None:
    assert api.get("/stats/").json["bucket_seconds"] == 900
