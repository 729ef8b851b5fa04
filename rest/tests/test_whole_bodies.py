"""Bodies that come in pieces, slowly, or not at all."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from rest.bodies import IN_MEMORY_BYTES, WholeBodies
from testing.web import Web

LIMIT = 100
LOOPBACK = "127.0.0.1"
MANY = 80
"""Three times as many as the server works on at once."""


class Drip(BytesIO):
    """Gives less than it is asked for, as a connection does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 7))


def seen(stream: BytesIO, **environ: str) -> tuple[bytes, str | None]:
    """What the application sees: the body, and how long it is said to be."""
    found: list[tuple[bytes, str | None]] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found.append((environ["wsgi.input"].read(), environ.get("CONTENT_LENGTH")))
        return []

    def start_response(*_: object) -> object:
        raise AssertionError("nobody answers here")

    WholeBodies(application, LIMIT)({"wsgi.input": stream, **environ}, start_response)  # type: ignore[arg-type]
    return found[0]


class TestTheWrapper:
    @pytest.mark.parametrize("length", [0, 1, 7, 8, LIMIT - 1, LIMIT])
    def test_it_works(self, length: int) -> None:
        body = b"a" * length
        assert seen(Drip(body), HTTP_TRANSFER_ENCODING="chunked") == (body, str(length))

    def test_of_what_is_too_long_it_reads_enough_to_tell(self) -> None:
        assert seen(Drip(b"a" * 1_000), HTTP_TRANSFER_ENCODING="chunked") == (b"a" * 101, "101")

    def test_a_body_that_tells_its_length_is_read_so_far(self) -> None:
        assert seen(Drip(b"a" * 50), CONTENT_LENGTH="42") == (b"a" * 42, "42")
        assert seen(BytesIO(b"")) == (b"", None)

    def test_one_that_says_that_it_is_too_long_is_left_to_the_application(self) -> None:
        assert seen(BytesIO(b"abc"), CONTENT_LENGTH="101") == (b"abc", "101")

    def test_a_part_is_not_taken_for_the_whole(self) -> None:
        told: list[str] = []

        def application(_: WSGIEnvironment, __: StartResponse) -> Iterable[bytes]:
            raise AssertionError("it must not be asked")

        def start_response(status: str, *_: object) -> object:
            told.append(status)
            return None

        environ = {"wsgi.input": BytesIO(b"12"), "CONTENT_LENGTH": "3"}
        assert list(WholeBodies(application, LIMIT)(environ, start_response)) == []  # type: ignore[arg-type]
        assert told == ["400 Bad Request"]


@pytest.mark.django_db(transaction=True)
class TestTheWebServer:
    def test_it_works(self, web: Web) -> None:
        answer = web.post_chunked("/tasks/", b'{"opera', b'tion": "4', b'+7"}')
        assert answer.status == 202
        assert answer.json["arguments"] == {"expression": "4+7"}

    def test_an_empty_one_is_an_empty_body(self, web: Web) -> None:
        assert web.post_chunked("/tasks/").errors() == [("#/operation", "required", "is required")]

    def test_a_broken_one_is_refused(self, web: Web) -> None:
        ((where, code, _),) = web.post_chunked("/tasks/", b"{").errors()
        assert (where, code) == ("#", "invalid_json")

    def test_those_that_come_slowly_hold_up_nobody(self, web: Web) -> None:
        body = b'{"operation": "4+7"}'
        head = f"POST /tasks/ HTTP/1.1\r\nHost: {LOOPBACK}:{web.port}\r\nConnection: close\r\n"
        told = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with ExitStack() as stack:
            wires = [
                stack.enter_context(socket.create_connection((LOOPBACK, web.port), timeout=30))
                for _ in range(MANY)
            ]
            for wire in wires:
                wire.sendall((head + told).encode() + body[:5])
            assert web.get("/tasks/").status == 200
            for wire in wires:
                wire.sendall(body[5:])
            assert all(wire.recv(12) == b"HTTP/1.1 202" for wire in wires)

    def test_a_large_one_is_read(self, web: Web) -> None:
        padding = b" " * IN_MEMORY_BYTES
        assert web.post("/tasks/", padding + b'{"operation": "4+7"}' + padding).status == 202

    def test_a_larger_one_is_refused(self, web: Web) -> None:
        web.post_chunked("/tasks/", *[b" " * 1_048_576] * 16, b" ").problem(413, "content_too_large")
