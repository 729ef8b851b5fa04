"""Everything that is said to the broker. It holds hints only, so whatever fails here is made good by the sweep."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import ChannelError
from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from kombu.messaging import Producer

from tasks_api.messages import TASK_QUEUE, Message, broker_priority

BATCH = 500
CANARY_QUEUE = "punctual.canary"
NOT_FOUND = "404"


class BrokerAway(Exception):
    """The broker does not answer; whether it got what was said last, nobody knows."""


class Broker:
    """One connection, made when it is needed and forgotten when it fails. For one thread at a time.

    Every method raises BrokerAway.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._channel: Any = None

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand over tasks, in their order."""
        with self._open() as channel, (producer := Producer(channel)).batch(BATCH):
            driver = producer.connection.transport.driver_type
            for message in messages:
                self._send(
                    producer,
                    TASK_QUEUE,
                    message.body(),
                    priority=broker_priority(message.priority, driver),
                    headers=message.headers(),
                    correlation_id=str(message.task_id),
                )

    def send(self, queue: str, body: Any, headers: dict[str, Any]) -> None:
        """Send one message that is no task of ours."""
        with self._open() as channel:
            self._send(Producer(channel), queue, body, headers=headers, correlation_id=headers["id"])

    def waiting(self) -> int:
        """How many tasks' messages wait for a worker."""
        with self._open() as channel:
            return self._size(channel, TASK_QUEUE)

    def was_emptied(self) -> bool:
        """Whether the broker has lost what it held since this was last asked, by anybody; a new one has.

        A message that nobody takes stands for all the others: when it is gone, they are.
        """
        with self._open() as channel:
            if self._size(channel, CANARY_QUEUE) > 0:
                return False
        with self._open() as channel:
            channel.queue_declare(queue=CANARY_QUEUE, durable=True, auto_delete=False)
            self._send(Producer(channel), CANARY_QUEUE, "if this is gone, so is everything else")
        return True

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.release()

    @contextmanager
    def _open(self) -> Iterator[Any]:
        connection = self._connection or current_app.connection_for_write()
        errors = (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError)
        try:
            if self._channel is None:
                connection.ensure_connection(max_retries=1, interval_start=0, reraise_as_library_errors=False)
                self._connection, self._channel = connection, connection.channel()
            yield self._channel
        except errors as error:
            self.close()
            raise BrokerAway(str(error)) from error

    @staticmethod
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

    def _size(self, channel: Any, queue: str) -> int:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except ChannelError as error:
            if str(error.reply_code) != NOT_FOUND:
                raise
            if not getattr(channel, "is_open", True):  # AMQP closes the channel on which one asked in vain
                self._channel = None
            return 0  # on Redis an empty queue does not exist
