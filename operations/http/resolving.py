"""From a host's name to its addresses, within a deadline."""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread

from operations.errors import passing
from operations.http.deadline import Deadline
from operations.http.ip_addresses import Address

Resolve = Callable[[str], list[Address]]


def system_resolve(host: str) -> list[Address]:
    """The addresses that this machine's resolver knows, best first. Raises OSError."""
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [ip_address(str(answer[4][0])) for answer in answers]


def resolve_within(resolve: Resolve, host: str, deadline: Deadline) -> list[Address]:
    """At least one address of the host. Raises OperationError."""
    found: SimpleQueue[list[Address] | OSError] = SimpleQueue()

    def look_up() -> None:
        try:
            found.put(resolve(host))
        except OSError as error:
            found.put(error)

    # The system's resolver knows no deadline and hears no signal: a thread may wait for it, and be left behind.
    Thread(target=look_up, name="resolver", daemon=True).start()
    try:
        answer = found.get(timeout=deadline.left())
    except Empty:
        raise deadline.passed() from None
    if isinstance(answer, OSError) or not answer:
        reason = f": {answer.strerror}" if isinstance(answer, OSError) and answer.strerror else ""
        raise passing("unresolved_host", f"the name {host} has no address{reason}")
    return answer
