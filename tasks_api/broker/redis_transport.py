"""Kombu's transport for Redis and Valkey, without what a row in Postgres makes superfluous."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kombu.transport import redis, virtual


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
    """Keeps its client as long as the pool that the client takes connections from.

    Kombu makes one for each command. That takes 60 us, and it holds nothing but its pool of connections.
    """

    QoS = QoS

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # these each have a connection of their own, on which they wait
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return self._kept

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
