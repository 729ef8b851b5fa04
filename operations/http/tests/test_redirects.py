"""Redirects: not followed unless asked for, and nothing secret goes to another origin."""

import socket
from typing import Any

import pytest
import trustme

from operations import testing
from operations.http.configuration import HttpConfiguration
from operations.http.policy import read_policy
from operations.http.tests.conftest import Ask
from testing.peers import Behaviour, answer, certified, in_turn, running_peer

BOTH = HttpConfiguration(read_policy(["127.0.0.1", "127.0.0.2"], []))
FULL: dict[str, Any] = {
    "headers": {"Authorization": "Bearer s3cr3t", "Cookie": "a=b", "X-Api-Key": "k3y", "Accept": "text/html"},
    "signing_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def to(location: str, status: int = 302) -> Behaviour:
    return answer(b"", f"Location: {location}", status=f"{status} Go")


class TestUnfollowed:
    def test_a_redirect_is_a_status_like_others(self, failing: Ask) -> None:
        with running_peer(to("/next")) as peer:
            error = failing(peer.url())
        assert (error.type, error.permanent, peer.connections) == ("unexpected_status", True, 1)
        assert "follow_redirects" in error.message

    def test_following_is_not_proposed_where_it_would_be_refused(self, failing: Ask) -> None:
        with running_peer(to("/next")) as peer:
            error = failing(peer.url(), method="POST")
        assert "it redirects: give the address where it leads" in error.message

    def test_it_can_be_what_is_expected(self, ask: Ask) -> None:
        with running_peer(to("/next")) as peer:
            result = ask(peer.url(), expected_status=["3xx"])
        assert (result["status"], result["headers"]["location"]) == (302, "/next")
        assert "url" not in result

    @pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
    def test_not_every_3xx_is_one(self, ask: Ask, status: int) -> None:
        with running_peer(to("/next", status)) as peer:
            result = ask(peer.url(), follow_redirects=3, expected_status=[status])
        assert (result["status"], peer.connections) == (status, 1)

    def test_one_that_leads_nowhere_is_an_answer(self, ask: Ask) -> None:
        with running_peer(answer(status="302 Found")) as peer:
            assert ask(peer.url(), follow_redirects=3, expected_status=[302])["status"] == 302


class TestMethods:
    @pytest.mark.parametrize(
        ("method", "status", "then"),
        [
            ("GET", 301, "GET"), ("GET", 302, "GET"), ("GET", 303, "GET"), ("GET", 307, "GET"), ("GET", 308, "GET"),
            ("HEAD", 302, "HEAD"), ("HEAD", 303, "HEAD"), ("HEAD", 308, "HEAD"),
            ("POST", 303, "GET"), ("POST", 307, "POST"),
            ("POST", 308, "POST"), ("PUT", 301, "PUT"), ("PUT", 303, "GET"), ("PUT", 307, "PUT"),
            ("DELETE", 302, "DELETE"), ("DELETE", 303, "GET"), ("PATCH", 308, "PATCH"),
        ],
    )  # fmt: skip
    def test_the_method_of_the_next_request(self, ask: Ask, method: str, status: int, then: str) -> None:
        has_body = method in {"POST", "PUT", "PATCH"}
        with running_peer(in_turn(to("/next", status), answer())) as peer:
            ask(
                peer.url(),
                method=method,
                follow_redirects=1,
                **({"body": {"text": "hello"}} if has_body else {}),
            )
        second = peer.requests[1]
        assert second.line == f"{then} /next HTTP/1.1"
        assert second.body == (b"hello" if then == method and has_body else b"")
        assert ("content-type" in second.headers) == (then == method and has_body)

    @pytest.mark.parametrize("status", [301, 302])
    @pytest.mark.parametrize("more", [{"body": {"text": "hello"}}, {"method": "POST"}])
    def test_no_get_is_made_of_a_post_that_was_not_done(
        self, failing: Ask, status: int, more: dict[str, Any]
    ) -> None:
        with running_peer(in_turn(to("/next", status), answer())) as peer:
            error = failing(peer.url(), follow_redirects=1, **more)
        assert (error.type, error.permanent, peer.connections) == ("refused_redirect", True, 1)
        assert f"redirects the POST with {status}" in error.message

    def test_nor_where_it_comes_later(self, failing: Ask) -> None:
        with running_peer(in_turn(to("/a", 307), to("/b", 302), answer())) as peer:
            error = failing(peer.url(), follow_redirects=5, body={"json": 1})
        assert (error.type, peer.connections) == ("refused_redirect", 2)


class TestSameOrigin:
    def test_all_goes_along(self, ask: Ask) -> None:
        with running_peer(in_turn(to("/next", 307), answer(b"there"))) as peer:
            result = ask(peer.url(), body={"json": 1}, follow_redirects=1, **FULL)
        first, second = peer.requests
        assert second.headers == first.headers
        assert (result["body"], result["url"]) == ("there", peer.url("/next"))

    def test_a_signature_goes_with_its_body_only(self, ask: Ask) -> None:
        with running_peer(in_turn(to("/next", 303), answer())) as peer:
            ask(peer.url(), body={"json": 1}, follow_redirects=1, **FULL)
        assert not [name for name in peer.requests[1].headers if name.startswith("webhook-")]
        assert peer.requests[1].headers["authorization"] == "Bearer s3cr3t"


class TestOtherOrigin:
    def test_nothing_that_may_be_secret_goes_there(self, ask: Ask) -> None:
        with running_peer(answer(b"there")) as other, running_peer(to(other.url("/x"), 303)) as peer:
            result = ask(peer.url(), body={"json": 1}, follow_redirects=1, **FULL)
        assert result["url"] == other.url("/x")
        assert other.requests[0].headers == {
            "host": f"127.0.0.1:{other.port}",
            "accept": "text/html",
            "accept-encoding": "identity",
            "connection": "close",
            "idempotency-key": testing.TASK_ID,
            "user-agent": "Punctual",
        }

    def test_nor_a_secret_in_a_harmless_header(self, ask: Ask) -> None:
        headers = {"User-Agent": {"$secret": "key"}, "Accept-Language": "de"}
        with running_peer(answer()) as other, running_peer(to(other.url(), 302)) as peer:
            ask(peer.url(), headers=headers, secrets={"key": "correct horse"}, follow_redirects=1)
        assert peer.requests[0].headers["user-agent"] == "correct horse"
        assert "user-agent" not in other.requests[0].headers
        assert other.requests[0].headers["accept-language"] == "de"

    def test_not_even_when_it_comes_back(self, ask: Ask) -> None:
        way_back: list[str] = []

        def send_back(wire: socket.socket, number: int) -> None:
            to(way_back[0])(wire, number)

        with (
            running_peer(send_back) as other,
            running_peer(in_turn(to(other.url()), answer())) as peer,
        ):
            way_back.append(peer.url("/back"))
            ask(peer.url(), follow_redirects=2, **FULL)
        there, back = peer.requests
        assert (there.headers["authorization"], back.line) == ("Bearer s3cr3t", "GET /back HTTP/1.1")
        assert "authorization" not in back.headers

    @pytest.mark.parametrize("status", [307, 308])
    def test_a_body_never_goes_there(self, failing: Ask, status: int) -> None:
        with running_peer(answer()) as other, running_peer(to(other.url(), status)) as peer:
            error = failing(peer.url(), body={"json": 1}, follow_redirects=1)
        assert (error.type, error.permanent, other.connections) == ("refused_redirect", True, 0)

    def test_a_request_without_a_body_goes_there(self, ask: Ask) -> None:
        with running_peer(answer()) as other, running_peer(to(other.url(), 307)) as peer:
            ask(peer.url(), method="DELETE", follow_redirects=1, headers={"Authorization": "x"})
        assert other.requests[0].line == "DELETE / HTTP/1.1"
        assert "authorization" not in other.requests[0].headers


class TestRefused:
    def test_from_https_to_http(self, failing: Ask, authority: trustme.CA, ca_file: str) -> None:
        with (
            running_peer(answer()) as plain,
            running_peer(to(plain.url()), tls=certified(authority, "127.0.0.1")) as safe,
            testing.configured(http=HttpConfiguration(BOTH.policy, ca_file)),
        ):
            error = failing(safe.url(), follow_redirects=3)
        assert (error.type, error.permanent, plain.connections) == ("refused_redirect", True, 0)

    def test_to_what_is_allowed_to_nobody(self, failing: Ask) -> None:
        with running_peer(answer(), host="127.0.0.2") as inner, running_peer(to(inner.url())) as peer:
            error = failing(peer.url(), follow_redirects=3)
        assert (error.type, error.permanent, inner.connections) == ("refused_target", True, 0)

    @pytest.mark.parametrize(
        "location",
        ["ftp://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://a@127.0.0.1/", "//[::1%25lo]/",
         "file:///etc/passwd", "http://127.0.0.1:0/", "\\\\127.0.0.1\\"],
    )  # fmt: skip
    def test_to_what_is_no_address(self, failing: Ask, location: str) -> None:
        with running_peer(to(location)) as peer:
            error = failing(peer.url(), follow_redirects=3)
        assert (error.type, error.permanent, peer.connections) == ("refused_redirect", True, 1)

    def test_round_and_round(self, failing: Ask) -> None:
        with running_peer(to("/")) as peer:
            error = failing(peer.url(), follow_redirects=3)
        assert (error.type, error.permanent, peer.connections) == ("too_many_redirects", True, 4)

    def test_as_many_as_are_allowed_are_none_too_many(self, ask: Ask) -> None:
        with running_peer(in_turn(to("/1"), to("/2"), to("/3"), answer(b"there"))) as peer:
            assert ask(peer.url(), follow_redirects=3)["body"] == "there"
