"""One request and its answer, over a connection of their own."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import cast

import httpcore

from operations.errors import passing
from operations.http.connecting import Guard, GuardedStream
from operations.http.deadline import Deadline
from operations.http.headers import printable
from operations.http.requests import Request
from operations.http.target import Target

MAX_HEADER_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `headers` has lower-case names, those that came twice joined; `content` is read as it comes."""

    status: int
    headers: Mapping[str, str]
    content: Iterator[bytes]


@contextmanager
def answering(request: Request, guard: Guard, deadline: Deadline) -> Iterator[Response]:
    """The answer, whose content can be read while the context lasts. Raises OperationError, also from the content."""
    with closing(guard.connect(request.target, deadline)) as stream:
        with _telling_of_broken_answers(stream):
            connection = httpcore.HTTP11Connection(_origin(request.target), stream)
            response = connection.handle_request(_as_httpcore(request))
        headers = _read_headers(response.headers)
        pieces = cast("Iterable[bytes]", response.stream)  # httpcore has one type for both of its worlds
        yield Response(response.status, headers, _content(pieces, stream))


def _content(pieces: Iterable[bytes], stream: GuardedStream) -> Iterator[bytes]:
    with _telling_of_broken_answers(stream):
        yield from pieces


@contextmanager
def _telling_of_broken_answers(stream: GuardedStream) -> Iterator[None]:
    try:
        yield
    except httpcore.RemoteProtocolError:
        if stream.ended:
            raise passing("connection_failed", "the other side closed the connection too early") from None
        raise passing("broken_answer", "what came back is not HTTP") from None


def _read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    size = sum(len(name) + len(value) for name, value in raw)
    if size > MAX_HEADER_BYTES:
        raise passing(
            "broken_answer", f"the answer has {size} bytes of headers, at most {MAX_HEADER_BYTES} are read"
        )
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("ascii").lower(), printable(value.decode("latin-1"))
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _origin(target: Target) -> httpcore.Origin:
    return httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port)


def _as_httpcore(request: Request) -> httpcore.Request:
    target = request.target
    url = httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )
    return httpcore.Request(request.method, url, headers=request.wire_headers(), content=request.body or b"")
