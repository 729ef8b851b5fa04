"""What the broker's server says of itself, and whether it serves what is urgent first."""

import re
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import uuid4

from kombu.entity import Queue
from kombu.messaging import Producer
from redis.exceptions import ResponseError

from tasks_api.broker.messages import HIGHEST_BROKER_PRIORITY, broker_priority
from tasks_api.broker.redis_transport import Channel

CHECK_QUEUE = "punctual.check"
LEAST_URGENT, MOST_URGENT = 0, 9

Version = tuple[int, ...]


class ServerFacts(NamedTuple):
    """What is known of the broker's server. None: it does not tell."""

    product: str
    version: Version | None = None
    sorts: bool = True
    """Whether the more urgent of two messages comes first, though it was sent last."""
    eviction: str | None = None
    """What Redis and Valkey do where memory is full: `maxmemory-policy`."""
    memory_limit: int = 0
    """In bytes; 0: none."""
    memory_used: int = 0


def server_facts(channel: Any) -> ServerFacts:
    """Asks, with a queue of its own that is gone afterwards. Raises what the connection raises."""
    sorts = _sorts(channel)
    if not isinstance(channel, Channel):
        properties = getattr(channel.connection, "server_properties", {})
        product = str(properties.get("product", "AMQP"))
        return ServerFacts(product, version_of(properties.get("version")), sorts)
    server, memory = _info(channel, "server"), _info(channel, "memory")
    is_valkey = server.get("server_name") == "valkey" or "valkey_version" in server
    version = server.get("valkey_version") if is_valkey else server.get("redis_version")
    return ServerFacts(
        "Valkey" if is_valkey else "Redis",
        version_of(version),
        sorts,
        memory.get("maxmemory_policy"),
        int(memory.get("maxmemory", 0)),
        int(memory.get("used_memory", 0)),
    )


def version_of(text: object) -> Version | None:
    """The numbers in front of a version such as `9.0.1-rc1`; None: it has none."""
    found = re.match(r"\d+(\.\d+)*", str(text))
    return None if found is None else tuple(int(part) for part in found[0].split("."))


def _info(channel: Channel, section: str) -> dict[str, Any]:
    """Nothing, where an access list of the server forbids to ask."""
    with suppress(ResponseError), channel.conn_or_acquire() as client:
        return dict(client.info(section))
    return {}


def _sorts(channel: Any) -> bool:
    name = f"{CHECK_QUEUE}.{uuid4().hex}"
    arguments = {"x-max-priority": HIGHEST_BROKER_PRIORITY}
    driver = "redis" if isinstance(channel, Channel) else "amqp"
    channel.queue_declare(queue=name, durable=False, exclusive=True, arguments=arguments)
    try:
        for priority in (LEAST_URGENT, MOST_URGENT):
            Producer(channel).publish(
                priority,
                exchange="",
                routing_key=name,
                serializer="json",
                priority=broker_priority(priority, driver),
                retry=False,
            )
        first: Any = Queue(name, channel=channel, no_declare=True).get(no_ack=True)
        return first is not None and first.payload == MOST_URGENT
    finally:
        channel.queue_purge(queue=name)
        channel.queue_delete(queue=name)
