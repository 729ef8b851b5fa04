"""Kombu's transport for Redis and Valkey, with one client where kombu makes one for each command.

A client of redis-py takes 60 us to make, several times for each message, and holds nothing but its pool of connections.
"""

from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):
    """Keeps its client as long as the pool that the client takes connections from."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # these each have a connection of their own, on which they wait
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return self._kept


class Transport(redis.Transport):
    """Makes such channels."""

    Channel = Channel
