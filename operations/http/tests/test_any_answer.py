"""Whatever bytes come back, a request gives a result that can be stored, or fails as it is documented."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations import OperationError, testing
from operations.http.failures import ERRORS
from testing.peers import LOOPBACK_ALLOWED, raw, running_peer
from values.storable import storable

STATUS_LINES = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.0 404 No",
    b"HTTP/1.1 302 Go",
    b"HTTP/1.1 503",
    b"HTTP/1.1 100 Go on",
]
HEADERS = [
    b"Content-Length: 5", b"Content-Length: 0", b"Transfer-Encoding: chunked", b"Content-Encoding: gzip",
    b"Content-Encoding: br", b"Content-Type: application/json", b"Content-Type: text/plain; charset=utf-16",
    b"Location: /", b"Location: http://127.1/", b"Retry-After: 3", b"Retry-After: Sun, 29 Mar 2026 01:30:00 GMT",
    b"Date: Sun, 29 Mar 2026 99:30:00 GMT", b" folded", b"Connection: close", b"ETag: \xff\x01",
]  # fmt: skip
BODIES = [
    b"",
    b"hello",
    b'{"a": 1}',
    b"5\r\nhello\r\n0\r\n\r\n",
    b"\x1f\x8b\x08\0\0\0\0\0\0\0",
    b"\0\xff\xd8\x00",
]
ANSWERS = st.builds(
    lambda line, headers, body, rest: b"\r\n".join([line, *headers, b"", body]) + rest,
    st.sampled_from(STATUS_LINES) | st.binary(max_size=20),
    st.lists(st.sampled_from(HEADERS) | st.binary(max_size=20), max_size=5),
    st.sampled_from(BODIES) | st.binary(max_size=50),
    st.binary(max_size=10),
)
ARGUMENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "read_as": st.sampled_from(["auto", "json", "text", "base64", "nothing"]),
        "method": st.sampled_from(["GET", "HEAD", "POST"]),
        "follow_redirects": st.just(2),
        "max_body_bytes": st.just(3),
        "expected_status": st.just(["2xx", "3xx", "4xx"]),
    },
)


@given(ANSWERS, ARGUMENTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes(data: bytes, arguments: dict[str, Any]) -> None:
    with running_peer(raw(data)) as peer, testing.configured(http=LOOPBACK_ALLOWED):
        storable(outcome({"url": peer.url(), **arguments}))


def outcome(arguments: dict[str, Any]) -> Any:
    """The result, or the message of an error that is documented."""
    try:
        return testing.run("http_request", arguments).result
    except OperationError as error:
        if error.type not in ERRORS:
            raise
        return error.message
