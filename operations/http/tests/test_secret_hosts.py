"""A secret that the operator binds to hosts goes to no other."""

from collections.abc import Callable
from typing import Any

import pytest

from operations import OperationError, testing
from operations.http.configuration import HttpConfiguration
from operations.http.policy import read_allowance, read_policy
from testing.peers import Peer, answer, running_peer

SECRETS = {
    "token": "Bearer correct-horse",
    "free": "battery-staple",
    "place": "http://{}/hooks/correct-horse",
}
HEADER = {"headers": {"Authorization": {"$secret": "token"}}}


def bound_to(*entries: str) -> HttpConfiguration:
    hosts = tuple(map(read_allowance, entries))
    return HttpConfiguration(
        read_policy(["127.0.0.1", "localhost"], []), secret_hosts={"token": hosts, "place": hosts}
    )


def ask(http: HttpConfiguration, url: Any, **arguments: Any) -> Any:
    place = SECRETS["place"].format("127.0.0.1:1")
    with testing.configured(http=http):
        return testing.run(
            "http_request", {"url": url, **arguments}, secrets={**SECRETS, "place": place}
        ).result


def refused(http: HttpConfiguration, url: Any, **arguments: Any) -> str:
    with pytest.raises(OperationError) as failure:
        ask(http, url, **arguments)
    assert (failure.value.type, failure.value.permanent) == ("refused_secret", True)
    return failure.value.message


@pytest.mark.parametrize(
    "entry",
    [lambda peer: "127.0.0.1", lambda peer: f"127.0.0.1:{peer.port}", lambda peer: "127.0.0.0/8"],
)
def test_it_goes_where_it_may(entry: Callable[[Peer], str]) -> None:
    with running_peer(answer(b"hello")) as peer:
        assert ask(bound_to(entry(peer)), peer.url(), **HEADER)["body"] == "hello"
    assert peer.requests[0].headers["authorization"] == SECRETS["token"]


@pytest.mark.parametrize("entries", [(), ("crm.example",), ("127.0.0.1:1",), ("localhost",), ("10.0.0.0/8",)])
@pytest.mark.parametrize(
    "arguments",
    [
        HEADER,
        {"body": {"json": [{"a": {"$secret": "token"}}]}},
        {"body": {"text": {"$secret": "token"}}},
        {"signing_secret": {"$secret": "token"}},
    ],
)
def test_it_goes_nowhere_else(entries: tuple[str, ...], arguments: dict[str, Any]) -> None:
    with running_peer(answer()) as peer:
        message = refused(bound_to(*entries), peer.url(), **arguments)
    assert peer.connections == 0
    assert message == (
        f"the secret token may not be sent to 127.0.0.1:{peer.port} "
        "(the setting HTTP_REQUEST_SECRET_HOSTS says where it may)"
    )


def test_an_address_that_is_a_secret_leads_where_it_may() -> None:
    assert "place may not be sent to 127.0.0.1:1" in refused(bound_to("crm.example"), {"$secret": "place"})


def test_others_go_as_before() -> None:
    with running_peer(answer(b"hello")) as peer:
        asked = ask(bound_to("crm.example"), peer.url(), headers={"X-Token": {"$secret": "free"}})
    assert asked["body"] == "hello"


def test_a_redirect_takes_it_nowhere_else() -> None:
    with running_peer(answer(b"there")) as other:
        elsewhere = answer(b"", f"Location: http://localhost:{other.port}/", status="302 Go")
        with running_peer(elsewhere) as peer:
            asked = ask(bound_to("127.0.0.1"), peer.url(), **HEADER, follow_redirects=1)
    assert asked["body"] == "there"
    assert "authorization" in peer.requests[0].headers
    assert "authorization" not in other.requests[0].headers
