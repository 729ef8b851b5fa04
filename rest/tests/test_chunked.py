"""Bodies whose length is not told before they come."""

from collections.abc import Iterable
from io import BytesIO
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from rest.chunked import ChunkedBodies
from testing.web import Web

LIMIT = 100


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

    ChunkedBodies(application, LIMIT)({"wsgi.input": stream, **environ}, start_response)  # type: ignore[arg-type]
    return found[0]


class TestTheWrapper:
    @pytest.mark.parametrize("length", [0, 1, 7, 8, LIMIT - 1, LIMIT])
    def test_it_works(self, length: int) -> None:
        body = b"a" * length
        assert seen(Drip(body), HTTP_TRANSFER_ENCODING="chunked") == (body, str(length))

    def test_of_what_is_too_long_it_reads_enough_to_tell(self) -> None:
        assert seen(Drip(b"a" * 1_000), HTTP_TRANSFER_ENCODING="chunked") == (b"a" * 101, "101")

    def test_other_bodies_are_left_alone(self) -> None:
        assert seen(BytesIO(b"abc"), CONTENT_LENGTH="3") == (b"abc", "3")
        assert seen(BytesIO(b"")) == (b"", None)


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

    def test_a_large_one_is_refused(self, web: Web) -> None:
        web.post_chunked("/tasks/", *[b" " * 1_048_576] * 16, b" ").problem(413, "content_too_large")
