"""The filters of GET /task-schedules/"""

from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.models import TaskSchedule
from schedules.tests.conftest import NewSchedule
from tasks_api.database import execute
from testing.api import Api
from testing.openapi import Auditor
from testing.plans import empty

pytestmark = pytest.mark.django_db

PATH = "/task-schedules/"


@pytest.fixture
def some(new_schedule: NewSchedule) -> None:
    """Four schedules, known by their names."""
    new_schedule(name="Daily report", cron="@daily", tags=["finance", "report"])
    new_schedule(
        name="100% ÄRGER_", run_at="2100-01-01T00:00:00Z", operation="sleep", arguments={"seconds": 1}
    )
    new_schedule(name="weekly REPORT", cron="@weekly", tags=["report"])
    new_schedule(name="paused report", cron="@daily")
    TaskSchedule.objects.filter(name="paused report").update(status="paused", sweep_at=None)


def names(api: Api, **query: Any) -> list[str]:
    """Of the schedules found, oldest first."""
    answer = api.get(f"{PATH}?{urlencode(query, doseq=True)}")
    assert answer.status == 200, answer.content
    return [one["name"] for one in answer.json["results"]][::-1]


ALL = ["Daily report", "100% ÄRGER_", "weekly REPORT", "paused report"]


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ALL),
        ({"name": "report"}, [ALL[0], ALL[2], ALL[3]]),
        ({"name": "RePort"}, [ALL[0], ALL[2], ALL[3]]),
        ({"name": "%"}, [ALL[1]]),
        ({"name": "_"}, [ALL[1]]),
        ({"name": "ärger"}, [ALL[1]]),
        ({"name": "A\u0308rger"}, [ALL[1]]),
        ({"name": "arger"}, []),
        ({"name": "y R"}, [ALL[0], ALL[2]]),
        ({"name": "report "}, []),
        ({"name": ".*"}, []),
        ({"name": "x" * 200}, []),
        ({"name": "\\"}, []),
        ({"name": "' OR 1=1 --"}, []),
        ({"operation": "sleep"}, [ALL[1]]),
        ({"operation": "add"}, []),
        ({"tag": "report"}, [ALL[0], ALL[2]]),
        ({"tag": "repor"}, []),
        ({"status": "paused"}, [ALL[3]]),
        ({"status": ["paused", "active"]}, ALL),
        ({"due_before": "2099-01-01T00:00:00Z"}, [ALL[0], ALL[2]]),
        ({"due_before": "2100-01-01T00:00:00Z"}, [ALL[0], ALL[2]]),
        ({"due_before": "2100-01-01T00:00:01Z"}, ALL[:3]),
        ({"due_before": "2100-01-01T01:00:01+01:00"}, ALL[:3]),
        ({"due_before": "2099-01-01T00:00:00Z", "status": "paused"}, []),
        ({"name": "report", "tag": "report", "operation": "calculate", "status": "active"}, [ALL[0], ALL[2]]),
        ({"name": "daily", "tag": "report"}, [ALL[0]]),
    ],
)
def test_it_works(auditor: Auditor, query: dict[str, Any], found: list[str]) -> None:
    assert names(auditor, **query) == found


@pytest.mark.parametrize(
    ("query", "where", "code"),
    [
        ("name=", "name", "min_length"),
        ("name=a&name=b", "name", "invalid_type"),
        ("name=%00", "name", "nul_character"),
        ("status=done", "status", "invalid_choice"),
        ("due_before=tomorrow", "due_before", "invalid_datetime"),
        ("due_before=2100-01-01T00:00:00", "due_before", "invalid_datetime"),
        ("priority=9", "priority", "unknown_field"),
    ],
)
def test_it_refuses(auditor: Auditor, query: str, where: str, code: str) -> None:
    assert [error[:2] for error in auditor.get(f"{PATH}?{query}").errors()] == [(where, code)]


