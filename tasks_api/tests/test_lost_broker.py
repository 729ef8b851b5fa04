"""A worker that loses its broker while it has messages that it took and did not acknowledge."""

from contextlib import suppress
from typing import Any

from kombu.connection import Connection

from tasks_api.broker.consuming import ForgivingQoS
from testing.servers import running_valkey


def taken(connection: Connection, text: str) -> Any:
    """A channel that took a message."""
    channel = connection.channel()
    channel.queue_declare("taken")
    connection.Producer().publish(text, routing_key="taken")
    assert channel.basic_get("taken", no_ack=False)
    assert isinstance(channel.qos, ForgivingQoS)
    return channel


def test_all_its_channels_can_be_closed() -> None:
    with running_valkey() as url:
        connection = Connection(url, transport_options={"socket_connect_timeout": 3})
        channels = [taken(connection, "one"), taken(connection, "two")]
    with suppress(connection.connection_errors):
        connection.collect()
    assert any(not channel.closed for channel in channels)
    for channel in channels:
        channel.close()


def test_what_was_taken_goes_back_while_the_broker_is_there() -> None:
    with running_valkey() as url, Connection(url) as connection:
        taken(connection, "one").close()
        assert connection.default_channel.basic_get("taken").payload == "one"
