"""What a result has of an answer."""

import base64
import gzip
import json
import tracemalloc
from typing import Any

import pytest

from operations.http.tests.conftest import Ask
from testing.peers import Behaviour, answer, raw, running_peer
from values.storable import storable


def asked(ask: Ask, behave: Behaviour, **arguments: Any) -> Any:
    with running_peer(behave) as peer:
        return ask(peer.url(), **arguments)


def chunked(*chunks: bytes) -> Behaviour:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"
    return raw(head, *chunks)


def test_the_whole_result(ask: Ask) -> None:
    result = asked(ask, answer(b'{"a": 1}', "ETag: x", "X-More: 2", kind="application/json"))
    assert result.pop("elapsed_seconds") >= 0
    assert result == {
        "status": 200,
        "headers": {"content-type": "application/json", "etag": "x"},
        "body": {"a": 1},
        "truncated": False,
    }


class TestHeaders:
    def test_those_that_are_asked_for_are_told(self, ask: Ask) -> None:
        behave = answer(b"", "X-Rate: 7", "Location: /a", "Set-Cookie: a=1", "set-cookie: b=2", kind=None)
        result = asked(ask, behave, response_headers=["X-RATE", "Set-Cookie", "X-Away"])
        assert result["headers"] == {"location": "/a", "set-cookie": "a=1, b=2", "x-rate": "7"}

    def test_bytes_that_are_no_text_are_told_as_well_as_may_be(self, ask: Ask) -> None:
        result = asked(ask, answer(b"", "ETag: a\x01b\xfc", kind=None))
        assert result["headers"]["etag"].startswith("a\ufffdb")


class TestJson:
    @pytest.mark.parametrize(
        "kind", ["application/json", "Application/JSON; charset=utf-8", "a/problem+json;x=y"]
    )
    def test_it_is_parsed_where_it_says_so(self, ask: Ask, kind: str) -> None:
        assert asked(ask, answer(b'{"a": [1, null, "\xc3\xbc"]}', kind=kind))["body"] == {"a": [1, None, "ü"]}

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/jsonlines", "text/json5", "a/json+xml", "", None]
    )
    def test_else_it_is_text(self, ask: Ask, kind: str | None) -> None:
        assert asked(ask, answer(b'{"a": 1}', kind=kind))["body"] == '{"a": 1}'

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "nothing",
            "NaN",
            "[1e999]",
            '"\\u0000"',
            '"\\ud800"',
            "[" * 100_000,
            "[" * 70 + "]" * 70,
            "9" * 5_000,
        ],
    )
    def test_what_is_none_or_cannot_be_stored_is_text(self, ask: Ask, text: str) -> None:
        assert (
            asked(ask, answer(text.encode(), kind="application/json"), max_body_bytes=200_000)["body"] == text
        )

    @pytest.mark.parametrize("text", ["[1e999]", "no", "", "[" * 70 + "]" * 70])
    def test_that_fails_where_json_is_demanded(self, failing: Ask, text: str) -> None:
        error = asked(failing, answer(text.encode()), read_as="json")
        assert (error.type, error.permanent) == ("unreadable_answer", True)

    def test_demanded_it_is_parsed_whatever_it_says(self, ask: Ask) -> None:
        assert asked(ask, answer(b"[1]", kind="text/html"), read_as="json")["body"] == [1]

    def test_cut_it_is_not_json_any_more(self, ask: Ask, failing: Ask) -> None:
        behave = answer(b"[1, 2, 3]", kind="application/json")
        result = asked(ask, behave, max_body_bytes=5)
        assert (result["body"], result["truncated"]) == ("[1, 2", True)
        assert asked(failing, behave, read_as="json", max_body_bytes=5).type == "unreadable_answer"

    def test_one_that_grows_when_it_is_written_anew_still_fits(self, ask: Ask) -> None:
        text = "[" + ",".join(["1e15"] * 52_428) + "]"
        behave = answer(text.encode(), f"X-Long: {'ü' * 15_500}", kind="application/json")
        storable(asked(ask, behave, max_body_bytes=262_144, response_headers=["x-long"]))


class TestText:
    @pytest.mark.parametrize(
        ("data", "kind", "text"),
        [
            ("grüße".encode(), "text/plain", "grüße"),
            ("\ufeffgrüße".encode(), "text/plain; charset=UTF-8", "grüße"),
            ("grüße".encode("latin-1"), 'text/plain; charset="iso-8859-1"', "grüße"),
            ("€".encode("cp1252"), "text/plain;charset=windows-1252", "€"),
            ("漢字".encode("shift_jis"), "text/plain; charset=Shift_JIS", "漢字"),
            ("grüße".encode("utf-16"), "text/plain; charset=utf-16", "grüße"),
            (b"a\xff\x00b\x1b", "text/plain", "a\ufffd\ufffdb\ufffd"),
            (b"tab\tline\r\n", "text/plain", "tab\tline\r\n"),
            (b"a\0b\0", "text/plain; charset=utf-16", "ab"),
            (b"abc", "text/plain; charset=rot13", "abc"),
            (b"abc", "text/plain; charset=punycode", "abc"),
            (b"abc", "text/plain; charset=utf-7", "abc"),
            (b"abc", "text/plain; charset=no-such", "abc"),
        ],
    )
    def test_charsets(self, ask: Ask, data: bytes, kind: str, text: str) -> None:
        assert asked(ask, answer(data, kind=kind))["body"] == text

    def test_half_a_character_at_the_cut_is_left_out(self, ask: Ask) -> None:
        result = asked(ask, answer("aü".encode()), max_body_bytes=2)
        assert (result["body"], result["truncated"]) == ("a", True)

    @pytest.mark.parametrize("byte", [b"\x00", b"\xff", b'"', b"\\"])
    def test_the_longest_fits_into_a_result_whatever_it_holds(self, ask: Ask, byte: bytes) -> None:
        result = asked(ask, answer(byte * 262_144), max_body_bytes=262_144)
        assert len(result["body"]) == 262_144

    def test_what_is_just_as_long_as_is_allowed_is_not_cut(self, ask: Ask) -> None:
        result = asked(ask, answer(b"abc"), max_body_bytes=3)
        assert (result["body"], result["truncated"]) == ("abc", False)


