"""Servers that are away: what is accepted is done later, and nobody waits for it."""

import threading

import pytest

from tasks_api.broker.publisher import Publisher
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.upkeep import Upkeep
from testing.api import Api
from testing.broker import Lists
from testing.factories import ago

pytestmark = pytest.mark.django_db(transaction=True)

SUM = {"operation": "4+7"}


class TestBrokerAway:
    def test_it_works(self, api: Api, broker_away: Publisher) -> None:
        answer = api.post("/tasks/", SUM)
        assert answer.status == 202
        assert Task.objects.get().status == Status.PENDING

    def test_a_batch_too(self, api: Api, broker_away: Publisher) -> None:
        assert len(api.post("/tasks/batch-request/", [SUM] * 100).json["tasks"]) == 100

    def test_requests_do_not_even_try(
        self, api: Api, broker_away: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publishers = []
        publish = broker_away._broker.publish

        def noticed(*messages: object) -> None:
            publishers.append(threading.current_thread())
            publish(*messages)  # type: ignore[arg-type]

        monkeypatch.setattr(broker_away._broker, "publish", noticed)
        assert api.post("/tasks/", SUM).status == 202
        assert broker_away.drain(60)
        assert [thread.name for thread in publishers] == ["publisher"]
        assert threading.current_thread() not in publishers

    def test_what_was_not_sent_is_sent_by_upkeep(
        self, api: Api, broker: Lists, broker_away: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        task = api.post("/tasks/", SUM).json
        assert broker_away.drain(60)
        assert Upkeep().run().dispatched == 0

        monkeypatch.delenv("CELERY_BROKER_WRITE_URL")  # it is back, and never was emptied
        broker.client.lpush("punctual.canary", "here all the time")
        assert Upkeep().run().resent == 0  # its time has not come
        Task.objects.update(dispatch_at=ago(0))
        assert Upkeep().run().resent == 1
        assert [message.task_id for message in broker.sent()] == [task["id"]]


class TestDatabaseAway:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "/tasks/", b'{"operation": "4+7"}'),
            ("POST", "/tasks/batch-request/", b'[{"operation": "4+7"}]'),
            ("GET", "/tasks/", b""),
            ("GET", "/tasks/0199fd8a-0000-7000-8000-000000000000/", b""),
            ("GET", "/tasks/0199fd8a-0000-7000-8000-000000000000/?wait=60", b""),
            ("DELETE", "/tasks/0199fd8a-0000-7000-8000-000000000000/", b""),
        ],
    )
    def test_it_says_when_to_try_again(
        self, api: Api, database_away: None, method: str, path: str, body: bytes
    ) -> None:
        answer = api.send(method, path, body)
        answer.problem(503, "database_away")
        assert answer.headers["Retry-After"] == "5"

    def test_bad_input_is_still_told(self, api: Api, database_away: None) -> None:
        assert api.post("/tasks/", {"operation": "4+"}).errors()

    def test_nothing_is_sent(self, api: Api, broker: Lists, database_away: None) -> None:
        api.post("/tasks/", SUM).problem(503, "database_away")
        assert broker.sent() == []
