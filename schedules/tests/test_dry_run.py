"""?dry_run=true on POST, PATCH and PUT of task schedules"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schedules.models import Occurrence, TaskSchedule
from schedules.planning import Outcome
from schedules.tests.conftest import NewSchedule
from tasks_api.broker.publisher import publisher
from tasks_api.database import database_now
from tasks_api.idempotency_rows import IdempotencyKey
from tasks_api.models import Task
from testing.api import Answer, Api
from testing.broker import Lists
from testing.openapi import Auditor

PATH = "/task-schedules/"
BY_NAME = f"{PATH}by-name/report/"
START = datetime(2100, 1, 1, tzinfo=UTC)
HOURLY = {"operation": "4+7", "rrule": "FREQ=HOURLY", "starts_at": "2100-01-01T00:00:00Z"}
LieIdle = Callable[[TaskSchedule, float], datetime]


@pytest.fixture
def hourly(new_schedule: NewSchedule) -> TaskSchedule:
    """Each full hour from 2100 on."""
    return new_schedule(**HOURLY, name="report")


def rows() -> list[Any]:
    """All there is."""
    tables = (TaskSchedule, Occurrence, Task, IdempotencyKey)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def send(api: Api, method: str, path: str, body: Any, **headers: str) -> Answer:
    """A dry run, which leaves everything as it is."""
    before = rows()
    answer = api.send(method, f"{path}?dry_run=true", json.dumps(body).encode(), **headers)
    assert rows() == before
    return answer


def hours(instants: Any) -> list[float]:
    return [(datetime.fromisoformat(one["at"]) - START) / timedelta(hours=1) for one in instants]


def without_identity(schedule: dict[str, Any]) -> dict[str, Any]:
    return {
        name: schedule[name] for name in schedule.keys() - {"id", "created_at", "updated_at", "ledger_from"}
    }


@pytest.mark.django_db
class TestCreate:
    def test_it_works(self, auditor: Auditor) -> None:
        answer = send(auditor, "POST", PATH, HOURLY)
        assert answer.status == 200
        assert not {"Location", "ETag"} & set(answer.headers)
        body = answer.json
        assert (body["dry_run"], body["before"], hours(body["after"])) == (True, [], [*range(10)])
        assert (body["dropped_overrides"], body["warnings"]) == ([], [])
        created = auditor.post(PATH, HOURLY).json
        assert without_identity(body["task_schedule"]) == without_identity(created)

    def test_warnings(self, auditor: Auditor) -> None:
        body = send(
            auditor, "POST", PATH, {**HOURLY, "misfire_policy": "run_all", "overlap_policy": "skip"}
        ).json
        assert len(body["warnings"]) == 1
        assert body["task_schedule"]["warnings"] == body["warnings"]

    def test_what_would_be_refused_is_refused(self, auditor: Auditor, hourly: TaskSchedule) -> None:
        assert [error[0] for error in send(auditor, "POST", PATH, {"operation": "4+7"}).errors()] == ["#"]
        send(auditor, "POST", PATH, {**HOURLY, "name": "report"}).problem(409, "conflict")

    def test_it_takes_no_idempotency_key(self, auditor: Auditor) -> None:
        assert send(auditor, "POST", PATH, HOURLY, idempotency_key="k").status == 200
        assert auditor.post(PATH, HOURLY, idempotency_key="k").status == 201

    def test_it_is_true_or_false(self, auditor: Auditor) -> None:
        body = json.dumps(HOURLY).encode()
        [(where, code, _)] = auditor.send("POST", f"{PATH}?dry_run=yes", body).errors()
        assert (where, code) == ("dry_run", "invalid_type")
        assert auditor.send("POST", f"{PATH}?dry_run=false", body).status == 201


@pytest.mark.django_db
class TestEdit:
    @pytest.mark.parametrize(("method", "path"), [("PATCH", "{id}"), ("PUT", BY_NAME)])
    def test_it_works(self, auditor: Auditor, hourly: TaskSchedule, method: str, path: str) -> None:
        for hour in (1, 2):
            Occurrence.objects.create(
                schedule=hourly,
                scheduled_for=START + timedelta(hours=hour),
                last_scheduled_for=START + timedelta(hours=hour),
                outcome=Outcome.OVERRIDDEN,
            )
        body = {**HOURLY, "rrule": "FREQ=HOURLY;INTERVAL=2"}
        where = path if method == "PUT" else f"{PATH}{hourly.id}/"
        answer = send(auditor, method, where, body).json
        assert hours(answer["before"]) == [0, *range(3, 12)]
        assert hours(answer["after"]) == [0, 4, 6, 8, 10, 12, 14, 16, 18, 20]
        assert answer["dropped_overrides"] == ["2100-01-01T01:00:00Z"]
        edited = auditor.send(method, where, json.dumps(body).encode()).json
        assert edited.pop("dropped_overrides") == answer["dropped_overrides"]
        assert answer["task_schedule"] | {"updated_at": edited["updated_at"]} == edited
        assert list(Occurrence.objects.values_list("scheduled_for", flat=True)) == [
            START + timedelta(hours=2)
        ]

    def test_put_of_a_new_name(self, auditor: Auditor) -> None:
        answer = send(auditor, "PUT", BY_NAME, HOURLY)
        assert (answer.status, answer.json["before"], len(answer.json["after"])) == (200, [], 10)
        assert answer.json["task_schedule"]["name"] == "report"

    @pytest.mark.parametrize("overdue", [False, True])
    def test_of_a_pause_without_an_end_it_tells_what_would_come(
        self, auditor: Auditor, hourly: TaskSchedule, *, overdue: bool
    ) -> None:
        auditor.post(f"{PATH}{hourly.id}/pause/", {})
        if overdue:
            TaskSchedule.objects.update(next_run_at="2020-01-01T00:00:00Z", starts_at="2020-01-01T00:00:00Z")
        body = send(auditor, "PATCH", f"{PATH}{hourly.id}/", {"cron": "0 0 * * *"}).json
        assert (len(body["before"]), len(body["after"])) == (10, 10)
        assert body["before"][0]["at"] > body["task_schedule"]["created_at"]
        assert [at["at"][11:] for at in body["after"]] == ["00:00:00Z"] * 10
        assert "if it were resumed now" in body["warnings"][-1]
        schedule = body["task_schedule"]
        assert (schedule["status"], schedule["upcoming"], schedule["warnings"]) == ("paused", [], [])

    def test_of_a_pause_with_an_end_it_tells_what_comes_behind_it(
        self, auditor: Auditor, hourly: TaskSchedule
    ) -> None:
        auditor.post(f"{PATH}{hourly.id}/pause/", {"until": "2100-01-01T05:00:00Z"})
        body = send(auditor, "PATCH", f"{PATH}{hourly.id}/", {"rrule": "FREQ=HOURLY;INTERVAL=2"}).json
        assert (hours(body["before"]), hours(body["after"])) == ([*range(5, 15)], [*range(6, 26, 2)])
        assert body["warnings"] == []

    def test_of_a_pause_what_is_left_counts(self, auditor: Auditor, hourly: TaskSchedule) -> None:
        auditor.post(f"{PATH}{hourly.id}/pause/", {})
        body = send(auditor, "PATCH", f"{PATH}{hourly.id}/", {"schedule_x_times": 3}).json
        assert (len(body["before"]), hours(body["after"])) == (10, [0, 1, 2])

    def test_of_a_pause_what_was_moved_to_a_later_time_counts(
        self, auditor: Auditor, hourly: TaskSchedule
    ) -> None:
        past, soon = datetime(2020, 1, 1, tzinfo=UTC), database_now() + timedelta(minutes=1)
        auditor.send("PATCH", f"{PATH}{hourly.id}/", b'{"schedule_x_times": 3}')
        auditor.post(f"{PATH}{hourly.id}/pause/", {})
        TaskSchedule.objects.update(next_run_at=past, starts_at=past)
        Occurrence.objects.create(
            schedule=hourly,
            scheduled_for=past,
            last_scheduled_for=past,
            due_at=soon,
            outcome=Outcome.MOVED,
        )
        assert len(send(auditor, "PATCH", f"{PATH}{hourly.id}/", {"priority": 9}).json["after"]) == 2

    def test_what_would_be_refused_is_refused(self, auditor: Auditor, hourly: TaskSchedule) -> None:
        path = f"{PATH}{hourly.id}/"
        assert send(auditor, "PATCH", path, {"cron": "x"}).errors()[0][0] == "#/cron"
        for method, where in (("PATCH", path), ("PUT", BY_NAME)):
            send(auditor, method, where, HOURLY, if_match='"v9"').problem(412, "precondition_failed")
        missing = f"{PATH}01a1f890-cdf7-7648-a082-ae42845e09b1/"
        send(auditor, "PATCH", missing, {}).problem(404, "not_found")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_what_is_due_is_neither_settled_nor_announced(
    auditor: Auditor, new_schedule: NewSchedule, lie_idle: LieIdle, broker: Lists, method: str
) -> None:
    schedule = new_schedule(rrule="FREQ=SECONDLY", misfire_policy="run_all", name="report")
    lie_idle(schedule, 150)
    path = BY_NAME if method == "PUT" else f"{PATH}{schedule.id}/"
    body = send(auditor, method, path, {"operation": "4+7", "cron": "@daily"}).json
    assert body["task_schedule"]["runs_created"] >= 150
    assert (body["task_schedule"]["cron"], len(body["before"])) == ("@daily", 10)
    assert body["before"][0]["at"] >= body["task_schedule"]["created_at"]
    assert publisher.drain(60)
    assert broker.sent() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("PUT", BY_NAME)])
def test_a_new_one_is_computed_and_takes_no_name(auditor: Auditor, method: str, path: str) -> None:
    """Not even for a while: who wants the name meanwhile need not wait."""
    body = {"operation": "1+1", "cron": "@daily"}
    with CaptureQueriesContext(connection) as queries:
        answer = send(auditor, method, path, body if method == "PUT" else {**body, "name": "n"})
    assert (answer.status, len(answer.json["after"])) == (200, 10)
    assert not [query["sql"] for query in queries.captured_queries if "INSERT" in query["sql"]]


@pytest.mark.django_db
def test_a_name_that_is_taken_is_told(auditor: Auditor) -> None:
    body = {"operation": "1+1", "cron": "@daily", "name": "taken"}
    assert auditor.post(PATH, body).status == 201
    send(auditor, "POST", PATH, body).problem(409, "conflict")
