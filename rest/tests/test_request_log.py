"""The line of a request, from the outside of the WSGI application."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from log_lines.formatting import PlainFormatter
from rest.request_log import MOST_CHARACTERS, RequestLog


class Parts:
    """An answer that is made while it is sent."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"a", b"b"])

    def close(self) -> None:
        self.closed = True


def nobody(*_: Any) -> Any:
    """A server that does not care."""


def ask(answer: Any, path: str = "/tasks/", status: str = "202 Accepted", **environ: str) -> Iterable[bytes]:
    def application(_environ: Any, start_response: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        start_response(status, [("Content-Length", "2"), ("X-Request-ID", "order-7")])
        return answer

    given = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "token=s3cret", **environ}
    return RequestLog(application, probes=("/health/",))(given, nobody)


@pytest.fixture
def request_lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "rest.request_log")
    return caplog


def test_its_facts(request_lines: pytest.LogCaptureFixture) -> None:
    ask([b"{}"])
    (record,) = request_lines.records
    name, fields = record.__dict__["event"]
    assert name == "request.answered"
    assert fields.pop("duration_ms") >= 0
    assert fields == {"method": "POST", "path": "/tasks/", "status": 202, "request_id": "order-7"}
    assert record.getMessage().startswith("POST /tasks/ 202 ")
    assert PlainFormatter().format(record).endswith(" ms request_id=order-7")


def test_it_is_told_when_the_answer_is_sent(request_lines: pytest.LogCaptureFixture) -> None:
    parts = Parts()
    answer: Any = ask(parts)
    assert list(answer) == [b"a", b"b"]
    assert not request_lines.records
    answer.close()
    assert parts.closed
    assert len(request_lines.records) == 1


def test_an_error_that_nobody_caught_is_told(request_lines: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="no"):
        ask(ValueError("no"))
    assert request_lines.records[0].getMessage().startswith("POST /tasks/ 500 ")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a\nb\x1b[2J", "/a%0Ab%1B%5B2J"),
        ("/caf\u00c3\u00a9 1", "/caf%C3%A9%201"),
        ("/\xff", "/%FF"),
        ("/" + "a" * 9_000, "/" + "a" * (MOST_CHARACTERS - 1)),
    ],
)
def test_a_path_is_shown_as_it_was_sent(
    request_lines: pytest.LogCaptureFixture, path: str, shown: str
) -> None:
    ask([], path)
    assert request_lines.records[0].getMessage().split()[1] == shown


def test_the_query_is_left_out(request_lines: pytest.LogCaptureFixture) -> None:
    ask([])
    assert "s3cret" not in PlainFormatter().format(request_lines.records[0])


@pytest.mark.parametrize(("status", "lines"), [("200 OK", 0), ("503 Service Unavailable", 1)])
def test_probes_are_told_only_if_they_fail(
    request_lines: pytest.LogCaptureFixture, status: str, lines: int
) -> None:
    ask([], "/health/live/", status)
    assert len(request_lines.records) == lines


def test_probes_are_told_at_debug(request_lines: pytest.LogCaptureFixture) -> None:
    request_lines.set_level(logging.DEBUG, "rest.request_log")
    ask([], "/health/live/", "200 OK")
    assert request_lines.records[0].levelname == "DEBUG"
