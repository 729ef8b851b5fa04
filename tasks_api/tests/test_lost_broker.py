"""What a worker took from Valkey and has not acknowledged, when it loses its broker or lets go of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.transport import redis as kombus

from tasks_api.broker.redis_transport import QoS
from testing.servers import running_valkey

QUEUE = "taken"


@pytest.fixture
def connection() -> Iterator[Connection]:
    """To a broker without messages."""
    with running_valkey() as url, Connection(url) as connection:
        yield connection


def took(connection: Connection, *texts: str) -> Any:
    """A channel that took these messages, sent in this order."""
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    for text in texts:
        connection.Producer().publish(text, routing_key=QUEUE)
    assert [take(channel).payload for _ in texts] == list(texts)
    assert isinstance(channel.qos, QoS)
    return channel


def take(channel: Any) -> Any:
    return channel.basic_get(QUEUE, no_ack=False)


def left(connection: Connection) -> list[str]:
    """What the next worker would get."""
    channel = connection.channel()
    messages = iter(lambda: channel.basic_get(QUEUE, no_ack=True), None)
    return [message.payload for message in messages]


def test_channels_can_be_closed_without_a_broker() -> None:
    with running_valkey() as url:
        connection = Connection(url, transport_options={"socket_connect_timeout": 3})
        channels = [took(connection, text) for text in ("one", "two", "three")]
    channels[0].close()
    connection.collect()
    assert all(channel.closed for channel in channels)


def test_what_was_taken_goes_back_in_its_order(connection: Connection) -> None:
    channel = took(connection, "one", "two", "three")
    connection.Producer().publish("later", routing_key=QUEUE)
    channel.close()
    assert left(connection) == ["one", "two", "three", "later"]


def test_what_was_acknowledged_does_not(connection: Connection) -> None:
    channel = took(connection, "one")
    connection.Producer().publish("two", routing_key=QUEUE)
    take(channel).ack()
    channel.close()
    assert left(connection) == ["one"]


@pytest.mark.parametrize("texts", [["one", "two"], []])
def test_what_is_handed_over_to_one_that_stops_goes_back(connection: Connection, texts: list[str]) -> None:
    consumer = connection.Consumer([Queue(QUEUE)])
    consumer.consume()
    connection.transport.cycle.on_poll_start()  # it waits for a message
    for text in texts:
        connection.Producer().publish(text, routing_key=QUEUE)
    consumer.cancel()
    assert left(connection) == texts


@pytest.mark.parametrize(("requeue", "expected"), [(True, ["two", "later"]), (False, ["later"])])
def test_what_is_rejected_is_the_next_or_gone(
    connection: Connection, requeue: bool, expected: list[str]
) -> None:
    channel = took(connection, "one")
    for text in ("two", "later"):
        connection.Producer().publish(text, routing_key=QUEUE)
    take(channel).reject(requeue=requeue)
    assert left(connection) == expected


def test_the_broker_keeps_nothing_of_it(connection: Connection) -> None:
    channel = took(connection, "one")
    with channel.conn_or_acquire() as client:
        assert client.keys(f"{channel.unacked_key}*") == []


def test_what_a_worker_of_an_older_release_took_comes_back(connection: Connection) -> None:
    with Connection(connection.as_uri(include_password=True), transport=kombus.Transport) as older:
        channel = older.channel()
        channel.queue_declare(QUEUE)
        older.Producer().publish("one", routing_key=QUEUE)
        tag = take(channel).delivery_tag
        channel.client.zadd(channel.unacked_index_key, {tag: 0})
        assert left(connection) == []
        connection.default_channel.qos.restore_visible()
        assert left(connection) == ["one"]