def test_a_plus_that_became_a_space(auditor: Auditor) -> None:
    [(_, _, detail)] = auditor.get(f"{PATH}?due_before=2100-01-01T00:00:00+01:00").errors()
    assert "%2B" in detail
    [(_, _, detail)] = auditor.get(f"{PATH}?due_before=2100-01-01%2000:00:00").errors()
    assert "%2B" not in detail


def test_pages_keep_the_filter(
    auditor: Auditor, new_schedule: NewSchedule, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        new_schedule(name=f"report {number}", cron="@daily")
        new_schedule(name=f"other {number}", cron="@daily")
    found: list[str] = []
    url = f"{PATH}?name=REPORT&limit=2"
    while url:
        # The page, and what is known of its future. One that is not full asks the index, too.
        with django_assert_num_queries(2 if len(found) < 4 else 3):
            page = auditor.get(url).json
        found += [one["name"] for one in page["results"]]
        url = (page["next"] or "").removeprefix("http://testserver")
    assert found == [f"report {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("query", "statements"),
    [
        ({}, 2),
        ({"status": "active", "operation": "calculate", "tag": "t"}, 2),
        ({"name": "report", "limit": 2}, 2),
        ({"name": "report"}, 3),
        ({"name": "nothing"}, 2),  # they have no future
        ({"due_before": "2999-01-01T00:00:00Z"}, 3),
        ({"due_before": "2999-01-01T00:00:00Z", "name": "report"}, 3),
        ({"due_before": "2000-01-01T00:00:00Z"}, 1),
    ],
)
def test_statements(
    auditor: Auditor,
    new_schedule: NewSchedule,
    django_assert_num_queries: DjangoAssertNumQueries,
    query: dict[str, Any],
    statements: int,
) -> None:
    for number in range(3):
        new_schedule(name=f"report {number}", cron="@daily", tags=["t"])
    with django_assert_num_queries(statements):
        auditor.get(f"{PATH}?{urlencode(query)}")


def test_pages_forwards_and_back(auditor: Auditor) -> None:
    """Rare or common, found by the index or without it, and both on one page."""
    execute(FILL_SQL, None)
    for name in ("schedule 1234", "schedule 19", "schedule 1", "9"):
        pages: list[list[dict[str, Any]]] = []
        url = f"{PATH}?{urlencode({'name': name})}&limit=4"
        while url and len(pages) < 4:
            page = auditor.get(url).json
            pages.append(page["results"])
            url = (page["next"] or "").removeprefix("http://testserver")
        numbers = [n for n in range(20_000, 0, -1) if name in f"schedule {n}"]
        found = [one["name"] for results in pages for one in results]
        assert found == [f"schedule {n}" for n in numbers[: len(found)]]
        assert len(found) == min(len(numbers), 16)
        for results in pages[-2::-1]:
            page = auditor.get(page["previous"].removeprefix("http://testserver")).json
            assert page["results"] == results
        assert page["previous"] is None


FILL_SQL = """
INSERT INTO task_schedule (id, version, name, cron, timezone, operation, arguments, priority, tags,
                           misfire_policy, overlap_policy, jitter_seconds, dst_gap, dst_fold, status,
                           next_run_at, sweep_at, runs_created)
SELECT uuidv7(n * interval '1 second'), 1, 'schedule ' || n, '@daily', 'UTC', 'calculate', '{}', 5,
       ARRAY['t' || n % 100], 'run_last', 'allow', 0, 'auto', 'auto', 'active', now(), now(), 0
  FROM generate_series(1, 20000) AS n
"""


def test_among_many(auditor: Auditor) -> None:
    empty("task_schedule")
    execute(FILL_SQL, None)
    execute("ANALYZE task_schedule", None)
    assert names(auditor, name="schedule 1999", tag="t9") == []
    assert names(auditor, name="schedule 1999", tag="t99") == ["schedule 1999", "schedule 19999"]
