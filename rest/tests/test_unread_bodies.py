"""The end of a connection is told to whoever is answered before the body was read."""

import socket
from collections.abc import Iterable
from contextlib import closing
from http.client import HTTPResponse
from io import BytesIO
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from rest.unread_bodies import closing_if_unread
from testing.web import Web

CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}


def is_closed(reads: tuple[int, ...], **environ: str) -> bool:
    """Whether the end is told, if the application reads so many bytes of `123`, one after the other."""
    told: list[tuple[str, str]] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for size in reads:
            environ["wsgi.input"].read(size)
        start_response("200 OK", [("A", "b")])
        return []

    def start_response(_: str, headers: list[tuple[str, str]]) -> None:
        told.extend(headers)

    given = {"wsgi.input": BytesIO(b"123"), **environ}
    closing_if_unread(application, given, start_response)  # type: ignore[arg-type]
    assert told[0] == ("A", "b")
    return told[1:] == [("Connection", "close")]


@pytest.mark.parametrize(
    ("reads", "environ", "expected"),
    [
        ((), {"CONTENT_LENGTH": "3"}, True),
        ((2,), {"CONTENT_LENGTH": "3"}, True),
        ((2, 1), {"CONTENT_LENGTH": "3"}, False),
        ((-1,), {"CONTENT_LENGTH": "3"}, False),
        ((), {"CONTENT_LENGTH": "0"}, False),
        ((), {"CONTENT_LENGTH": ""}, False),
        ((), CHUNKED, True),
        ((3,), CHUNKED, True),
        ((3, 1), CHUNKED, False),
        ((3, 0), CHUNKED, True),
    ],
)
def test_it_is_told_where_something_is_left(
    reads: tuple[int, ...], environ: dict[str, str], expected: bool
) -> None:
    assert is_closed(reads, **environ) is expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "length", "status"),
    [("/files/?colour=red", 3, 400), ("/files/?colour=red", 9_000, 400), ("/tasks/", 20_000_000, 413)],
)
def test_a_refused_body_loses_no_other_request(web: Web, path: str, length: int, status: int) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    for _ in range(20):
        with closing(socket.create_connection(("127.0.0.1", web.port), timeout=30)) as wire:
            wire.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())
            answer = HTTPResponse(wire, method="POST")
            answer.begin()
            assert (answer.status, answer.will_close) == (status, True)
            answer.close()
