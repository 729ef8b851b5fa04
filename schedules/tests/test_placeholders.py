"""Placeholders in the arguments of a schedule: checked when it is saved, replaced in each of its tasks."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from operations import catalogue, operation
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.models import Task
from testing.clock import Clock

pytestmark = pytest.mark.django_db

URL = "/task-schedules/"
LIMIT = 262_144


@pytest.fixture(autouse=True)
def report() -> Iterator[None]:
    """An operation that takes a date, and anything."""
    before = dict(catalogue._operations)

    @operation(name="report", idempotent=True, timeout_seconds=30)
    def report(day: date, since: datetime | None = None, title: str = "", body: Any = None) -> None:
        """Report on a day."""

    yield
    catalogue._operations = before


def post(client: APIClient, rule: dict[str, Any] | None = None, **arguments: Any) -> Any:
    arguments = {"day": "{{ scheduled_for:%F }}", **arguments}
    rule = rule or {"cron": "0 9 * * *", "timezone": "Europe/Berlin"}
    return client.post(URL, {"operation": "report", "arguments": arguments, **rule}, format="json")


def errors(answer: Any, status: int = 400) -> list[tuple[str, str, str]]:
    assert answer.status_code == status, answer.json()
    return [(error["pointer"], error["code"], error["detail"]) for error in answer.json()["errors"]]


def test_they_are_stored_as_written(client: APIClient) -> None:
    answer = post(client, title="{{{{ {{ scheduled_for:%j }}", body=[{"x": "{{ previous_scheduled_for }}"}])
    assert answer.status_code == 201, answer.json()
    arguments = {
        "day": "{{ scheduled_for:%F }}",
        "title": "{{{{ {{ scheduled_for:%j }}",
        "body": [{"x": "{{ previous_scheduled_for }}"}],
    }
    assert answer.json()["arguments"] == arguments
    assert client.get(answer["Location"]).json()["arguments"] == arguments
    patched = client.patch(answer["Location"], {"priority": 9}, format="json")
    assert (patched.status_code, patched.json()["arguments"]) == (200, arguments)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ now }}", "unknown_placeholder"),
        ("{{ scheduled_for", "unclosed_placeholder"),
        ("{{ scheduled_for:%B }}", "unknown_directive"),
        ("{{ scheduled_for:YYYY }}", "missing_directive"),
    ],
)
def test_a_fault_is_told_where_it_is(client: APIClient, text: str, code: str) -> None:
    [error] = errors(post(client, body=[{"a/b": text}]))
    assert error[:2] == ("#/arguments/body/0/a~1b", code)
    assert "must " in error[2]
    assert ", got " in error[2]
    assert not TaskSchedule.objects.exists()


def test_every_fault_is_told(client: APIClient) -> None:
    found = errors(post(client, title="{{ x }}", body={"y": "{{ scheduled_for:% }}"}))
    assert [where for where, *_ in found] == ["#/arguments/title", "#/arguments/body/y"]


def test_what_they_become_must_be_what_the_operation_takes(client: APIClient) -> None:
    [error] = errors(post(client, day="{{ scheduled_for:%d.%m.%Y }}"))
    assert error == (
        "#/arguments/day",
        "invalid_date",
        'must be a date such as 2026-03-29, got the text "23.12.2031" from "{{ scheduled_for:%d.%m.%Y }}"',
    )


def test_arguments_beside_them_are_checked_as_ever(client: APIClient) -> None:
    found = errors(post(client, since="{{ scheduled_for }}", title=7, extra=1))
    assert [(where, code) for where, code, _ in found] == [
        ("#/arguments/title", "invalid_type"),
        ("#/arguments/extra", "unknown_field"),
    ]


def test_a_number_that_is_none_on_some_days_is_refused(client: APIClient) -> None:
    body = {"operation": "calculate", "arguments": {"expression": "1 + {{ scheduled_for:%d }}"}}
    [error] = errors(client.post(URL, {**body, "cron": "@daily"}, format="json"))
    assert error[0] == "#/arguments/expression"
    assert re.fullmatch(r'unexpected .* in "1 \+ 0\d" from "1 \+ \{\{ scheduled_for:%d }}"', error[2])
    body["arguments"] = {"expression": "1 + {{ scheduled_for:%u }}"}
    assert client.post(URL, {**body, "cron": "@daily"}, format="json").status_code == 201


FIRST = [
    {"every_x_days": 1},
    {"cron": "@daily", "starts_at": "2030-01-01T00:00:00Z"},
    {"rrule": "FREQ=DAILY"},
    {"run_at": "2030-01-01T00:00:00Z"},
]
LAST = [
    {"cron": "@daily", "ends_at": "2030-01-01T00:00:00Z"},
    {"rrule": "FREQ=DAILY;COUNT=3"},
    {"rrule": "FREQ=DAILY;UNTIL=20300101T000000Z"},
    {"run_at": "2030-01-01T00:00:00Z"},
]


@pytest.mark.parametrize(
    ("name", "rule"),
    [*(("previous_scheduled_for", rule) for rule in FIRST), *(("next_scheduled_for", rule) for rule in LAST)],
)
def test_where_there_may_be_no_moment_null_must_be_taken(
    client: APIClient, name: str, rule: dict[str, Any]
) -> None:
    text = f"{{{{ {name} }}}}"
    [error] = errors(post(client, rule, title=text))
    assert error == ("#/arguments/title", "invalid_type", f'must be text, got null from "{text}"')
    assert post(client, rule, since=text, title=f"{text}.").status_code == 201


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("previous_scheduled_for", {"cron": "@daily", "ends_at": "2030-01-01T00:00:00Z"}),
        ("next_scheduled_for", {"cron": "@daily", "starts_at": "2030-01-01T00:00:00Z"}),
        ("next_scheduled_for", {"every_x_hours": 1}),
        ("next_scheduled_for", {"rrule": "FREQ=DAILY"}),
    ],
)
def test_where_there_always_is_one_null_need_not_be_taken(
    client: APIClient, name: str, rule: dict[str, Any]
) -> None:
    assert post(client, rule, title=f"{{{{ {name} }}}}").status_code == 201


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("{{scheduled_for}}", 10_000),  # 200 kB as written
        ("{{" + " " * 40 + "scheduled_for:%u}}", 5_000),  # 20 kB when replaced
    ],
)
def test_what_is_stored_and_the_largest_that_it_becomes_must_fit(
    client: APIClient, text: str, count: int
) -> None:
    [error] = errors(post(client, body=[text] * count), 413)
    assert error[:2] == ("#/arguments", "too_large")
    assert re.fullmatch(rf"must have at most {LIMIT} bytes as JSON, got up to \d{{6}} .*", error[2])
    answer = post(client, body=[text] * (count * 4 // 5))
    assert answer.status_code == 201, answer.json()


def test_a_patch_is_checked(client: APIClient, new_schedule: NewSchedule) -> None:
    url = f"{URL}{new_schedule(cron='@daily').id}/"
    [error] = errors(client.patch(url, {"arguments": {"expression": "{{ scheduled_for }}"}}, format="json"))
    assert error[:2] == ("#/arguments/expression", "invalid_expression")
    arguments = {"expression": "{{ scheduled_for:%Y }} % 4"}
    patched = client.patch(url, {"arguments": arguments}, format="json")
    assert (patched.status_code, patched.json()["arguments"]) == (200, arguments)


def test_a_patch_of_the_rule_is_checked_against_the_arguments(client: APIClient) -> None:
    answer = post(client, title="{{ next_scheduled_for }}")
    assert answer.status_code == 201
    [error] = errors(client.patch(answer["Location"], {"ends_at": "2030-01-01T00:00:00Z"}, format="json"))
    assert error[0] == "#/arguments/title"


def test_a_rule_at_fault_is_told(client: APIClient) -> None:
    [error] = errors(post(client, {"cron": "nonsense"}))
    assert error[0] == "#/cron"


def test_each_task_has_its_own_date_in_the_zone_of_the_schedule(
    clock: Clock, new_schedule: NewSchedule
) -> None:
    """On 29 March 2026 the clocks of Berlin go forward."""
    clock.set(datetime(2026, 3, 28, tzinfo=UTC))
    schedule = new_schedule(
        operation="report",
        arguments={
            "day": "{{ scheduled_for:%F }}",
            "since": "{{ previous_scheduled_for }}",
            "title": "{{{{ until {{ next_scheduled_for:%H:%M %Z }}",
            "body": ["{{ scheduled_for }}", 1],
        },
        cron="0 9 * * *",
        timezone="Europe/Berlin",
        ends_at="2026-03-29T08:00:00Z",
    )
    for day, hour in ((28, 8), (29, 7)):
        clock.set(datetime(2026, 3, day, hour, 0, 1, tzinfo=UTC))
        Sweeper().sweep()
    tasks = Task.objects.filter(schedule_id=schedule.id).order_by("scheduled_for")
    assert [task.arguments for task in tasks] == [
        {
            "day": "2026-03-28",
            "since": "2026-03-27T09:00:00+01:00",
            "title": "{{ until 09:00 CEST",
            "body": ["2026-03-28T09:00:00+01:00", 1],
        },
        {
            "day": "2026-03-29",
            "since": "2026-03-28T09:00:00+01:00",
            "title": "{{ until ",
            "body": ["2026-03-29T09:00:00+02:00", 1],
        },
    ]
    for task in tasks:
        catalogue.get("report").validate(task.arguments)
