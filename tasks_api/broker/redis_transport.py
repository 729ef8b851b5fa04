"""Kombu's transport for Redis and Valkey, without what a row in Postgres makes superfluous."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from kombu.asynchronous import Hub
from kombu.transport import redis, virtual

from tasks_api.broker.messages import Message, broker_priority


class QoS(redis.QoS):
    """What a worker took and none of its processes has begun: known to itself alone.

    Kombu keeps it in Redis too, in two transactions for each message, so that others find what a dead worker had taken.
    Here the sweep sends it again, and sooner. What workers of an older release left there still comes back.
    """

    append = virtual.QoS.append
    ack = virtual.QoS.ack

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Let go of a message, or put it back."""
        if requeue:
            self.channel.put_back([self.get(delivery_tag)])  # type: ignore[no-untyped-call]
        self.ack(delivery_tag)  # type: ignore[no-untyped-call]

    def restore_unacked(self, client: Any = None) -> None:  # noqa: ARG002 (kombu's signature)
        """Put back for others what is left when a channel is closed."""
        self.channel.put_back(list(self._delivered.values()))
        self._delivered.clear()


class Channel(redis.Channel):
    """Keeps what kombu makes anew for each message.

    A client takes 60 us to make, and holds nothing but its pool of connections. To ask for the next message is to name
    a list for each priority, always the same.
    """

    QoS = QoS
    body_encoding = "utf-8"  # a body is JSON, and a message too

    _kept: Any = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._fetches: dict[tuple[str, ...], Sequence[bytes]] = {}
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # these each have a connection of their own, on which they wait
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return self._kept

    def _brpop_start(self, timeout: float | None = None) -> None:  # noqa: ARG002 (kombu's signature)
        """Ask for the next message, of several queues in their order."""
        queues = tuple(self._queue_cycle.consume(len(self.active_queues)))
        if queues:
            connection = self._in_poll = self.client.connection
            self._brpop_sent_at = monotonic()  # type: ignore[assignment]
            connection.send_packed_command(self._fetch(queues, connection))

    def _fetch(self, queues: tuple[str, ...], connection: Any) -> Sequence[bytes]:
        """That command, as it is sent."""
        if queues not in self._fetches:
            lists = [self._list_of(queue, step) for step in self.priority_steps for queue in queues]
            self._fetches[queues] = connection.pack_command("BRPOP", *lists, self.brpop_timeout)
        return self._fetches[queues]

    def put_all(self, queue: str, messages: Iterable[Message]) -> None:
        """Send tasks, in their order. What kombu does for one message takes three times as long."""
        lists: defaultdict[str, list[str]] = defaultdict(list)
        for message in messages:
            priority = broker_priority(message.priority, "redis")
            lists[self._list_of(queue, priority)].append(self._text(queue, priority, message))
        with self.conn_or_acquire() as client, client.pipeline(transaction=False) as pipeline:
            for name, texts in lists.items():
                pipeline.lpush(name, *texts)
            pipeline.execute()

    def size_of(self, queue: str, priority: int) -> int:
        """How many messages of a priority of ours wait in a queue."""
        with self.conn_or_acquire() as client:
            return int(client.llen(self._list_of(queue, broker_priority(priority, "redis"))))

    def _text(self, queue: str, priority: int, message: Message) -> str:
        """A message as kombu writes it."""
        return json.dumps(
            {
                "body": json.dumps(message.body()),
                "content-encoding": "utf-8",
                "content-type": "application/json",
                "headers": message.headers(),
                "properties": {
                    "priority": priority,
                    "delivery_tag": self._next_delivery_tag(),  # type: ignore[no-untyped-call]
                    "delivery_info": {"exchange": "", "routing_key": queue},
                    "body_encoding": self.body_encoding,
                },
            }
        )

    def _basic_cancel(self, consumer_tag: str) -> None:
        """Take no more. What is handed over now, as asked for before, nobody would read: it goes back."""
        super()._basic_cancel(consumer_tag)  # type: ignore[no-untyped-call]
        if not self._in_poll or self.active_queues:
            return
        with suppress(*self.connection_errors):
            handed_over = self.client.parse_response(self._in_poll, "BRPOP")
            self._in_poll = None  # type: ignore[assignment]
            if handed_over:
                with self.conn_or_acquire() as client:
                    client.rpush(*handed_over)

    def _list_of(self, queue: str, priority: int) -> str:
        return str(self._q_for_pri(queue, priority))  # type: ignore[no-untyped-call]

    def put_back(self, messages: Sequence[virtual.Message]) -> None:
        """As the next of their priority. Not if the broker is away: then they are sent again by the sweep."""
        if self.connection.client is None:  # it was given up, and to look for it now would end the worker
            return
        with suppress(*self.connection_errors), self.conn_or_acquire() as client:
            for message in reversed(messages):
                queue = message.delivery_info["exchange"], message.delivery_info["routing_key"]
                self._do_restore_message(message.serializable(), *queue, client)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """Makes such channels."""

    Channel = Channel

    def register_with_event_loop(self, connection: Any, loop: Hub) -> None:
        """Let a worker's loop wait for what comes from the broker."""
        super().register_with_event_loop(connection, _Registered(loop))  # type: ignore[no-untyped-call]


class _Registered:
    """A loop that is not told again, in each of its turns, for what it waits already."""

    def __init__(self, loop: Hub) -> None:
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def add_reader(self, fd: int, callback: Callable[..., object], *arguments: Any) -> None:
        """Wait for this file, and call back then."""
        if self._loop.readers.get(fd) != (callback, arguments):
            self._loop.add_reader(fd, callback, *arguments)
