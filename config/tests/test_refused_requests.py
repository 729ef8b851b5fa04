"""What the web server's log says of requests that are refused before any view."""

import logging

import pytest

from config.logs import MOST_CHARACTERS, RefusalFilter
from testing.concurrency import eventually
from testing.web import Web


def head(web: Web, host: str) -> bytes:
    headers = f"Host: {host}\r\nX-Request-ID: {len(host)}-here\r\nConnection: close"
    return f"GET /tasks/ HTTP/1.1\r\n{headers}\r\n\r\n".encode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("host", ["evil.example", "e" * 5_000, "a\tb", "127.0.0.1\r\nHost: evil.example"])
def test_a_wrong_host_is_one_line(web: Web, host: str) -> None:
    before = len(web.log.read_text())
    web.send(head(web, host)).problem(400, "bad_request")
    # The request's own line is written when the answer is sent.
    eventually(lambda: "GET /tasks/ 400" in web.log.read_text()[before:])
    line, _ = web.log.read_text()[before:].splitlines()
    assert "Invalid HTTP_HOST header" in line
    assert line.endswith(f"request_id={len(host)}-here")
    assert len(line) < MOST_CHARACTERS + 150


def test_other_lines_keep_their_traceback() -> None:
    error = ValueError("here")
    for name, kept in (("django.request", True), ("django.security.DisallowedHost", False)):
        record = logging.LogRecord(
            name, logging.ERROR, "path", 1, "%s", ("message",), (ValueError, error, None)
        )
        assert RefusalFilter().filter(record)
        assert (record.exc_info is not None, record.getMessage()) == (kept, "message")
