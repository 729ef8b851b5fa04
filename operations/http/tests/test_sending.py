"""What the other side receives."""

import json
from typing import Any

import pytest

from operations import testing
from operations.http.tests.conftest import Ask
from testing.peers import answer, running_peer


def sent(ask: Ask, **arguments: Any) -> Any:
    with running_peer(answer()) as peer:
        ask(peer.url("/a?b=c"), **arguments)
        [request] = peer.requests
        return request


def test_a_plain_request(ask: Ask) -> None:
    with running_peer(answer()) as peer:
        ask(peer.url("/a?b=c#d"))
    [request] = peer.requests
    assert request.line == "GET /a?b=c HTTP/1.1"
    assert request.headers == {
        "host": f"127.0.0.1:{peer.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "idempotency-key": testing.TASK_ID,
        "user-agent": "Punctual",
    }
    assert request.body == b""


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods(ask: Ask, method: str) -> None:
    request = sent(ask, method=method)
    assert request.line == f"{method} /a?b=c HTTP/1.1"
    assert request.headers.get("content-length") == ("0" if method in {"POST", "PUT", "PATCH"} else None)


class TestBody:
    @pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, [], "text", 7, False, None])
    def test_json(self, ask: Ask, value: Any) -> None:
        request = sent(ask, body={"json": value})
        assert request.line.startswith("POST ")
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.body) == value

    def test_text(self, ask: Ask) -> None:
        request = sent(ask, method="PUT", body={"text": "grüße\n"})
        assert request.line.startswith("PUT ")
        assert request.headers["content-type"] == "text/plain; charset=utf-8"
        assert request.body == "grüße\n".encode()
        assert request.headers["content-length"] == "8"

    def test_the_type_that_the_caller_gives_counts(self, ask: Ask) -> None:
        request = sent(ask, headers={"Content-Type": "application/xml"}, body={"text": "<a/>"})
        assert request.headers["content-type"] == "application/xml"

    def test_a_long_one_arrives(self, ask: Ask) -> None:
        assert sent(ask, body={"text": "x" * 260_000}).body == b"x" * 260_000

    def test_secrets_that_make_it_too_long(self, failing: Ask) -> None:
        references = [{"$secret": "long"}] * 20
        error = failing("http://127.0.0.1:1/", body={"json": references}, secrets={"long": "x" * 60_000})
        assert (error.type, error.permanent) == ("request_too_large", True)


class TestHeaders:
    def test_those_of_the_caller(self, ask: Ask) -> None:
        request = sent(ask, headers={"X-One": "1", "ACCEPT": "text/html", "User-Agent": "me", "x-empty": ""})
        assert request.headers["x-one"] == "1"
        assert request.headers["accept"] == "text/html"
        assert request.headers["user-agent"] == "me"
        assert request.headers["x-empty"] == ""

    def test_the_key_of_the_caller_counts(self, ask: Ask) -> None:
        assert sent(ask, headers={"Idempotency-Key": "invoice-7"}).headers["idempotency-key"] == "invoice-7"

    def test_proxies_of_the_environment_are_not_asked(
        self, ask: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with running_peer(answer()) as proxy:
            for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url())
            sent(ask)
        assert proxy.connections == 0


class TestSecrets:
    SECRETS = {"token": "Bearer s3cr3t-t0ken", "part": "inner-secret-value"}

    def test_they_go_where_they_are_named(self, ask: Ask) -> None:
        request = sent(
            ask,
            headers={"Authorization": {"$secret": "token"}},
            body={"json": {"deep": [{"$secret": "part"}]}},
            secrets=self.SECRETS,
        )
        assert request.headers["authorization"] == "Bearer s3cr3t-t0ken"
        assert json.loads(request.body) == {"deep": ["inner-secret-value"]}

    def test_a_whole_url_can_be_one(self, ask: Ask) -> None:
        with running_peer(answer()) as peer:
            ask({"$secret": "hook"}, secrets={"hook": peer.url("/hooks/T0K3N")})
        assert peer.requests[0].line == "GET /hooks/T0K3N HTTP/1.1"

    def test_one_that_comes_back_is_masked(self, ask: Ask) -> None:
        with running_peer(answer(b'{"you": "inner-secret-value"}', kind="application/json")) as peer:
            result = ask(peer.url(), body={"text": {"$secret": "part"}}, secrets=self.SECRETS)
        assert result["body"] == {"you": "***"}

    @pytest.mark.parametrize(
        "value", ["with\nline-end", "with\r\nX-Evil: 1", "grüße-an-alle", "nul\x00-value"]
    )
    def test_one_that_is_no_header_is_refused_and_not_shown(self, failing: Ask, value: str) -> None:
        error = failing("http://127.0.0.1:1/", headers={"X": {"$secret": "odd"}}, secrets={"odd": value})
        assert (error.type, error.permanent) == ("invalid_arguments", True)
        assert value not in str(error)
