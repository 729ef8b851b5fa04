"""Everything that is sent to the broker. It holds only hints, so the sweep makes good whatever fails here."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from amqp.exceptions import ChannelError
from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import BatchPublishError, OperationalError
from kombu.messaging import Producer
from redis.exceptions import AuthenticationError, ResponseError

from tasks_api.broker.messages import TASK_QUEUE, Message, broker_priority
from tasks_api.broker.queues import QueueRefused, open_channel
from tasks_api.broker.redis_transport import Channel
from tasks_api.broker.server_facts import ServerFacts, server_facts

T = TypeVar("T")

BATCH = 500
CANARY_QUEUE = "punctual.canary"
NOT_FOUND = "404"
MOST_WAITING = 100
"""Of messages that are sent by the clock. Where nobody takes them, more of them are of no use."""
PAUSE_SECONDS = 0.01
ANSWER_SECONDS = 10.0
"""How long RabbitMQ may take to answer. One that is out of memory or disk answers a publisher when it has some."""


class BrokerAway(Exception):
    """The broker does not answer; whether it got what was said last, nobody knows."""


class BrokerRefuses(BrokerAway):
    """The broker answers, in the words of this error, that it will not serve us."""


class Broker:
    """One connection, made when it is needed and forgotten when it fails. For one thread at a time.

    Every method raises BrokerAway.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._channel: Any = None

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand over tasks, in their order."""
        batch = list(messages)
        self._do(lambda channel: _publish(channel, batch))

    def send(self, queue: str, body: Any, headers: dict[str, Any]) -> None:
        """Send one message that is no task of ours, unless nobody takes those that were sent before."""
        if self._do(lambda channel: self._size(channel, queue)) < MOST_WAITING:
            self._do(lambda channel: _send(Producer(channel), queue, body, headers=headers))

    def waiting(self) -> int:
        """How many tasks' messages wait for a worker."""
        return self._do(lambda channel: self._size(channel, TASK_QUEUE))

    def waiting_of(self, priority: int) -> int | None:
        """How many of one priority do. None: this broker counts all together."""
        return self._do(
            lambda channel: channel.size_of(TASK_QUEUE, priority) if isinstance(channel, Channel) else None
        )

    def was_emptied(self) -> bool:
        """Whether the broker has lost what it held since a loss was noted last; a new one has.

        A message that nobody takes stands for all the others: when it is gone, they are.
        """
        return self._do(lambda channel: self._size(channel, CANARY_QUEUE)) == 0

    def note_loss(self) -> None:
        """Keep that it is known that the broker was emptied. When this returns, nobody else notices it."""
        self._do(lambda channel: _put(channel, CANARY_QUEUE, "if this is gone, so is everything else"))
        deadline = time.monotonic() + ANSWER_SECONDS
        while self.was_emptied():  # RabbitMQ counts a message a moment after it has taken it
            if time.monotonic() > deadline:
                raise BrokerAway(f"what is sent to {CANARY_QUEUE} does not stay there")
            time.sleep(PAUSE_SECONDS)

    def facts(self) -> ServerFacts:
        """What the server says of itself, and whether it serves what is urgent first."""
        return self._do(server_facts)

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.release()

    def _do(self, action: Callable[[Any], T]) -> T:
        """Act on the channel. A channel that was kept may have died meanwhile, so then there is a second attempt."""
        was_kept = self._channel is not None
        try:
            return self._try(action)
        except BrokerAway:
            if not was_kept:
                raise
        return self._try(action)

    def _try(self, action: Callable[[Any], T]) -> T:
        connection = self._connection or current_app.connection_for_write()
        ours = (OperationalError, BatchPublishError, OSError, QueueRefused)
        errors = (*connection.connection_errors, *connection.channel_errors, *ours)
        try:
            if self._channel is None:
                self._connection, self._channel = connection, _open(connection)
            return action(self._channel)
        except errors as error:
            self._connection = self._channel = None
            connection.collect()  # without a word to the broker, which may not answer
            away = BrokerRefuses if _is_refusal(error) else BrokerAway
            raise away(str(error) or type(error).__name__) from error

    def _size(self, channel: Any, queue: str) -> int:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except ChannelError as error:
            if str(error.reply_code) != NOT_FOUND:
                raise
            if not getattr(channel, "is_open", True):  # AMQP closes the channel on which one asked in vain
                self._channel = None
            return 0  # on Redis an empty queue does not exist


def _open(connection: Connection) -> Any:
    connection.ensure_connection(max_retries=1, interval_start=0, reraise_as_library_errors=False)
    if _is_amqp(connection):
        # Its own `read_timeout` goes on waiting.
        connection.connection.sock.settimeout(ANSWER_SECONDS)
    # RabbitMQ drops, without a word, what is sent to a queue that no worker has made yet.
    return open_channel(connection, current_app.conf.task_queues)


def _is_refusal(error: BaseException) -> bool:
    """Whether a broker gave this as its reason: an AMQP server with a code, a Redis with a sentence."""
    return isinstance(error, QueueRefused | ResponseError | AuthenticationError) or bool(
        getattr(error, "reply_code", 0)
    )


def _publish(channel: Any, messages: Sequence[Message]) -> None:
    if not isinstance(channel, Channel):
        _publish_to_rabbitmq(channel, messages)
        return
    for start in range(0, len(messages), BATCH):
        channel.put_all(TASK_QUEUE, messages[start : start + BATCH])


def _publish_to_rabbitmq(channel: Any, messages: Sequence[Message]) -> None:
    producer = Producer(channel)
    with producer.batch(BATCH):
        for message in messages:
            priority = broker_priority(message.priority, "amqp")
            _send(producer, TASK_QUEUE, message.body(), priority=priority, headers=message.headers())
    # Nothing that is published is answered. This is, after all that went before it has found the queue.
    channel.queue_declare(queue=TASK_QUEUE, passive=True)


def _put(channel: Any, queue: str, text: str) -> None:
    channel.queue_declare(queue=queue, durable=True, auto_delete=False)
    _send(Producer(channel), queue, text)


def _send(producer: Producer, queue: str, body: Any, **properties: Any) -> None:
    # The default exchange leads to the queue of that name, without a look-up.
    producer.publish(
        body,
        exchange="",
        routing_key=queue,
        serializer="json",
        delivery_mode="persistent",
        retry=False,
        **properties,
    )


def _is_amqp(connection: Connection) -> bool:
    return bool(connection.transport.driver_type == "amqp")
