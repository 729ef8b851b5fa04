"""Signatures in the form of Standard Webhooks."""

import base64
import hmac
import json
from hashlib import sha256

import pytest

from operations import testing
from operations.http.signature import InvalidSecret, check_secret, signed_headers
from operations.http.tests.conftest import Ask
from testing.peers import Received, answer, in_turn, running_peer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signature_of(request: Received, key: bytes) -> str:
    """What a receiver expects, written without our code."""
    signed = b".".join(
        [request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body]
    )
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


def test_the_example_of_the_specification() -> None:
    headers = signed_headers(
        SECRET, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (SECRET, base64.b64decode(SECRET.removeprefix("whsec_"))),
        ("a plain ü text", "a plain ü text".encode()),
    ],
)
@pytest.mark.parametrize(
    "arguments", [{"body": {"json": {"a": "ü"}}}, {"body": {"text": ""}}, {"method": "DELETE"}]
)
def test_a_receiver_can_check_it(ask: Ask, secret: str, key: bytes, arguments: dict[str, object]) -> None:
    with running_peer(answer()) as peer:
        ask(peer.url(), signing_secret={"$secret": "hook"}, secrets={"hook": secret}, **arguments)
    [request] = peer.requests
    assert request.headers["webhook-id"] == testing.TASK_ID
    assert request.headers["webhook-signature"] == signature_of(request, key)


def test_every_try_has_the_same_id(failing: Ask, ask: Ask) -> None:
    with running_peer(in_turn(answer(status="503 Busy"), answer())) as peer:
        failing(peer.url(), body={"json": 1}, signing_secret=SECRET)
        ask(peer.url(), body={"json": 1}, signing_secret=SECRET)
    assert len({request.headers["webhook-id"] for request in peer.requests}) == 1
    assert [json.loads(request.body) for request in peer.requests] == [1, 1]


def test_without_a_secret_nothing_is_signed(ask: Ask) -> None:
    with running_peer(answer()) as peer:
        ask(peer.url(), body={"json": 1})
    assert not [name for name in peer.requests[0].headers if name.startswith("webhook-")]


@pytest.mark.parametrize("secret", ["whsec_", "whsec_%%%%%%%%", "whsec_abc", "whsec_AAAA AAAA", "whsec_üüüü"])
def test_a_secret_that_claims_to_be_base64_is_base64(secret: str) -> None:
    with pytest.raises(InvalidSecret, match="must have base64 after whsec_"):
        check_secret(secret)
