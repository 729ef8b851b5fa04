"""Kombu's transport with a client that is kept."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from celery import current_app
from kombu.entity import Queue
from kombu.messaging import Consumer, Producer
from redis.exceptions import ConnectionError as RedisConnectionError

from tasks_api.broker.redis_transport import Transport


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
