"""POST /task-schedules/"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from schedules.models import TaskSchedule

pytestmark = pytest.mark.django_db

URL = "/task-schedules/"


def post(client: APIClient, **body: Any) -> Any:
    return client.post(URL, {"operation": "1+1", **body}, format="json")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_it_works(client: APIClient) -> None:
    answer = post(
        client, name="last Friday", cron="0 9 * * 5L", timezone="Europe/Berlin", priority=9, tags=["report"]
    )
    assert answer.status_code == 201
    body = answer.json()
    assert answer["Location"].endswith(f"/task-schedules/{body['id']}/")
    assert answer["ETag"] == '"v1"'
    assert (body["operation"], body["arguments"]) == ("calculate", {"expression": "1+1"})
    assert (body["status"], body["runs_created"], body["runs_remaining"]) == ("active", 0, None)
    assert (body["misfire_policy"], body["timezone"], body["last_run_at"]) == (
        "run_last",
        "Europe/Berlin",
        None,
    )
    assert body["upcoming"][0]["at"] == body["next_run_at"]
    locals_ = [datetime.fromisoformat(each["local"]) for each in body["upcoming"]]
    assert len(locals_) == 5
    assert {(each.isoweekday(), each.hour, each.minute) for each in locals_} == {(5, 9, 0)}
    assert all(earlier < later for earlier, later in pairwise(locals_))
    assert client.get(answer["Location"]).json() == body


@pytest.mark.parametrize(
    "rule",
    [
        {"every_x_days": 2},
        {"every_x_hours": 3},
        {"every_x_days": 1, "every_x_hours": 12},
        {"every_x_minutes": 5},
        {"every_x_seconds": 1},
        {"every_x_days": 1, "every_x_hours": 2, "every_x_minutes": 3, "every_x_seconds": 4},
        {"cron": "*/5 * * * *"},
        {"cron": "@daily"},
        {"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1"},
        {"rrule": "DTSTART;TZID=Europe/Berlin:20260101T090000\nRRULE:FREQ=DAILY"},
        {"run_at": "2100-01-01T00:00:00+01:00"},
    ],
)
def test_each_kind_of_rule(client: APIClient, rule: dict[str, Any]) -> None:
    answer = post(client, **rule)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["next_run_at"] == answer.json()["upcoming"][0]["at"]


def test_a_new_interval_runs_at_once(client: APIClient) -> None:
    body = post(client, every_x_hours=1).json()
    created = instant(body["created_at"])
    assert created <= instant(body["next_run_at"]) < created + timedelta(seconds=1)
    assert body["starts_at"] == body["next_run_at"]


def test_a_start_in_the_past_is_only_a_phase(client: APIClient) -> None:
    body = post(client, every_x_days=1, starts_at="2020-01-01T12:34:56Z").json()
    assert body["starts_at"] == "2020-01-01T12:34:56Z"
    upcoming = instant(body["next_run_at"])
    assert upcoming > datetime.now(UTC)
    assert (upcoming.hour, upcoming.minute, upcoming.second) == (12, 34, 56)


def test_intervals_add_up(client: APIClient) -> None:
    given = {"every_x_days": 1, "every_x_hours": 2, "every_x_minutes": 3, "every_x_seconds": 4}
    body = post(client, **given, starts_at="2100-01-01T00:00:00Z").json()
    assert {name: body[name] for name in given} == given
    assert [each["at"] for each in body["upcoming"][:3]] == [
        "2100-01-01T00:00:00Z",
        "2100-01-02T02:03:04Z",
        "2100-01-03T04:06:08Z",
    ]


def test_days_keep_the_time_on_the_wall(client: APIClient) -> None:
    body = post(
        client, every_x_days=1, starts_at="2099-03-27T09:00:00+01:00", timezone="Europe/Berlin"
    ).json()
    assert [each["local"] for each in body["upcoming"][:4]] == [
        "2099-03-27T09:00:00+01:00",
        "2099-03-28T09:00:00+01:00",
        "2099-03-29T09:00:00+02:00",
        "2099-03-30T09:00:00+02:00",
    ]


def test_once_runs_once(client: APIClient) -> None:
    body = post(client, run_at="2100-01-01T00:00:00Z").json()
    assert (body["schedule_x_times"], body["runs_remaining"]) == (1, 1)
    assert [each["at"] for each in body["upcoming"]] == ["2100-01-01T00:00:00Z"]


def test_upcoming_tells_no_more_than_remain(client: APIClient) -> None:
    assert len(post(client, cron="0 * * * *", schedule_x_times=2).json()["upcoming"]) == 2


def test_null_is_the_default(client: APIClient) -> None:
    answer = post(
        client, cron="0 0 * * *", priority=None, misfire_policy=None, timezone=None, name=None, rrule=None
    )
    assert answer.status_code == 201
    assert (answer.json()["priority"], answer.json()["misfire_policy"], answer.json()["timezone"]) == (
        5,
        "run_last",
        "UTC",
    )


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "#", "required"),
        ({"cron": "* * * * *", "every_x_days": 1}, "#/cron", "conflict"),
        ({"cron": "* * * * * *"}, "#/cron", "invalid_cron"),
        ({"cron": "0 0 30 2 *"}, "#/cron", "never_matches"),
        ({"cron": 5}, "#/cron", "invalid_type"),
        ({"rrule": "FREQ=SOMETIMES"}, "#/rrule", "invalid_rrule"),
        ({"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "#/rrule", "never_matches"),
        ({"every_x_days": 0}, "#/every_x_days", "min_value"),
        ({"every_x_days": "2"}, "#/every_x_days", "invalid_type"),
        ({"every_x_hours": True}, "#/every_x_hours", "invalid_type"),
        ({"every_x_minutes": 0}, "#/every_x_minutes", "min_value"),
        ({"every_x_seconds": 0.5}, "#/every_x_seconds", "invalid_type"),
        ({"run_at": "2100-01-01T00:00:00Z", "every_x_seconds": 5}, "#/run_at", "conflict"),
        ({"run_at": "2020-01-01T00:00:00Z"}, "#/run_at", "no_future_instant"),
        ({"run_at": "2100-01-01T00:00:00"}, "#/run_at", "invalid_datetime"),
        ({"cron": "0 0 * * *", "ends_at": "2020-01-01T00:00:00Z"}, "#/ends_at", "no_future_instant"),
        ({"cron": "0 0 * * *", "timezone": "Mars/Olympus"}, "#/timezone", "unknown_timezone"),
        ({"cron": "0 0 * * *", "misfire_policy": "never"}, "#/misfire_policy", "invalid_choice"),
        ({"cron": "0 0 * * *", "overlap_policy": "never"}, "#/overlap_policy", "invalid_choice"),
        ({"cron": "0 0 * * *", "jitter_seconds": -1}, "#/jitter_seconds", "min_value"),
        ({"cron": "* * * * *", "jitter_seconds": 60}, "#/jitter_seconds", "max_value"),
        ({"cron": "0 0 * * *", "dst_gap": "first"}, "#/dst_gap", "invalid_choice"),
        ({"cron": "0 0 * * *", "dst_fold": "skip"}, "#/dst_fold", "invalid_choice"),
        ({"cron": "0 0 * * *", "corn": 1}, "#/corn", "unknown_field"),
        ({"cron": "0 0 * * *", "schedule_x_times": 0}, "#/schedule_x_times", "min_value"),
        ({"cron": "0 0 * * *", "priority": 12}, "#/priority", "max_value"),
        (
            {"cron": "0 0 * * *", "operation": "calculate", "arguments": {"expression": "1+"}},
            "#/arguments/expression",
            "invalid_expression",
        ),
        ({"cron": "0 0 * * *", "operation": "calculat"}, "#/operation", "unknown_operation"),
    ],
)
def test_it_refuses(client: APIClient, body: dict[str, Any], pointer: str, code: str) -> None:
    answer = post(client, **body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert not TaskSchedule.objects.exists()


def test_what_is_to_come_may_be_said_with_its_only_value(client: APIClient) -> None:
    assert post(client, cron="0 0 * * *", overlap_policy="allow", jitter_seconds=0).status_code == 201


@pytest.mark.parametrize(
    ("choice", "local"),
    [
        ({}, "2099-03-29T03:00:00+02:00"),
        ({"dst_gap": None, "dst_fold": None}, "2099-03-29T03:00:00+02:00"),
        ({"dst_gap": "shift"}, "2099-03-29T03:30:00+02:00"),
        ({"dst_gap": "skip", "dst_fold": "both"}, "2099-03-30T02:30:00+02:00"),
    ],
)
def test_what_a_clock_change_skips_goes_where_the_user_says(
    client: APIClient, choice: dict[str, Any], local: str
) -> None:
    body = post(
        client, cron="30 2 * * *", timezone="Europe/Berlin", starts_at="2099-03-29T00:00:00Z", **choice
    ).json()
    assert body["upcoming"][0]["local"] == local
    assert body["dst_gap"] == (choice.get("dst_gap") or "auto")
    assert body["dst_fold"] == (choice.get("dst_fold") or "auto")
    assert TaskSchedule.objects.get().spec.dst_gap == body["dst_gap"]


REFUSED_IN_WORDS = [
    (
        {"run_at": "2020-01-01T00:00:00.5Z"},
        r"must be in the future, got 2020-01-01T00:00:00.500000Z; now it is 2\S+Z",
    ),
    (
        {"run_at": "2100-01-01T00:00:00Z", "starts_at": "2101-01-01T00:00:00+01:00"},
        "must not be before starts_at, 2100-12-31T23:00:00Z, got 2100-01-01T00:00:00Z",
    ),
    (
        {"cron": "@daily", "ends_at": "2020-01-01T00:00:00Z", "starts_at": "2100-01-01T00:00:00Z"},
        "must not be before starts_at, 2100-01-01T00:00:00Z, got 2020-01-01T00:00:00Z",
    ),
    ({"run_at": "9999-12-31T23:59:59Z"}, "is too far away, got 9999-12-31T23:59:59Z"),
    ({"cron": "@daily", "starts_at": "9999-12-31T23:59:59Z"}, "is too far away, got 9999-12-31T23:59:59Z"),
    ({"cron": "@daily", "starts_at": "0001-01-01T00:00:00Z"}, "is too far away, got 0001-01-01T00:00:00Z"),
    ({"every_x_hours": 2_000_000_001}, "must be at most 2,000,000,000, got 2,000,000,001"),
    ({"every_x_seconds": 2_000_000_001}, "must be at most 2,000,000,000, got 2,000,000,001"),
    (
        {"cron": "*/5 * * * *", "jitter_seconds": 300.5},
        "must be less than the shortest interval, 300 seconds, got 300.5",
    ),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED_IN_WORDS)
def test_a_refusal_names_what_was_expected_and_what_came(
    client: APIClient, fields: dict[str, Any], words: str
) -> None:
    [error] = post(client, **fields).json()["errors"]
    assert re.fullmatch(words, error["detail"])


def test_a_name_is_one_line_in_one_form(client: APIClient) -> None:
    for name in ("a\nb", "\x7f", "tab\t"):
        [error] = post(client, name=name, cron="@daily").json()["errors"]
        assert (error["pointer"], error["code"]) == ("#/name", "control_character")
    assert post(client, name="cafe\u0301", cron="@daily").json()["name"] == "caf\u00e9"


def test_a_name_is_unique(client: APIClient) -> None:
    assert post(client, name="one", cron="0 0 * * *").status_code == 201
    answer = post(client, name="one", cron="0 1 * * *")
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == "#/name"
    assert TaskSchedule.objects.count() == 1


def test_no_schedule_is_ever_seen_without_its_next_instant(client: APIClient) -> None:
    """It is computed and written in the very statement that creates it, or that an edit ends with."""

    def writes(send: Callable[[], Any]) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            answer = send()
        assert answer.status_code < 300
        return [query["sql"] for query in queries if re.match("INSERT|UPDATE", query["sql"])]

    insert, of_insert = writes(lambda: post(client, name="n", cron="@daily"))
    path = f"{URL}{TaskSchedule.objects.get().id}/"
    update, of_update = writes(lambda: client.patch(path, {"cron": "@hourly"}, format="json"))
    assert insert.startswith('INSERT INTO "task_schedule"')
    assert update.startswith('UPDATE "task_schedule"')
    assert of_insert.startswith('INSERT INTO "audit_event"')
    assert of_update.startswith('INSERT INTO "audit_event"')
    assert '"next_run_at"' in insert
    assert '"next_run_at"' in update
