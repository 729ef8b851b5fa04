"""Peers that send a secret back: it is hidden, wherever the answer is cut."""

import base64

import pytest

from operations.http.tests.conftest import Ask
from testing.peers import answer, running_peer

TOKEN = "eyJhbGciOiJIUzI1NiJ9.Zm9vYmFyYmF6cXV1eA.SflKxwRJSMeKKF2QT4"
SENT = {"headers": {"Authorization": {"$secret": "token"}}, "secrets": {"token": f"Bearer {TOKEN}"}}
BEFORE = 21


def left_of(token: str, text: str) -> str:
    """The longest beginning of the token that the text has."""
    return next(token[:length] for length in range(len(token), -1, -1) if token[:length] in text)


@pytest.mark.parametrize("most", [*range(BEFORE, BEFORE + len(TOKEN) + 9, 5), 4_000])
@pytest.mark.parametrize("read_as", ["auto", "base64"])
def test_no_cut_goes_through_it(ask: Ask, most: int, read_as: str) -> None:
    body = b"!" * BEFORE + f"Bearer {TOKEN}".encode() + b"?" * 5_000
    with running_peer(answer(body)) as peer:
        result = ask(peer.url(), max_body_bytes=most, read_as=read_as, **SENT)
    assert result["truncated"] is True
    shown = result["body"] if read_as == "auto" else _decoded(result["body"])
    assert left_of("Bearer", shown) in ("", "B")
    assert len(left_of(TOKEN, shown)) <= 1


def test_a_cut_elsewhere_is_where_it_was_asked_for(ask: Ask) -> None:
    with running_peer(answer(b"!" * 100)) as peer:
        assert ask(peer.url(), max_body_bytes=50, **SENT)["body"] == "!" * 50


@pytest.mark.parametrize("before", [0, 100, 150, 185, 199, 2_000, 2_040])
def test_nor_does_the_cut_in_an_error(failing: Ask, before: int) -> None:
    body = b"!" * before + f"bad token {TOKEN}".encode() * 3
    with running_peer(answer(body, status="401 No")) as peer:
        error = failing(peer.url(), **SENT)
    assert len(left_of(TOKEN, error.message)) <= 1


def test_a_path_is_hidden_where_the_url_is_the_secret(failing: Ask) -> None:
    with running_peer(answer(b"Cannot POST /services/T0/B0/xyz", status="404 No")) as peer:
        url = peer.url("/services/T0/B0/xyz")
        error = failing({"$secret": "hook"}, secrets={"hook": url})
    assert error.message.endswith('it says "Cannot POST ***"')


def _decoded(text: str) -> str:
    plain = text.partition("*")[0]
    return base64.b64decode(plain + "A" * (-len(plain) % 4)).decode("latin-1")
