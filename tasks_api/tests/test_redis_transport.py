"""What our transport for Redis does otherwise than kombu's."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.messaging import Consumer, Producer
from kombu.transport import redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tasks_api.broker.messages import Message
from tasks_api.broker.redis_transport import Transport
from testing.broker import Lists


@pytest.fixture
def channel() -> Iterator[Any]:
    """A channel to the broker of the tests."""
    with current_app.connection_for_write() as connection:
        assert isinstance(connection.transport, Transport)
        yield connection.default_channel


def test_all_commands_have_one_client(channel: Any) -> None:
    with channel.conn_or_acquire() as one, channel.conn_or_acquire() as other:
        assert one is other
        assert one.ping()


def test_those_that_wait_have_each_their_own(channel: Any) -> None:
    with channel.conn_or_acquire() as kept:
        assert len({id(kept), id(channel.client), id(channel.subclient)}) == 3


def test_a_new_pool_gets_a_new_client(channel: Any) -> None:
    with channel.conn_or_acquire() as before:
        before.connection_pool.disconnect()
    channel._pool = None
    with channel.conn_or_acquire() as after:
        assert after is not before
        assert after.connection_pool is channel.pool


def test_a_connection_that_is_lost_is_replaced(channel: Any) -> None:
    with channel.conn_or_acquire() as client:
        number = client.client_id()
        with suppress(RedisConnectionError):
            client.client_kill_filter(_id=str(number), skipme=False)
        assert client.ping()


def test_of_several_queues_what_is_urgent_comes_first(channel: Any) -> None:
    came: list[str] = []
    consumer = Consumer(channel, no_ack=True, callbacks=[lambda body, _message: came.append(body)])
    for name in ("first", "second"):
        consumer.add_queue(Queue(name, channel=channel))
    for name, priority in (("second", 5), ("first", 5), ("first", 7), ("second", 3)):
        Producer(channel).publish(f"{name} {priority}", routing_key=name, priority=priority)
    with consumer:
        while len(came) < 4:
            channel.connection.client.drain_events(timeout=60)
    assert came == ["second 3", "first 5", "second 5", "first 7"]


def test_of_a_queue_that_is_left_nothing_more_is_taken(channel: Any) -> None:
    came: list[str] = []
    consumer = Consumer(channel, no_ack=True, callbacks=[lambda body, _message: came.append(body)])
    for name in ("left", "kept"):
        consumer.add_queue(Queue(name, channel=channel))
    consumer.consume()
    for round_ in range(2):
        for name in ("left", "kept"):
            Producer(channel).publish(f"{name} {round_}", routing_key=name)
        while f"kept {round_}" not in came:
            channel.connection.client.drain_events(timeout=60)
        consumer.cancel_by_queue("left")
    assert came == ["left 0", "kept 0", "kept 1"]
    channel.queue_purge("left")


class TestBesideAnOlderRelease:
    """Which has kombu's own transport."""

    @pytest.fixture
    def older(self, broker: Lists) -> Iterator[Any]:
        """A channel of it, to an empty broker."""
        url = current_app.connection_for_write().as_uri(include_password=True)
        options = current_app.conf.broker_transport_options
        with Connection(url, transport=redis.Transport, transport_options=options) as connection:
            yield connection.default_channel

    def test_it_reads_our_messages(self, channel: Any, older: Any) -> None:
        tasks = [Message(uuid4(), "calculate", priority, 30) for priority in (3, 9, 3)]
        channel.put_all("tasks", tasks)
        came = [older.basic_get("tasks", no_ack=False) for _ in tasks]
        assert [message.headers["id"] for message in came] == [str(tasks[n].task_id) for n in (1, 0, 2)]
        assert came[0].payload == [[str(tasks[1].task_id), 9], {}, {}]
        assert came[0].headers == tasks[1].headers()
        came[0].reject(requeue=True)
        assert older.basic_get("tasks", no_ack=True).payload == came[0].payload

    def test_its_messages_are_read(self, channel: Any, older: Any) -> None:
        Producer(older).publish(
            [["an id", 5], {}, {}], routing_key="tasks", headers={"id": "an id"}, priority=4
        )
        message = channel.basic_get("tasks", no_ack=True)
        assert (message.payload, message.headers["id"]) == ([["an id", 5], {}, {}], "an id")
