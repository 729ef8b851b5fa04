"""A connection to exactly the address that was judged, and to no other."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpcore

from operations.errors import OperationError, passing, permanent
from operations.http.deadline import Deadline
from operations.http.ip_addresses import Address, plain
from operations.http.policy import Policy
from operations.http.resolving import Resolve, resolve_within, system_resolve
from operations.http.target import Target
from operations.http.trust import tls_context

MAX_RECEIVED_BYTES = 2 * 1024 * 1024
MAX_ADDRESSES_TRIED = 4


@dataclass(frozen=True, slots=True)
class Guard:
    """Opens connections where the policy allows it. Each name is looked up once, and every address is judged."""

    policy: Policy = field(default_factory=Policy)
    ca_file: str | None = None
    resolve: Resolve = system_resolve

    def connect(self, target: Target, deadline: Deadline) -> "GuardedStream":
        """A connection, with TLS where the scheme says so. The caller closes it. Raises OperationError."""
        raw = _connect_to_one(self._addresses(target, deadline), target, deadline)
        return GuardedStream(
            raw if target.scheme == "http" else self._secure(raw, target, deadline), deadline
        )

    def _addresses(self, target: Target, deadline: Deadline) -> list[Address]:
        found = [target.address] if target.address else resolve_within(self.resolve, target.host, deadline)
        addresses = [plain(address) for address in found]
        for address in addresses:
            refusal = self.policy.refusal(target, address)
            if refusal:
                raise permanent(
                    "refused_target",
                    f"{target.authority} leads to {refusal}, which the operator has not allowed; "
                    "HTTP_REQUEST_ALLOW can open it",
                )
        return addresses

    def _secure(self, raw: socket.socket, target: Target, deadline: Deadline) -> ssl.SSLSocket:
        with _closed_on_failure(raw):
            # Not the handshake yet: an exception in it would leave nothing to close.
            secure = tls_context(self.ca_file).wrap_socket(
                raw, server_hostname=target.host, do_handshake_on_connect=False
            )
        with _closed_on_failure(secure):
            secure.settimeout(deadline.left())
            _shake_hands(secure, target, deadline)
        return secure


class GuardedStream(httpcore.NetworkStream):
    """What httpcore reads and writes. Its own timeouts do not count, only the deadline and the limit of bytes.

    `ended`: the other side sends no more.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._may_receive = MAX_RECEIVED_BYTES
        self.ended = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (httpcore's signature)
        """Some bytes, none at the end. Raises OperationError."""
        if self._may_receive <= 0:
            raise passing("broken_answer", f"the answer has more than {MAX_RECEIVED_BYTES} bytes")
        self._connection.settimeout(self._deadline.left())
        try:
            received = self._connection.recv(max_bytes)
        except TimeoutError:
            raise self._deadline.passed() from None
        except OSError as error:
            raise passing("connection_failed", f"the connection broke: {_reason(error)}") from None
        self._may_receive -= len(received)
        self.ended = not received
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (httpcore's signature)
        """Raises OperationError when the time is up, and WriteError, after which httpcore still reads an answer."""
        while buffer:
            self._connection.settimeout(self._deadline.left())
            try:
                buffer = buffer[self._connection.send(buffer) :]
            except TimeoutError:
                raise self._deadline.passed() from None
            except OSError as error:
                raise httpcore.WriteError(str(error)) from None

    def close(self) -> None:
        """Twice does no harm."""
        with suppress(OSError):
            self._connection.close()


def _connect_to_one(addresses: list[Address], target: Target, deadline: Deadline) -> socket.socket:
    failure: OperationError | None = None
    tried = addresses[:MAX_ADDRESSES_TRIED]
    for number, address in enumerate(tried):
        try:
            # One that never answers must leave time for the next.
            return _open(address, target.port, deadline.left() / (len(tried) - number))
        except TimeoutError:
            failure = passing("connection_failed", f"{target.authority} does not answer")
        except OSError as error:
            failure = passing("connection_failed", f"no connection to {target.authority}: {_reason(error)}")
    raise failure or passing("connection_failed", f"{target.authority} has no address")


def _open(address: Address, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    with _closed_on_failure(connection):
        connection.settimeout(seconds)
        connection.connect((str(address), port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _shake_hands(secure: ssl.SSLSocket, target: Target, deadline: Deadline) -> None:
    try:
        secure.do_handshake()
    except ssl.SSLCertVerificationError as error:
        raise permanent(
            "untrusted_certificate",
            f"the certificate of {target.authority} is not valid: {error.verify_message}",
        ) from None
    except TimeoutError:
        raise deadline.passed() from None
    except OSError as error:
        raise passing("connection_failed", f"no TLS with {target.authority}: {_reason(error)}") from None


@contextmanager
def _closed_on_failure(connection: socket.socket) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "the handshake failed").replace("_", " ").lower()
    return error.strerror or type(error).__name__
