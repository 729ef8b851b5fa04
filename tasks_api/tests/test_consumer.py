"""What a worker tells Flower, and when."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from redis.client import PubSub

from tasks_api.node import consumer as module
from tasks_api.node.consumer import TellingConsumer
from testing.broker import Lists

NEWS = "/{db}.celeryev/*"


@pytest.fixture
def flower(broker: Lists) -> Iterator[PubSub]:
    """Hears what is told."""
    with broker.client.pubsub() as flower:  # type: ignore[no-untyped-call]
        flower.psubscribe(NEWS.format(db=broker.client.client_info()["db"]))
        assert flower.get_message(timeout=60)
        yield flower


@pytest.fixture
def consumer(flower: PubSub) -> Iterator[TellingConsumer]:
    """Of a worker that does not run, connected for what it tells."""
    worker = current_app.WorkController(pool="solo")
    consumer = worker.consumer
    assert isinstance(consumer, TellingConsumer)
    with current_app.connection_for_write() as connection:
        consumer.event_dispatcher = current_app.events.Dispatcher(
            connection, buffer_group=["task"], on_send_buffered=consumer.on_send_event_buffered
        )
        yield consumer
    worker.hub.close()


def happens(consumer: TellingConsumer, *news: str) -> None:
    """Each in a turn of the loop of its own."""
    for each in news:
        consumer.event_dispatcher.send(each)
        consumer.hub.call_soon(lambda: None)  # so that the turn does not wait
        consumer.hub.run_once()


def heard(flower: PubSub) -> list[str]:
    """What came in one message."""
    message: Any = flower.get_message(timeout=60)
    return [event["type"] for event in json.loads(json.loads(message["data"])["body"])]


def test_what_happens_is_told_soon(
    consumer: TellingConsumer, flower: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TELL_SECONDS", 0)
    happens(consumer, "task-received", "task-started")
    assert [heard(flower), heard(flower)] == [["task-received"], ["task-started"]]


def test_the_rest_is_told_together_when_the_worker_stops(
    consumer: TellingConsumer, flower: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TELL_SECONDS", 3600)
    happens(consumer, "task-received", "task-started", "task-succeeded")
    consumer.shutdown()
    assert heard(flower) == ["task-received", "task-started", "task-succeeded"]
