"""Real HTTP servers on loopback that behave as they are told: well, or as badly as bytes allow."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Thread

import trustme

from config.stack.ports import LOOPBACK
from operations.http.configuration import HttpConfiguration
from operations.http.ip_addresses import Address
from operations.http.policy import read_policy

Behaviour = Callable[[socket.socket, int], None]
"""What to do with a connection once its request has come; the number counts them from 0."""

LOOPBACK_ALLOWED = HttpConfiguration(read_policy([LOOPBACK], []))


@dataclass(frozen=True)
class Received:
    """A request as the server got it."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """What it got."""

    port: int
    scheme: str = "http"
    host: str = LOOPBACK
    requests: list[Received] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        """Its address."""
        return f"{self.scheme}://{self.host}:{self.port}{path}"


def answer(
    body: bytes = b"", *headers: str, status: str = "200 OK", kind: str | None = "text/plain"
) -> Behaviour:
    """A plain answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    if kind:
        lines.append(f"Content-Type: {kind}")
    return raw("\r\n".join([*lines, "", ""]).encode() + body)


def raw(*parts: bytes) -> Behaviour:
    """These bytes, and then the connection is closed."""

    def behave(wire: socket.socket, _number: int) -> None:
        for part in parts:
            wire.sendall(part)

    return behave


def endless(head: bytes, again: bytes) -> Behaviour:
    """Some bytes, and then others again and again until the client goes."""

    def behave(wire: socket.socket, _number: int) -> None:
        wire.sendall(head)
        while True:
            wire.sendall(again)

    return behave


def dripping(head: bytes, drop: bytes) -> Behaviour:
    """Some bytes, and then others so slowly that it looks alive, until the client goes."""

    def behave(wire: socket.socket, _number: int) -> None:
        wire.sendall(head)
        wire.settimeout(0.01)
        while True:
            with suppress(TimeoutError):
                if not wire.recv(1):
                    return
            wire.sendall(drop)

    return behave


def silent(wire: socket.socket, _number: int) -> None:
    """Not a word, until the client goes."""
    while wire.recv(1024):
        pass


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One for each connection, the last one for all that follow."""

    def behave(wire: socket.socket, number: int) -> None:
        behaviours[min(number, len(behaviours) - 1)](wire, number)

    return behave


@contextmanager
def running_peer(
    behave: Behaviour, *, host: str = LOOPBACK, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Peer]:
    """A server that deals with one connection after the other, while the context lasts.

    Fails at the end of the context unless each client has closed its connection.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        shown = f"[{host}]" if ":" in host else host
        peer = Peer(listener.getsockname()[1], "https" if tls else "http", shown)
        thread = Thread(target=_serve, args=(listener, peer, behave, tls), daemon=True)
        thread.start()
        yield peer
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)
        assert not thread.is_alive(), "a client has not closed its connection"


def _serve(listener: socket.socket, peer: Peer, behave: Behaviour, tls: ssl.SSLContext | None) -> None:
    for number in count():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        peer.connections += 1
        with connection, suppress(OSError):
            if tls is None:
                _attend(connection, peer, behave, number)
            else:
                with tls.wrap_socket(connection, server_side=True) as secure:
                    _attend(secure, peer, behave, number)


def _attend(wire: socket.socket, peer: Peer, behave: Behaviour, number: int) -> None:
    peer.requests.append(_receive(wire))
    behave(wire, number)
    wire.shutdown(socket.SHUT_WR)
    while wire.recv(65_536):
        pass


def _receive(wire: socket.socket) -> Received:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(wire)
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += _some(wire)
    return Received(line, headers, body)


def _some(wire: socket.socket) -> bytes:
    data = wire.recv(65_536)
    if not data:
        raise ConnectionError("the client went before its request was complete")
    return data


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """What a server with a certificate for these names needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def trusting(authority: trustme.CA, folder: Path) -> str:
    """The path of a file with the authority's certificate."""
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def knowing(names: dict[str, list[Address]]) -> Callable[[str], list[Address]]:
    """A resolver that knows these names and no others."""

    def resolve(host: str) -> list[Address]:
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return names[host]

    return resolve
