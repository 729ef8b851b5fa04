"""The queues, declared as each server takes them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from amqp.exceptions import ChannelError
from kombu.connection import Connection
from kombu.entity import Queue

CONSUMER_TIMEOUT = "x-consumer-timeout"
NO_CONSUMER_TIMEOUT_FROM = (4, 3)
"""From this RabbitMQ on a classic queue waits for an acknowledgement without end. 4.3.2 refuses the argument."""


class QueueRefused(Exception):
    """The broker refuses a queue of ours, so it cannot serve us until somebody changes that."""


def open_channel(connection: Connection, queues: Iterable[Queue]) -> Any:
    """A channel of a broker that has these queues now. Raises QueueRefused, and what the connection raises.

    A queue that exists may have been declared to another release of the server, and so with other arguments.
    """
    channel = connection.channel()
    for queue in queues:
        channel = _declare(connection, channel, queue)
    return channel


def _declare(connection: Connection, channel: Any, queue: Queue) -> Any:
    """Declare a queue; the channel to go on with, as a refusal closes the one on which it was asked for."""
    refusals = []
    for arguments in _arguments(connection, queue):
        declared: Any = queue.bind(channel)
        declared.queue_arguments = arguments
        try:
            declared.queue_declare()
        except ChannelError as refusal:
            refusals.append(str(refusal))
            channel = connection.channel()
        else:
            return channel
    raise QueueRefused(f"{_server(connection)} refuses the queue {queue.name!r}: {refusals[0]}")


def _arguments(connection: Connection, queue: Queue) -> Iterator[Mapping[str, Any]]:
    """The arguments to declare a queue with, and others if those are refused."""
    given = dict(getattr(queue, "queue_arguments", None) or {})
    fewer = {name: value for name, value in given.items() if name != CONSUMER_TIMEOUT}
    if given == fewer:
        yield given
    elif _version(connection) >= NO_CONSUMER_TIMEOUT_FROM:
        yield from (fewer, given)
    else:
        yield from (given, fewer)


def _server(connection: Connection) -> str:
    properties = _properties(connection)
    return f"{properties.get('product', 'the broker')} {properties.get('version', '')}".strip()


def _version(connection: Connection) -> tuple[int, ...]:
    """Of a RabbitMQ; others take all that an older one took."""
    properties = _properties(connection)
    found = re.match(r"(\d+)\.(\d+)", properties.get("version", ""))
    if properties.get("product") != "RabbitMQ" or found is None:
        return ()
    return int(found[1]), int(found[2])


def _properties(connection: Connection) -> Mapping[str, str]:
    """What an AMQP server says of itself."""
    properties: Mapping[str, str] = getattr(connection.connection, "server_properties", {})
    return properties
