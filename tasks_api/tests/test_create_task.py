"""POST /tasks/"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api.broker.publisher import publisher
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Task
from tasks_api.tests.conftest import Register
from testing.api import Api
from testing.broker import Lists
from testing.factories import ago

LONG_AGO = "2020-01-02T03:04:05Z"
FAR_AHEAD = "2999-01-02T03:04:05Z"
FULL = {
    "operation": "sleep",
    "arguments": {"seconds": 0.5},
    "priority": 9,
    "run_at": "2998-01-02T05:04:05.250+02:00",
    "expires_at": FAR_AHEAD,
    "timeout_seconds": 7.5,
    "max_attempts": 4,
    "tags": ["nightly", "ü"],
}


@pytest.mark.django_db
class TestCreateTask:
    def test_it_works(self, api: Api) -> None:
        answer = api.post("/tasks/", {"operation": "calculate", "arguments": {"expression": "4+7"}})
        assert answer.status == 202
        task = answer.json
        assert UUID(task["id"]).version == 7
        assert answer.headers["Location"] == f"http://testserver/tasks/{task['id']}/"
        assert answer.headers["Retry-After"] == "1"
        assert task == {
            "id": task["id"],
            "operation": "calculate",
            "arguments": {"expression": "4+7"},
            "priority": 5,
            "status": "PENDING",
            "result": None,
            "error": None,
            "progress": None,
            "attempt": 0,
            "max_attempts": 3,
            "timeout_seconds": 30,
            "tags": [],
            "run_at": task["created_at"],
            "expires_at": None,
            "schedule": None,
            "scheduled_for": None,
            "created_at": task["created_at"],
            "started_at": None,
            "finished_at": None,
            "cancel_requested_at": None,
            "created_by": None,
            "request_id": None,
        }

    def test_an_expression_is_short_for_calculate(self, api: Api) -> None:
        task = api.post("/tasks/", {"operation": "4+7"}).json
        assert (task["operation"], task["arguments"]) == ("calculate", {"expression": "4+7"})

    def test_everything_can_be_said(self, api: Api) -> None:
        task = api.post("/tasks/", FULL).json
        assert {name: task[name] for name in FULL} == FULL | {"run_at": "2998-01-02T03:04:05.250000Z"}

    @pytest.mark.parametrize("body", [FULL, {"operation": "4+7"}, {"operation": "4+7", "run_at": LONG_AGO}])
    def test_it_is_read_back_the_same(self, api: Api, body: dict[str, Any]) -> None:
        created = api.post("/tasks/", body)
        assert api.get(created.headers["Location"]).json == created.json

    def test_null_stands_for_the_default(self, api: Api) -> None:
        names = ("arguments", "priority", "run_at", "expires_at", "timeout_seconds", "max_attempts", "tags")
        task = api.post("/tasks/", {"operation": "4+7"} | dict.fromkeys(names)).json
        plain = api.post("/tasks/", {"operation": "4+7"}).json
        own = ("id", "created_at", "run_at")
        assert {**task, **dict.fromkeys(own)} == {**plain, **dict.fromkeys(own)}

    @pytest.mark.parametrize(
        "change",
        [
            {"priority": 0},
            {"priority": 9},
            {"max_attempts": 1},
            {"max_attempts": 100},
            {"timeout_seconds": 0.001},
            {"timeout_seconds": 604_800},
            {"tags": []},
            {"tags": ["a"] * 20},
            {"tags": ["a" * 100]},
        ],
    )
    def test_limits_are_inclusive(self, api: Api, change: dict[str, Any]) -> None:
        task = api.post("/tasks/", {"operation": "4+7", **change}).json
        assert {name: task[name] for name in change} == change

    @pytest.mark.parametrize(
        ("instant", "expected"),
        [
            ("2998-01-02T03:04:05Z", "2998-01-02T03:04:05Z"),
            ("2998-01-02t03:04:05z", "2998-01-02T03:04:05Z"),
            ("2998-01-02T03:04:05.123456+00:00", "2998-01-02T03:04:05.123456Z"),
            ("2998-01-02T03:04:05-08:30", "2998-01-02T11:34:05Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ],
    )
    def test_instants(self, api: Api, instant: str, expected: str) -> None:
        assert api.post("/tasks/", {"operation": "4+7", "run_at": instant}).json["run_at"] == expected

    def test_arguments_of_the_largest_size(self, api: Api, register: Register) -> None:
        @register
        def keep(text: str) -> str:
            """Keep a text."""
            return text

        largest = 262_144 - len('{"text":""}')
        body = {"operation": "throw_away", "arguments": {"text": "a" * largest}}
        assert api.post("/tasks/", body).status == 202

    def test_its_row_waits_for_a_worker_or_for_the_message_to_be_sent_again(self, api: Api) -> None:
        task = Task.objects.get(id=api.post("/tasks/", {"operation": "4+7"}).json["id"])
        assert (task.status, task.dispatch_count) == (Status.PENDING, 1)
        assert task.dispatch_at is not None
        assert (task.dispatch_at - task.created_at).total_seconds() == RESEND_SECONDS[0]

    def test_a_later_one_waits_for_its_time(self, api: Api) -> None:
        body = {"operation": "4+7", "run_at": FAR_AHEAD}
        task = Task.objects.get(id=api.post("/tasks/", body).json["id"])
        assert (task.dispatch_count, task.dispatch_at) == (0, task.run_at)

    def test_query_budget(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(1):
            # 1. INSERT INTO task ... SELECT ... FROM jsonb_to_recordset
            assert api.post("/tasks/", {"operation": "4+7"}).status == 202


@pytest.mark.django_db(transaction=True)
class TestItsMessage:
    @pytest.mark.parametrize(
        ("priority", "key"), [(9, "tasks"), (5, "tasks\x06\x164"), (0, "tasks\x06\x169")]
    )
    def test_it_works(self, api: Api, broker: Lists, priority: int, key: str) -> None:
        task = api.post("/tasks/", {"operation": "4+7", "priority": priority}).json
        assert publisher.drain(60)
        (message,) = broker.sent()
        assert (message.key, message.task_id) == (key, task["id"])
        assert message.body[:2] == [[task["id"], priority], {}]

    def test_it_is_in_celerys_protocol(self, api: Api, broker: Lists) -> None:
        task = api.post("/tasks/", {"operation": "4+7", "timeout_seconds": 7}).json
        assert publisher.drain(60)
        (message,) = broker.sent()
        assert message.headers == {
            "task": "tasks_api.run",
            "id": task["id"],
            "ignore_result": True,
            "timelimit": [17, 7],
            "argsrepr": "calculate, priority 5",
        }

    def test_arguments_stay_in_the_row(self, api: Api, broker: Lists) -> None:
        api.post("/tasks/", {"operation": "40404 + 7"})
        assert publisher.drain(60)
        (message,) = broker.sent()
        assert "40404" not in str(message)

    @pytest.mark.parametrize(("run_at", "count"), [(LONG_AGO, 1), (FAR_AHEAD, 0)])
    def test_only_what_is_due_is_sent(self, api: Api, broker: Lists, run_at: str, count: int) -> None:
        assert api.post("/tasks/", {"operation": "4+7", "run_at": run_at}).status == 202
        assert publisher.drain(60)
        assert len(broker.sent()) == count

    def test_what_is_refused_is_not_sent(self, api: Api, broker: Lists) -> None:
        api.post("/tasks/", {"operation": "4+7", "priority": 10}).errors()
        assert publisher.drain(60)
        assert broker.sent() == []
        assert not Task.objects.exists()


@pytest.mark.django_db
def test_times_are_the_databases(api: Api) -> None:
    created = datetime.fromisoformat(api.post("/tasks/", {"operation": "4+7"}).json["created_at"])
    assert created.tzinfo == UTC
    assert created <= ago(0)
