"""What is said to RabbitMQ, where it behaves otherwise than Redis."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from kombu.connection import Connection

from tasks_api.broker.connection import CANARY_QUEUE, MOST_WAITING, Broker, BrokerAway
from tasks_api.broker.messages import SWEEP_QUEUE, TASK_QUEUE, Message, sweep_message
from testing.brokers import ON_RABBITMQ
from testing.concurrency import eventually
from testing.rabbitmq import RabbitMQ

pytestmark = [pytest.mark.acceptance, ON_RABBITMQ]


@pytest.fixture
def channel(rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A way to a RabbitMQ without queues, which is this process's broker."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", rabbitmq.url)
    with Connection(rabbitmq.url) as connection:
        for queue in (TASK_QUEUE, SWEEP_QUEUE, CANARY_QUEUE):
            connection.default_channel.queue_delete(queue)
        yield connection.default_channel


@pytest.fixture
def broker(channel: Any) -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.close()


def message(priority: int = 5) -> Message:
    return Message(uuid4(), "calculate", priority, 10)


def received(channel: Any) -> list[str]:
    """The ids of the tasks whose messages wait, in the order in which a worker would get them."""
    messages = iter(lambda: channel.basic_get(TASK_QUEUE, no_ack=True), None)
    return [each.headers["id"] for each in messages]


def test_who_publishes_first_makes_the_queue(broker: Broker, channel: Any) -> None:
    first = message()
    broker.publish([first])
    # RabbitMQ counts a message a moment after it has taken it.
    eventually(lambda: broker.waiting() == 1)
    assert received(channel) == [str(first.task_id)]


def test_what_is_urgent_comes_first_and_then_what_is_old(broker: Broker, channel: Any) -> None:
    messages = [message(priority=(number * 7) % 10) for number in range(50)]
    broker.publish(messages)
    expected = sorted(messages, key=lambda each: -each.priority)
    assert received(channel) == [str(each.task_id) for each in expected]


def test_what_it_says_of_itself(broker: Broker, channel: Any) -> None:
    facts = broker.facts()
    assert (facts.product, facts.sorts, facts.eviction) == ("RabbitMQ", True, None)
    assert facts.version is not None
    assert facts.version >= (3, 10)


def test_a_queue_that_was_deleted_is_made_again(broker: Broker, channel: Any) -> None:
    broker.publish([message()])
    channel.queue_delete(TASK_QUEUE)
    later = message()
    broker.publish([later])
    assert received(channel) == [str(later.task_id)]


def test_nothing_waits_in_a_queue_that_was_deleted(broker: Broker, channel: Any) -> None:
    broker.publish([message()])
    channel.queue_delete(TASK_QUEUE)
    assert broker.waiting() == 0


@pytest.mark.parametrize("method", ["queue_purge", "queue_delete"])
def test_it_is_noticed_once_that_everything_is_gone(broker: Broker, channel: Any, method: str) -> None:
    assert broker.was_emptied()
    broker.note_loss()
    assert not broker.was_emptied()
    getattr(channel, method)(CANARY_QUEUE)
    assert broker.was_emptied()
    broker.note_loss()
    assert not broker.was_emptied()


def test_a_connection_that_died_meanwhile_is_replaced(broker: Broker, rabbitmq: RabbitMQ) -> None:
    broker.publish([message()])
    rabbitmq.control("close_all_connections", "a test")
    broker.publish([message()])
    eventually(lambda: broker.waiting() == 2)


def test_without_a_sweeper_calls_to_sweep_do_not_pile_up(broker: Broker, channel: Any) -> None:
    for _ in range(MOST_WAITING * 2):
        broker.send(SWEEP_QUEUE, *sweep_message(str(uuid4()), datetime.now(UTC)))
    assert channel.queue_declare(SWEEP_QUEUE, passive=True).message_count < MOST_WAITING * 1.5


def test_a_broker_without_memory_is_not_waited_for_without_end(
    broker: Broker, rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    rabbitmq.control("set_vm_memory_high_watermark", "0.00001")
    try:
        with monkeypatch.context() as patched:
            patched.setattr("tasks_api.broker.connection.ANSWER_SECONDS", 0.5)
            with pytest.raises(BrokerAway):
                broker.publish([message()])
    finally:
        rabbitmq.control("set_vm_memory_high_watermark", "0.4")
    broker.publish([message()])
