"""Whoever reads a file slowly holds up nobody."""

import socket
from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.http import FileResponse, HttpResponse

from rest.files import FilesInPlaces
from rest.places import Places
from testing.web import Web

FILE = "/static/drf-yasg/swagger-ui-dist/swagger-ui-bundle.js"
MANY = 700


def sent(answer: Any, places: Places) -> tuple[list[str], Iterable[bytes]]:
    """The status lines that were told, and what is sent."""
    statuses: list[str] = []

    def application(_: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [])
        return answer

    def start_response(status: str, *_: object) -> Any:
        statuses.append(status)

    return statuses, FilesInPlaces(application, places, lambda _: None)({}, start_response)


# Django looks after its connections when an answer is closed.
@pytest.mark.django_db
def test_a_file_keeps_its_place_until_it_is_sent() -> None:
    places = Places(1, of_one=1)
    first, second = FileResponse(BytesIO(b"abc")), FileResponse(BytesIO(b"abc"))
    statuses, parts = sent(first, places)
    assert (statuses, b"".join(parts)) == (["200 OK"], b"abc")
    statuses, refusal = sent(second, places)
    assert (statuses[-1], b"too_many_readers" in b"".join(refusal)) == ("503 Service Unavailable", True)
    assert second.closed
    parts.close()  # type: ignore[attr-defined] # as WSGI servers do
    assert first.closed
    assert sent(FileResponse(BytesIO(b"abc")), places)[0] == ["200 OK"]


def test_other_answers_need_none() -> None:
    places = Places(1, of_one=1)
    with places.place(None):
        assert sent(HttpResponse(b"abc"), places)[0] == ["200 OK"]


@pytest.mark.django_db(transaction=True)
def test_those_who_read_slowly_hold_up_nobody(web: Web) -> None:
    with ExitStack() as stack:
        for number in range(MANY):
            wire = stack.enter_context(socket.socket())
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.bind((f"127.0.0.{2 + number % 3}", 0))
            wire.connect(("127.0.0.1", web.port))
            wire.sendall(f"GET {FILE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert web.get("/health/live/").status == 200
        assert web.get("/tasks/").status == 200
        assert len(web.get(FILE).content) > 1_000_000
