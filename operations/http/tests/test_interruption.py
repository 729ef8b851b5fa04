"""A cancelled task ends its request at once, wherever it waits, and leaves no connection open."""

import os
import signal
import socket
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from billiard.exceptions import SoftTimeLimitExceeded

from operations.http.connecting import Guard
from operations.http.ip_addresses import Address
from operations.http.policy import read_policy
from operations.http.tests.conftest import Ask
from operations.http.tests.test_guard import fetch
from testing.peers import Behaviour, dripping, raw, running_peer, silent


def cancel() -> None:
    """As a worker does: the signal arrives wherever the main thread is."""
    os.kill(os.getpid(), signal.SIGUSR1)


@pytest.fixture(autouse=True)
def a_signal_that_cancels() -> Iterator[None]:
    """SIGUSR1 raises in the main thread."""

    def stop(*_: object) -> None:
        raise SoftTimeLimitExceeded

    former = signal.signal(signal.SIGUSR1, stop)
    yield
    signal.signal(signal.SIGUSR1, former)


def cancelling(then: Behaviour) -> Behaviour:
    def behave(wire: socket.socket, number: int) -> None:
        cancel()
        then(wire, number)

    return behave


@pytest.mark.parametrize(
    "behave",
    [silent, dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n")],
    ids=["waiting", "reading", "skipping"],
)
def test_while_it_waits_for_the_answer(ask: Ask, behave: Behaviour) -> None:
    with running_peer(cancelling(behave)) as peer, pytest.raises(SoftTimeLimitExceeded):
        ask(peer.url(), timeout_seconds=300)


def test_while_it_looks_up_the_name() -> None:
    ends = Event()

    def hang(_: str) -> list[Address]:
        cancel()
        ends.wait()
        return []

    try:
        with pytest.raises(SoftTimeLimitExceeded):
            fetch("http://slow.test/", Guard(resolve=hang), seconds=300)
    finally:
        ends.set()


def test_while_it_agrees_on_keys() -> None:
    def accept_and_cancel(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1024)
            cancel()
            while connection.recv(1024):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=accept_and_cancel, args=(listener,), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(SoftTimeLimitExceeded):
            fetch(url, Guard(read_policy(["127.0.0.1"], [])), seconds=300)
        thread.join(10)
        assert not thread.is_alive(), "the connection is still open"


def test_nothing_of_it_is_left_for_the_next_request(ask: Ask) -> None:
    with running_peer(cancelling(silent)) as first, pytest.raises(SoftTimeLimitExceeded):
        ask(first.url(), timeout_seconds=300)
    with running_peer(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as second:
        assert ask(second.url())["body"] == "ok"
