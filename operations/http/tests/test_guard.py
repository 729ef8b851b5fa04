"""Where connections lead: judged at the moment the socket opens, and to nothing but what was judged."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from ipaddress import ip_address
from threading import Event

import pytest

from operations import OperationError
from operations.http.connecting import Guard
from operations.http.deadline import Deadline
from operations.http.ip_addresses import Address
from operations.http.policy import Policy, read_policy
from operations.http.redirects import following
from operations.http.requests import Request
from operations.http.resolving import system_resolve
from operations.http.target import read_target
from testing.away import closed_port
from testing.peers import Peer, answer, in_turn, knowing, running_peer, silent

ALLOWED, OTHER = ip_address("127.0.0.2"), ip_address("127.0.0.3")
ONE_ALLOWED = read_policy(["127.0.0.2"], [])


def fetch(url: str, guard: Guard, *, seconds: float = 20, redirects: int = 0) -> bytes:
    request = Request("GET", read_target(url), {})
    with following(request, guard, Deadline.within(seconds), redirects, str) as (_, found):
        return b"".join(found.content)


def refused(url: str, guard: Guard, *, seconds: float = 20, redirects: int = 0) -> OperationError:
    with pytest.raises(OperationError) as failure:
        fetch(url, guard, seconds=seconds, redirects=redirects)
    return failure.value


@contextmanager
def two_servers() -> Iterator[tuple[Peer, Peer]]:
    """One on the address that is allowed, and one on the same port of another."""
    with ExitStack() as stack:
        allowed = stack.enter_context(running_peer(answer(b"allowed"), host=str(ALLOWED)))
        other = stack.enter_context(running_peer(answer(b"other"), host=str(OTHER), port=allowed.port))
        yield allowed, other


@contextmanager
def never_accepting() -> Iterator[int]:
    """A port of the address that is allowed, where connections neither come about nor are refused."""
    with socket.create_server((str(ALLOWED), 0), backlog=0) as full, ExitStack() as queue:
        for _ in range(4):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


class TestRebinding:
    """A name that leads elsewhere each time it is looked up."""

    def test_the_connection_goes_to_the_address_that_was_judged(self) -> None:
        answers = iter([[ALLOWED], [OTHER], [OTHER]])
        guard = Guard(ONE_ALLOWED, resolve=lambda _: next(answers))
        with two_servers() as (allowed, other):
            url = f"http://rebinding.test:{allowed.port}/"
            assert fetch(url, guard) == b"allowed"
            assert refused(url, guard).type == "refused_target"
        assert (allowed.connections, other.connections) == (1, 0)

    def test_each_step_of_a_redirect_is_judged_anew(self) -> None:
        with (
            two_servers() as (allowed, other),
            running_peer(
                answer(b"", f"Location: http://rebinding.test:{allowed.port}/", status="302 Found"),
                host=str(ALLOWED),
            ) as first,
        ):
            answers = iter([[ALLOWED], [OTHER]])
            guard = Guard(ONE_ALLOWED, resolve=lambda _: next(answers))
            error = refused(f"http://rebinding.test:{first.port}/", guard, redirects=3)
        assert (error.type, error.permanent) == ("refused_target", True)
        assert (first.connections, allowed.connections, other.connections) == (1, 0, 0)

    @pytest.mark.parametrize("found", [[ALLOWED, OTHER], [OTHER, ALLOWED], [ip_address("8.8.8.8"), OTHER]])
    def test_one_bad_address_among_good_ones_is_enough(self, found: list[Address]) -> None:
        with two_servers() as (allowed, other):
            error = refused(f"http://mixed.test:{other.port}/", Guard(ONE_ALLOWED, resolve=lambda _: found))
        assert error.type == "refused_target"
        assert (allowed.connections, other.connections) == (0, 0)

    def test_an_allowed_name_may_lead_inward_and_no_other(self) -> None:
        guard = Guard(
            read_policy(["crm.test"], []), resolve=knowing({"crm.test": [OTHER], "evil.test": [OTHER]})
        )
        with two_servers() as (_, other):
            assert fetch(f"http://crm.test:{other.port}/", guard) == b"other"
            assert refused(f"http://evil.test:{other.port}/", guard).type == "refused_target"
            assert refused(f"http://{OTHER}:{other.port}/", guard).type == "refused_target"
        assert other.connections == 1


class TestInward:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
         "0.0.0.0", "[::]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],  # noqa: S104 (nobody listens there)
    )  # fmt: skip
    def test_nobody_gets_in_without_leave(self, host: str) -> None:
        with running_peer(answer(b"in")) as peer:
            error = refused(f"http://{host}:{peer.port}/", Guard())
        assert (error.type, error.permanent) == ("refused_target", True)
        assert peer.connections == 0

    def test_a_redirect_is_no_way_in(self) -> None:
        with (
            running_peer(answer(b"in")) as inner,
            running_peer(
                answer(b"", f"Location: {inner.url()}", status="302 Found"), host=str(ALLOWED)
            ) as outer,
        ):
            assert refused(outer.url(), Guard(ONE_ALLOWED), redirects=5).type == "refused_target"
        assert (outer.connections, inner.connections) == (1, 0)

    def test_a_mapped_address_is_the_ipv4_address(self) -> None:
        with running_peer(answer(b"in"), host=str(ALLOWED)) as peer:
            assert fetch(f"http://[::ffff:{ALLOWED}]:{peer.port}/", Guard(ONE_ALLOWED)) == b"in"

    def test_ipv6(self) -> None:
        with running_peer(answer(b"six"), host="::1") as peer:
            assert fetch(peer.url(), Guard(read_policy([f"[::1]:{peer.port}"], []))) == b"six"
        assert peer.requests[0].headers["host"] == f"[::1]:{peer.port}"

    def test_the_message_tells_no_address_that_a_name_has(self) -> None:
        error = refused("http://crm.test/", Guard(resolve=knowing({"crm.test": [ip_address("10.1.2.3")]})))
        assert (
            error.message
            == "crm.test leads to a private address (10.0.0.0/8), which the operator has not allowed; "
            "HTTP_REQUEST_ALLOW can open it"
        )


class TestResolving:
    def test_a_name_that_nobody_knows(self) -> None:
        error = refused("http://nobody.test/", Guard(resolve=knowing({})))
        assert (error.type, error.permanent) == ("unresolved_host", False)
        assert "nobody.test" in error.message

    def test_a_name_without_addresses(self) -> None:
        assert (
            refused("http://empty.test/", Guard(resolve=knowing({"empty.test": []}))).type
            == "unresolved_host"
        )

    def test_a_resolver_that_hangs_is_left_behind(self) -> None:
        ends, answered = Event(), Event()

        def hang(_: str) -> list[Address]:
            ends.wait(10)
            answered.set()
            return [ALLOWED]

        try:
            error = refused("http://slow.test/", Guard(ONE_ALLOWED, resolve=hang), seconds=0.1)
            assert (error.type, error.permanent) == ("request_timeout", False)
            assert not answered.is_set()
        finally:
            ends.set()

    def test_the_systems_resolver(self) -> None:
        assert {str(address) for address in system_resolve("localhost")} <= {"127.0.0.1", "::1"}

    def test_the_next_address_is_tried(self) -> None:
        with running_peer(answer(b"second"), host=str(OTHER)) as peer:
            guard = Guard(read_policy(["127.0.0.0/8"], []), resolve=lambda _: [ALLOWED, OTHER])
            assert fetch(f"http://two.test:{peer.port}/", guard) == b"second"


class TestConnecting:
    def test_nobody_listens(self) -> None:
        error = refused(f"http://{ALLOWED}:{closed_port()}/", Guard(ONE_ALLOWED))
        assert (error.type, error.permanent) == ("connection_failed", False)

    def test_one_who_does_not_accept_ends_with_the_time(self) -> None:
        with never_accepting() as port:
            error = refused(f"http://{ALLOWED}:{port}/", Guard(ONE_ALLOWED), seconds=0.2)
        assert error.type in ("connection_failed", "request_timeout")
        assert not error.permanent

    def test_one_who_does_not_accept_leaves_time_for_the_next(self) -> None:
        guard = Guard(read_policy(["127.0.0.0/8"], []), resolve=lambda _: [ALLOWED, OTHER])
        with never_accepting() as port, running_peer(answer(b"second"), host=str(OTHER), port=port):
            assert fetch(f"http://two.test:{port}/", guard, seconds=2) == b"second"

    def test_one_who_takes_nothing_ends_with_the_time(self) -> None:
        with socket.create_server((str(ALLOWED), 0)) as deaf:
            target = read_target(f"http://{ALLOWED}:{deaf.getsockname()[1]}/")
            stream = Guard(ONE_ALLOWED).connect(target, Deadline.within(1))
            with closing(stream), pytest.raises(OperationError) as failure:
                stream.write(bytes(50_000_000))
        assert failure.value.type == "request_timeout"

    def test_all_steps_of_a_redirect_share_the_time(self) -> None:
        hop = answer(b"", "Location: /next", status="302 Found")
        with running_peer(in_turn(hop, silent), host=str(ALLOWED)) as peer:
            error = refused(peer.url(), Guard(ONE_ALLOWED), seconds=1, redirects=5)
        assert (error.type, peer.connections) == ("request_timeout", 2)


def test_without_a_policy_nothing_inward_is_allowed() -> None:
    assert Guard().policy == Policy((), ())