class TestReadAs:
    def test_base64(self, ask: Ask) -> None:
        data = bytes(range(256))
        assert base64.b64decode(asked(ask, answer(data), read_as="base64")["body"]) == data

    def test_text(self, ask: Ask) -> None:
        assert asked(ask, answer(b"[1]", kind="application/json"), read_as="text")["body"] == "[1]"

    def test_nothing(self, ask: Ask) -> None:
        result = asked(ask, answer(b"[1]", "Content-Encoding: br"), read_as="nothing")
        assert (result["body"], result["truncated"]) == (None, False)

    @pytest.mark.parametrize(("read_as", "body"), [("auto", None), ("text", ""), ("base64", "")])
    def test_an_empty_body(self, ask: Ask, read_as: str, body: str | None) -> None:
        assert asked(ask, answer(kind="application/json"), read_as=read_as)["body"] == body

    @pytest.mark.parametrize("status", ["204 No Content", "205 Reset Content"])
    def test_no_body(self, ask: Ask, status: str) -> None:
        result = asked(ask, raw(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()))
        assert (result["status"], result["body"]) == (int(status[:3]), None)

    def test_head(self, ask: Ask) -> None:
        behave = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: x\r\n\r\n")
        result = asked(ask, behave, method="HEAD")
        assert (result["body"], result["headers"]) == (None, {"etag": "x"})


class TestFraming:
    def test_chunks(self, ask: Ask) -> None:
        behave = chunked(b"3;name=value\r\nabc\r\n", b"0003\r\ndef\r\n", b"0\r\nX-Trailer: 1\r\n\r\n")
        assert asked(ask, behave)["body"] == "abcdef"

    def test_no_length_at_all(self, ask: Ask) -> None:
        assert asked(ask, raw(b"HTTP/1.0 200 OK\r\n\r\n", b"abc", b"def"))["body"] == "abcdef"

    def test_answers_before_the_answer(self, ask: Ask) -> None:
        early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        result = asked(ask, raw(early, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), body={"text": "x"})
        assert (result["status"], result["body"]) == (200, "ok")

    def test_a_body_in_pieces(self, ask: Ask) -> None:
        pieces = [bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"]
        assert asked(ask, raw(*pieces))["body"] == "abc"

    def test_more_than_was_announced_does_not_count(self, ask: Ask) -> None:
        assert (
            asked(ask, raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 500 No"))["body"]
            == "abc"
        )


class TestGzip:
    def test_what_comes_compressed_without_being_asked_is_read(self, ask: Ask) -> None:
        body = gzip.compress(json.dumps({"a": "b" * 1_000}).encode())
        for name in ("gzip", "X-GZIP"):
            behave = answer(body, f"Content-Encoding: {name}", kind="application/json")
            assert asked(ask, behave)["body"] == {"a": "b" * 1_000}

    def test_a_bomb_is_cut(self, ask: Ask) -> None:
        bomb = gzip.compress(bytes(100_000_000), compresslevel=1)
        tracemalloc.start()
        result = asked(ask, answer(bomb, "Content-Encoding: gzip"), max_body_bytes=1_000, read_as="base64")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 10_000_000
        assert (len(base64.b64decode(result["body"])), result["truncated"]) == (1_000, True)

    @pytest.mark.parametrize("data", [b"not gzip", gzip.compress(b"x" * 1_000, mtime=0)[:-9]])
    def test_what_is_none_is_a_broken_answer(self, failing: Ask, data: bytes) -> None:
        error = asked(failing, answer(data, "Content-Encoding: gzip"))
        assert (error.type, error.permanent) == ("broken_answer", False)

    @pytest.mark.parametrize("coding", ["gzip", "br"])
    def test_where_nothing_came_nothing_is_compressed(self, ask: Ask, coding: str) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Encoding: {coding}\r\n\r\n".encode()
        assert asked(ask, raw(head), method="HEAD")["body"] is None
        assert asked(ask, answer(b"", f"Content-Encoding: {coding}"))["body"] is None

    @pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "compress"])
    def test_other_ways_cannot_be_read(self, failing: Ask, coding: str) -> None:
        error = asked(failing, answer(b"x", f"Content-Encoding: {coding}"))
        assert (error.type, error.permanent) == ("unreadable_answer", True)
