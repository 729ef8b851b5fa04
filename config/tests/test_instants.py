"""Instants that Postgres keeps and Python does not know cost no more than their own row."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from schedules.models import TaskSchedule
from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.postgres.instants import FIRST, LAST
from testing.api import Api
from testing.factories import make_task

FAR = ["10000-01-01 00:00:00Z", "294276-12-31 23:59:59Z", "4713-01-01 00:00:00Z BC", "infinity", "-infinity"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "read"),
    [
        (FAR[0], LAST),
        (FAR[1], LAST),
        (FAR[2], FIRST),
        ("9999-12-31 23:59:59.999999Z", LAST),
        ("2026-11-29 12:00:00+02", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        (None, None),
    ],
)
def test_what_is_read(text: str | None, read: datetime | None) -> None:
    sql = "SELECT number, %s::timestamptz FROM generate_series(1, 3) AS number"
    assert fetch_all(sql, [text]) == [(number, read) for number in (1, 2, 3)]
    assert fetch_one(sql, [text]) == (1, read)
    with connection.cursor() as cursor:
        cursor.execute(sql, [text])
        assert cursor.fetchone() == (1, read)
        assert cursor.fetchmany(1) == [(2, read)]
        assert list(cursor) == [(3, read)]


@pytest.mark.django_db
@pytest.mark.parametrize("text", FAR)
def test_a_task_of_such_an_instant(text: str, api: Api) -> None:
    far, near = make_task(), make_task()
    execute("UPDATE task SET created_at = %s::timestamptz WHERE id = %s", [text, far.id])
    listed = api.get("/tasks/").json["results"]
    assert {task["id"] for task in listed} == {str(far.id), str(near.id)}
    shown = {task["id"]: task["created_at"] for task in listed}[str(far.id)]
    assert shown in ("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z")
    assert api.get(f"/tasks/{far.id}/").json["created_at"] == shown
    assert api.post(f"/tasks/{far.id}/cancel/", {}).status == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "column", ["created_at", "updated_at", "last_run_at", "ends_at", "starts_at", "next_run_at"]
)
@pytest.mark.parametrize("text", FAR)
def test_a_schedule_of_such_an_instant(column: str, text: str, api: Api) -> None:
    body = {"operation": "4+7", "every_x_days": 3}
    far, near = (api.post("/task-schedules/", body).json["id"] for _ in range(2))
    sql = f"UPDATE task_schedule SET {column} = %s::timestamptz WHERE id = %s"  # noqa: S608 (our own words)
    execute(sql, [text, far])
    listed = api.get("/task-schedules/")
    assert listed.status == 200, listed.content
    assert {each["id"] for each in listed.json["results"]} == {far, near}
    for method, path in (
        ("GET", ""),
        ("GET", "occurrences/"),
        ("POST", "pause/"),
        ("POST", "resume/"),
        ("PATCH", ""),
        ("POST", "trigger/"),
        ("DELETE", ""),
    ):
        content = b'{"priority": 3}' if method == "PATCH" else b""
        answer = api.send(method, f"/task-schedules/{far}/{path}", content)
        assert answer.status < 500, (method, path, answer.content)
    assert TaskSchedule.objects.filter(id=near).exists()
