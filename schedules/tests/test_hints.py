"""Suggestions for unknown fields lead where was meant, or there is none."""

from typing import Any

import pytest

from schedules.api.forms import ScheduleBody
from tasks_api.api.other_words import OF_SCHEDULES, OF_TASKS
from tasks_api.api.tasks import TaskBody
from testing.api import Api
from values.wording import nearest

pytestmark = pytest.mark.django_db

TASK = {"operation": "4+7"}
SCHEDULE = {"operation": "4+7", "cron": "@daily"}


def hint(api: Api, path: str, body: dict[str, Any], name: str) -> str:
    [(where, code, detail)] = api.post(path, {**body, name: 1}).errors()
    assert (where, code) == (f"#/{name}", "unknown_field")
    return detail.removeprefix("is not a known field").removeprefix("; ")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("delay", "delay_seconds"),
        ("countdown", "delay_seconds"),
        ("kwargs", "arguments"),
        ("Args", "arguments"),
        ("op", "operation"),
        ("eta", "run_at"),
        ("runAt", "run_at"),
        ("max-attempts", "max_attempts"),
        ("timeout", "timeout_seconds"),
        ("piority", "priority"),
        ("attempts", "max_attempts"),
        ("expires_after_seconds", "expires_at"),
    ],
)
def test_in_a_task(api: Api, name: str, meant: str) -> None:
    assert hint(api, "/tasks/", TASK, name) == f'did you mean "{meant}"?'


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("op", "operation"),
        ("kwargs", "arguments"),
        ("schedule", "cron"),
        ("tz", "timezone"),
        ("start_at", "starts_at"),
        ("every_x_day", "every_x_days"),
        ("jitter", "jitter_seconds"),
        ("maxRuns", "schedule_x_times"),
        ("max_runs", "schedule_x_times"),
    ],
)
def test_in_a_schedule(api: Api, name: str, meant: str) -> None:
    assert hint(api, "/task-schedules/", SCHEDULE, name) == f'did you mean "{meant}"?'


@pytest.mark.parametrize("name", ["enabled", "is_active", "pause", "paused"])
def test_where_no_field_is_meant_it_is_told_what_to_do(api: Api, name: str) -> None:
    text = hint(api, "/task-schedules/", SCHEDULE, name)
    assert text == "POST /task-schedules/{id}/pause/ and /resume/ change that"


def test_a_word_for_once_alone_leads_to_both_ways(api: Api) -> None:
    text = hint(api, "/task-schedules/", SCHEDULE, "one_off")
    assert text == "write run_at, or schedule_x_times with 1"


def test_what_belongs_elsewhere(api: Api) -> None:
    assert hint(api, "/tasks/", TASK, "cron") == "POST /task-schedules/ takes rules and what belongs to them"
    assert "POST /tasks/" in hint(api, "/task-schedules/", SCHEDULE, "delay_seconds")


@pytest.mark.parametrize("name", ["queue", "id", "x", "retry_seconds", "description", "result", "z" * 10_000])
def test_rather_none_than_a_wrong_one(api: Api, name: str) -> None:
    assert nearest(name, TaskBody.model_fields) is None
    assert nearest(name, ScheduleBody.model_fields) is None


@pytest.mark.parametrize(("words", "form"), [(OF_TASKS, TaskBody), (OF_SCHEDULES, ScheduleBody)])
def test_no_word_is_a_field_and_what_looks_like_one_is(words: dict[str, str], form: type[TaskBody]) -> None:
    assert not words.keys() & form.model_fields.keys()
    assert all(" " in meant or meant in form.model_fields for meant in words.values())
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("send_mail", "send_email"), ("email", "send_email"), ("http", "http_request"), ("request", "http_request"),
        ("total", "shop.total"), ("calc", "calculate"), ("slep", "sleep"), ("print", None), ("run", None),
    ],
)  # fmt: skip
def test_operations(name: str, meant: str | None) -> None:
    known = [
        "calculate",
        "http_request",
        "run_command",
        "run_task",
        "send_email",
        "shop.total",
        "sleep",
        "sum",
    ]
    assert nearest(name, known) == meant
