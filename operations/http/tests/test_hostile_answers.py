"""Answers that would never end, or are no HTTP: each ends the request within its limits, and the connection too."""

from typing import Any

import pytest

from operations.errors import OperationError
from operations.http.tests.conftest import Ask
from testing.away import closed_port
from testing.peers import Behaviour, Peer, answer, dripping, endless, in_turn, raw, running_peer, silent

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def asked(ask: Ask, behave: Behaviour, **arguments: Any) -> Any:
    with running_peer(behave) as peer:
        return ask(peer.url(), **arguments)


class TestSlow:
    @pytest.mark.parametrize(
        "behave",
        [
            silent,
            dripping(b"", b"H"),
            dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
            dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            dripping(OK + b"Content-Length: 60000\r\n\r\n", b"x"),
            dripping(CHUNKED, b"1\r\nx\r\n"),
            dripping(CHUNKED + b"1;", b"x"),
            dripping(CHUNKED + b"0\r\n", b"X: y\r\n"),
            dripping(OK + b"\r\n", b"x"),
        ],
    )
    def test_it_ends_with_its_time(self, failing: Ask, behave: Behaviour) -> None:
        error = asked(failing, behave, timeout_seconds=0.2)
        assert (error.type, error.permanent) == ("request_timeout", False)
        assert "0.2 s" in error.message

    def test_a_status_that_is_not_expected_counts_although_its_body_is_slow(self, failing: Ask) -> None:
        head = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 600\r\n\r\n"
        error = asked(failing, dripping(head, b"x"), timeout_seconds=1)
        assert (error.type, error.retry_after) == ("unexpected_status", 7)


class TestEndless:
    @pytest.mark.parametrize(
        "head",
        [OK + b"\r\n", OK + b"Content-Length: 99999999999999\r\n\r\n"],
    )
    def test_a_body_is_cut(self, ask: Ask, head: bytes) -> None:
        result = asked(ask, endless(head, b"x" * 1_000), max_body_bytes=5_000)
        assert (result["body"], result["truncated"]) == ("x" * 5_000, True)

    def test_chunks_are_cut(self, ask: Ask) -> None:
        result = asked(ask, endless(CHUNKED, b"5\r\nhello\r\n"), max_body_bytes=7)
        assert (result["body"], result["truncated"]) == ("hellohe", True)

    def test_none_of_it_is_read_where_none_is_wanted(self, ask: Ask) -> None:
        result = asked(ask, endless(OK + b"\r\n", b"x" * 1_000), read_as="nothing")
        assert (result["body"], result["truncated"]) == (None, False)

    @pytest.mark.parametrize(
        "behave",
        [
            endless(OK, b"X-Header: of some length\r\n"),
            endless(OK + b"X: ", b"y" * 1_000),
            endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
            endless(b"", b"x" * 1_000),
            endless(CHUNKED, b"1;" + b"x" * 1_000),
            endless(CHUNKED, b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
            endless(CHUNKED + b"0\r\n", b"X: y\r\n"),
            endless(
                OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\0", b"\0\0\0\xff\xff" * 1_000
            ),
        ],
    )
    def test_what_leads_nowhere_is_given_up(self, failing: Ask, behave: Behaviour) -> None:
        error = asked(failing, behave, max_body_bytes=60_000)
        assert (error.type, error.permanent) == ("broken_answer", False)

    def test_more_headers_than_are_read(self, failing: Ask) -> None:
        headers = [f"X-{number}: {'y' * 100}" for number in range(500)]
        error = asked(failing, answer(b"", *headers))
        assert error.type == "broken_answer"
        assert "32768" in error.message


class TestBroken:
    @pytest.mark.parametrize(
        "answer",
        [
            b"SSH-2.0-OpenSSH_9.7\r\n\r\n",
            b"220 mail.test ESMTP\r\n\r\n",
            b"-ERR unknown command\r\n\r\n",
            b"\x16\x03\x01\x00\xa5",
            b"HTTP/9.9.9 200 OK\r\n\r\n",
            b"HTTP/1.1 abc OK\r\n\r\n",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1 099 No\r\n\r\n",
            b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            OK + b"no header\r\n\r\n",
            OK + b"X : y\r\n\r\n",
            OK + b"X: y\x00\r\n\r\n",
            OK + b"Content-Length: -1\r\n\r\n",
            OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            OK + b"Content-Length: x\r\n\r\n",
            OK + b"Transfer-Encoding: gzip\r\n\r\n",
            OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n",
            CHUNKED + b"zz\r\n",
            CHUNKED + b"-1\r\nx\r\n",
            CHUNKED + b"fffffffffffffffffffff\r\nx",
            CHUNKED + b"3\r\nabcdef\r\n",
        ],
    )
    def test_what_is_not_http(self, failing: Ask, answer: bytes) -> None:
        error = asked(failing, raw(answer))
        assert (error.type, error.permanent) == ("broken_answer", False)

    @pytest.mark.parametrize(
        "answer",
        [
            OK + b"Content-Length: 10\r\n\r\nabc",
            CHUNKED + b"5\r\nhel",
            CHUNKED + b"5\r\nhello\r\n",
            CHUNKED,
        ],
    )
    def test_a_body_that_breaks_off(self, failing: Ask, answer: bytes) -> None:
        error = asked(failing, raw(answer))
        assert (error.type, error.permanent) == ("connection_failed", False)

    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2", OK, OK + b"X: y\r\n"])
    def test_one_that_ends_before_it_began(self, failing: Ask, answer: bytes) -> None:
        error = asked(failing, raw(answer))
        assert (error.type, error.permanent) == ("connection_failed", False)

    def test_nobody_there(self, failing: Ask) -> None:
        error = failing(f"http://127.0.0.1:{closed_port()}/")
        assert (error.type, error.permanent) == ("connection_failed", False)
        assert "Connection refused" in error.message

    def test_the_next_try_may_succeed(self, ask: Ask) -> None:
        with running_peer(in_turn(raw(b"nonsense\r\n\r\n"), answer(b"fine"))) as peer:
            assert _fails(ask, peer).type == "broken_answer"
            assert ask(peer.url())["body"] == "fine"

    def test_an_answer_before_the_request_was_read_counts(self, failing: Ask) -> None:
        error = asked(failing, answer(b"too much", status="413 Too Large"), body={"text": "x" * 200_000})
        assert (error.type, error.permanent) == ("unexpected_status", True)


def _fails(ask: Ask, peer: Peer) -> OperationError:
    with pytest.raises(OperationError) as failure:
        ask(peer.url())
    return failure.value
