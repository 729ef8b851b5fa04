"""Bodies that come in pieces, slowly, or not at all."""

import json
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from rest.body_readers import GRACE_SECONDS, IN_MEMORY_BYTES, WholeBodies
from rest.places import OF_ONE_ADDRESS, Places
from testing.api import Answer
from testing.concurrency import eventually
from testing.web import Web

LIMIT = 100
BODY = b'{"operation": "4+7"}'
MANY, MANY_OF_ONE = 700, 100
PATIENCE_SECONDS = 30


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

    whole(application)({"wsgi.input": stream, **environ}, start_response)  # type: ignore[arg-type]
    return found[0]


def whole(application: WSGIApplication, places: Places | None = None) -> WholeBodies:
    return WholeBodies(application, LIMIT, places or Places(1, of_one=1), lambda _: None)


def refused(stream: BytesIO, places: Places | None = None, **environ: str) -> tuple[str, str, dict[str, str]]:
    """The refusal of what the application must not see: status, code and headers."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def application(_: WSGIEnvironment, __: StartResponse) -> Iterable[bytes]:
        raise AssertionError("it must not be asked")

    def start_response(status: str, headers: list[tuple[str, str]]) -> object:
        started.append((status, headers))
        return None

    given = {"wsgi.input": stream, "HTTP_X_REQUEST_ID": "mine", **environ}
    content = b"".join(whole(application, places)(given, start_response))  # type: ignore[arg-type]
    ((status, headers),) = started
    body = Answer(int(status[:3]), dict(headers), content).problem(
        int(status[:3]), json.loads(content)["code"]
    )
    assert (body["request_id"], dict(headers)["Connection"]) == ("mine", "close")
    assert content.endswith(b"}\n")
    return status, body["code"], dict(headers)


class TestTheWrapper:
    @pytest.mark.parametrize("length", [1, 4, 5, 7, 8, LIMIT - 1, LIMIT])
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

    @pytest.mark.parametrize("given", [b"", b"1", b"12", b"1234567"])
    def test_a_part_is_not_taken_for_the_whole(self, given: bytes) -> None:
        status, code, _ = refused(BytesIO(given), CONTENT_LENGTH="8")
        assert (status, code) == ("400 Bad Request", "incomplete_body")

    def test_nothing_in_chunks_may_be_a_body_that_broke_off(self) -> None:
        status, code, _ = refused(BytesIO(), HTTP_TRANSFER_ENCODING="chunked")
        assert (status, code) == ("400 Bad Request", "incomplete_body")

    @pytest.mark.parametrize("coding", ["gzip, chunked", "identity", "", "chunked, chunked"])
    def test_other_codings_are_refused(self, coding: str) -> None:
        status, code, _ = refused(BytesIO(b"{}"), HTTP_TRANSFER_ENCODING=coding)
        assert (status, code) == ("400 Bad Request", "bad_request")

    def test_where_all_places_are_taken_by_slow_ones_more_are_refused(self) -> None:
        places = Places(1, of_one=1)
        with places.place(None):
            status, code, headers = refused(BytesIO(b"12"), places, CONTENT_LENGTH="2")
            assert seen(BytesIO(b"")) == (b"", None)
        assert (status, code, headers["Retry-After"]) == ("503 Service Unavailable", "too_many_bodies", "5")
        assert refused(BytesIO(b"1"), places, CONTENT_LENGTH="2")[1] == "incomplete_body"

    def test_one_that_drips_is_refused_soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A clock that a byte takes a second of."""
        now = 0.0

        class Dripping(BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                nonlocal now
                now += size or 0
                return super().read(size)

        monkeypatch.setattr("rest.body_readers.monotonic", lambda: now)
        status, code, _ = refused(Dripping(b"a" * 99), CONTENT_LENGTH="99")
        assert (status, code) == ("408 Request Timeout", "body_too_slow")
        assert now <= 2 * GRACE_SECONDS

    def test_one_that_is_slow_and_short_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        times = iter([0.0, *[GRACE_SECONDS + 1.0] * 9])
        monkeypatch.setattr("rest.body_readers.monotonic", lambda: next(times))
        assert seen(BytesIO(b"abc"), CONTENT_LENGTH="3") == (b"abc", "3")


def slow_body(web: Web, number: int) -> socket.socket:
    """A connection that has sent the beginning of a body. The first ones come from one address, others from several."""
    host = "127.0.0.2" if number < MANY_OF_ONE else f"127.0.0.{3 + number % 5}"
    wire = socket.create_connection(
        ("127.0.0.1", web.port), timeout=PATIENCE_SECONDS, source_address=(host, 0)
    )
    head = f"POST /tasks/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nConnection: close\r\n"
    length = f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    wire.sendall((head + length).encode() + BODY[:5])
    return wire


def is_answered(wire: socket.socket) -> bool:
    wire.setblocking(False)
    try:
        return bool(wire.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        wire.settimeout(PATIENCE_SECONDS)


@pytest.mark.django_db(transaction=True)
class TestTheWebServer:
    def test_it_works(self, web: Web) -> None:
        answer = web.post_chunked("/tasks/", b'{"opera', b'tion": "4', b'+7"}')
        assert answer.status == 202
        assert answer.json["arguments"] == {"expression": "4+7"}

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"5\r\n",
            b'b\r\n{"operation"\r\n',
            b'5\r\n{"ope',
            b"zz\r\n{}\r\n0\r\n\r\n",
            b'b\r\n{"operation"\r\nzz\r\n',
        ],
    )
    def test_one_that_breaks_off_is_refused(self, web: Web, sent: bytes) -> None:
        assert web.send_chunked("/tasks/cancel/?tag=none", sent).status == 400
        assert web.send_chunked("/tasks/", sent).status == 400

    def test_an_empty_one_could_have_broken_off(self, web: Web) -> None:
        web.post_chunked("/tasks/").problem(400, "incomplete_body")

    def test_one_of_which_a_part_came_is_refused(self, web: Web) -> None:
        head = b"POST /tasks/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 30\r\n\r\n"
        web.send(head, b'{"operation": "4+7"}', half_closed=True).problem(400, "incomplete_body")

    def test_what_is_no_json_is_refused(self, web: Web) -> None:
        ((where, code, _),) = web.post_chunked("/tasks/", b"{").errors()
        assert (where, code) == ("#", "invalid_json")

    def test_those_that_come_slowly_hold_up_nobody(self, web: Web) -> None:
        """More than the server has threads, from one address and from many."""
        with ExitStack() as stack:
            wires = [stack.enter_context(slow_body(web, number)) for number in range(MANY)]
            assert web.get("/tasks/").status == 200
            assert web.get("/health/live/").status == 200
            assert web.post("/tasks/", BODY).status == 202
            of_one = wires[:MANY_OF_ONE]
            eventually(lambda: sum(map(is_answered, of_one)) == MANY_OF_ONE - OF_ONE_ADDRESS)
            answered = [wire for wire in of_one if is_answered(wire)]
            waiting = [wire for wire in of_one if wire not in answered]
            assert all(wire.recv(12) == b"HTTP/1.1 503" for wire in answered)
            for wire in waiting:
                wire.sendall(BODY[5:])
            assert all(wire.recv(12) == b"HTTP/1.1 202" for wire in waiting)

    def test_a_large_one_is_read(self, web: Web) -> None:
        padding = b" " * IN_MEMORY_BYTES
        assert web.post("/tasks/", padding + b'{"operation": "4+7"}' + padding).status == 202

    def test_a_larger_one_is_refused(self, web: Web) -> None:
        web.post_chunked("/tasks/", *[b" " * 1_048_576] * 16, b" ").problem(413, "content_too_large")

    def test_one_that_would_be_too_large_is_not_even_sent(self, web: Web) -> None:
        head = "POST /tasks/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
        expectation = "Expect: 100-continue\r\nContent-Length: 17000000\r\n\r\n"
        web.send((head + expectation).encode()).problem(413, "content_too_large")

    def test_of_two_lengths_the_one_that_a_proxy_may_have_overlooked_counts_and_nothing_after_it(
        self, web: Web
    ) -> None:
        head = b"POST /tasks/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        both = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunked = b"14\r\n" + BODY + b"\r\n0\r\n\r\n"
        answer = web.send(head + both + chunked + b"GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert answer.status == 202
        assert b"HTTP/1.1" not in answer.content
