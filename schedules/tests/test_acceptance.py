"""Schedules on a real stack: each instant becomes a task, at its time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from testing.stack import Stack

pytestmark = pytest.mark.acceptance


def create(stack: Stack, **body: Any) -> dict[str, Any]:
    answer = stack.http.post("/task-schedules/", json={"operation": "1+1", **body})
    assert answer.status_code == 201, answer.text
    schedule: dict[str, Any] = answer.json()
    return schedule


def tasks(stack: Stack, schedule: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.http.get("/tasks/", params={"schedule": schedule["id"]}).json()[
        "results"
    ]
    return found


def test_a_rule_makes_exactly_its_tasks_at_its_instants(stack: Stack) -> None:
    schedule = create(stack, rrule="FREQ=SECONDLY;INTERVAL=2;COUNT=3", misfire_policy="run_all")
    first = datetime.fromisoformat(schedule["starts_at"])

    def is_done() -> bool:
        status = stack.http.get(f"/task-schedules/{schedule['id']}/").json()["status"]
        return status == "completed" and all(task["status"] == "SUCCESS" for task in tasks(stack, schedule))

    stack.wait_until(is_done)
    made = sorted(datetime.fromisoformat(task["scheduled_for"]) for task in tasks(stack, schedule))
    assert made == [first, first + timedelta(seconds=2), first + timedelta(seconds=4)]
    for task in tasks(stack, schedule):
        assert datetime.fromisoformat(task["started_at"]) >= datetime.fromisoformat(task["scheduled_for"])


def test_a_new_interval_runs_at_once(stack: Stack) -> None:
    schedule = create(stack, every_x_hours=1)
    stack.wait_until(lambda: [task["status"] for task in tasks(stack, schedule)] == ["SUCCESS"])
    answer = stack.http.get(f"/task-schedules/{schedule['id']}/").json()
    assert (answer["runs_created"], answer["last_run_at"]) == (1, schedule["starts_at"])


def test_once_is_once(stack: Stack) -> None:
    soon = stack.psql("SELECT now() + interval '3 seconds'")[0][0].replace(microsecond=0)
    schedule = create(stack, run_at=soon.isoformat())
    stack.wait_until(lambda: [task["status"] for task in tasks(stack, schedule)] == ["SUCCESS"])
    assert stack.http.get(f"/task-schedules/{schedule['id']}/").json()["status"] == "completed"
