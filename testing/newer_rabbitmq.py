"""A stand-in for a newer RabbitMQ: it stands before a real one, says it is another release, and refuses as that does.

All that it does not refuse is done by the real one.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from config.stack.ports import LOOPBACK
from testing.ports import own_port
from testing.rabbitmq import RabbitMQ

METHOD, FRAME_END = 1, b"\xce"
START, QUEUE_DECLARE, CHANNEL_CLOSE, CHANNEL_CLOSE_OK = (10, 10), (50, 10), (20, 40), (20, 41)
PRECONDITION_FAILED = 406
GREETING_BYTES = 8


@dataclass
class NewerRabbitMQ:
    """A way to `server` on which it is of a `version` that refuses each queue that is declared with an argument."""

    server: RabbitMQ
    version: str
    refused_argument: str
    port: int = field(default_factory=own_port)
    refusals: int = 0

    @property
    def url(self) -> str:
        """The CELERY_BROKER_URL."""
        real = urlsplit(self.server.url)
        return real._replace(netloc=f"{real.username}:{real.password}@{LOOPBACK}:{self.port}").geturl()


@contextmanager
def newer_rabbitmq(server: RabbitMQ, version: str, refused_argument: str) -> Iterator[NewerRabbitMQ]:
    """The stand-in, until the context ends."""
    stand_in = NewerRabbitMQ(server, version, refused_argument)
    with ExitStack() as open_sockets, socket.create_server((LOOPBACK, stand_in.port)) as listening:
        threading.Thread(target=_accept, args=(listening, stand_in, open_sockets), daemon=True).start()
        yield stand_in


def _accept(listening: socket.socket, stand_in: NewerRabbitMQ, open_sockets: ExitStack) -> None:
    with suppress(OSError):  # closed: the end
        while True:
            client = open_sockets.enter_context(listening.accept()[0])
            server = open_sockets.enter_context(socket.create_connection((LOOPBACK, stand_in.server.port)))
            between = _Between(stand_in, client, server)
            for work in (between.carry_up, between.carry_down):
                threading.Thread(target=work, daemon=True).start()


class _Between:
    """One connection. Each direction has a thread, and each socket one thread that writes to it."""

    def __init__(self, stand_in: NewerRabbitMQ, client: socket.socket, server: socket.socket) -> None:
        self._stand_in = stand_in
        self._client = client
        self._server = server
        self._refused: dict[int, str] = {}
        """Channels that the server closes for us, and what the client is told then."""
        self._closing: set[int] = set()
        """Channels of which the client has been told."""

    def carry_up(self) -> None:
        """From the client to the server."""
        with suppress(OSError), self._client.makefile("rb") as said:
            self._server.sendall(said.read(GREETING_BYTES))
            while frame := said.read(7):
                self._server.sendall(self._asked(frame, said.read(_size(frame) + 1)))
        self._end()

    def carry_down(self) -> None:
        """From the server to the client."""
        with suppress(OSError), self._server.makefile("rb") as said:
            while frame := said.read(7):
                self._client.sendall(self._answered(frame, said.read(_size(frame) + 1)))
        self._end()

    def _asked(self, head: bytes, rest: bytes) -> bytes:
        channel, method = _channel(head), _method(head, rest)
        if method == QUEUE_DECLARE and self._stand_in.refused_argument.encode() in rest:
            name = rest[7 : 7 + rest[6]].decode()
            self._stand_in.refusals += 1
            self._refused[channel] = (
                f"PRECONDITION_FAILED - invalid arg '{self._stand_in.refused_argument}' for queue '{name}' in vhost '/'"
            )
            return _close(channel, 200, "", (0, 0))
        if method == CHANNEL_CLOSE_OK and channel in self._closing:
            self._closing.discard(channel)
            return b""
        return head + rest

    def _answered(self, head: bytes, rest: bytes) -> bytes:
        channel, method = _channel(head), _method(head, rest)
        if method == START:
            return self._as_another_release(rest)
        if method == CHANNEL_CLOSE_OK and channel in self._refused:
            self._closing.add(channel)
            return _close(channel, PRECONDITION_FAILED, self._refused.pop(channel), QUEUE_DECLARE)
        return head + rest

    def _as_another_release(self, rest: bytes) -> bytes:
        """The server's greeting, a table of properties among it, with another version."""
        before, key, after = rest[:-1].partition(b"\x07versionS")
        (length,) = struct.unpack_from(">I", after)
        version = self._stand_in.version.encode()
        after = struct.pack(">I", len(version)) + version + after[4 + length :]
        (table,) = struct.unpack_from(">I", before, 6)
        before = before[:6] + struct.pack(">I", table + len(version) - length) + before[10:]
        return _frame(0, before + key + after)

    def _end(self) -> None:
        for each in (self._client, self._server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _size(head: bytes) -> int:
    return int.from_bytes(head[3:7], "big")


def _channel(head: bytes) -> int:
    return int.from_bytes(head[1:3], "big")


def _method(head: bytes, rest: bytes) -> tuple[int, int] | None:
    if head[0] != METHOD:
        return None
    class_id, method_id = struct.unpack_from(">HH", rest)
    return class_id, method_id


def _close(channel: int, code: int, text: str, method: tuple[int, int]) -> bytes:
    said = text.encode()
    return _frame(
        channel,
        struct.pack(">HHHB", *CHANNEL_CLOSE, code, len(said)) + said + struct.pack(">HH", *method),
    )


def _frame(channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", METHOD, channel, len(payload)) + payload + FRAME_END
