"""Whose certificates are believed, and for which host."""

import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Thread

import pytest
import trustme

from operations import OperationError
from operations.http.connecting import Guard
from operations.http.policy import read_policy
from operations.http.tests.test_guard import fetch, refused
from operations.http.trust import check_ca_file
from testing.peers import answer, certified, dripping, knowing, raw, running_peer

HERE = ip_address("127.0.0.1")
POLICY = read_policy(["127.0.0.1"], [])
RESOLVE = knowing({"shop.test": [HERE], "sub.shop.test": [HERE], "other.test": [HERE]})


def guard(ca_file: str | None) -> Guard:
    return Guard(POLICY, ca_file, RESOLVE)


def refused_by(tls: ssl.SSLContext, ca_file: str | None, host: str = "shop.test") -> OperationError:
    with running_peer(answer(b"secret"), tls=tls) as peer:
        error = refused(f"https://{host}:{peer.port}/", guard(ca_file))
    assert peer.requests == []
    return error


@pytest.mark.parametrize(
    ("name", "host"),
    [("shop.test", "shop.test"), ("*.shop.test", "sub.shop.test"), ("127.0.0.1", "127.0.0.1")],
)
def test_a_good_certificate(authority: trustme.CA, ca_file: str, name: str, host: str) -> None:
    with running_peer(answer(b"safe"), tls=certified(authority, name)) as peer:
        assert fetch(f"https://{host}:{peer.port}/", guard(ca_file)) == b"safe"


def test_the_server_is_told_which_host_is_meant(authority: trustme.CA, ca_file: str) -> None:
    asked: list[str | None] = []
    tls = certified(authority, "shop.test")
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    with running_peer(answer(), tls=tls) as peer:
        fetch(f"https://shop.test:{peer.port}/", guard(ca_file))
    assert asked == ["shop.test"]


class TestOverTls:
    def test_a_slow_answer_ends_with_its_time(self, authority: trustme.CA, ca_file: str) -> None:
        slow = dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y")
        with running_peer(slow, tls=certified(authority, "shop.test")) as peer:
            error = refused(f"https://shop.test:{peer.port}/", guard(ca_file), seconds=0.2)
        assert (error.type, error.permanent) == ("request_timeout", False)

    def test_an_answer_that_breaks_off(self, authority: trustme.CA, ca_file: str) -> None:
        cut = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        with running_peer(cut, tls=certified(authority, "shop.test")) as peer:
            error = refused(f"https://shop.test:{peer.port}/", guard(ca_file))
        assert (error.type, error.permanent) == ("connection_failed", False)


class TestRefused:
    def test_an_authority_that_nobody_knows(self, authority: trustme.CA) -> None:
        error = refused_by(certified(authority, "shop.test"), None)
        assert (error.type, error.permanent) == ("untrusted_certificate", True)

    def test_another_authority(self, ca_file: str) -> None:
        assert refused_by(certified(trustme.CA(), "shop.test"), ca_file).type == "untrusted_certificate"

    @pytest.mark.parametrize("name", ["other.test", "*.shop.test", "shop.test.evil.test", "127.0.0.1"])
    def test_another_host(self, authority: trustme.CA, ca_file: str, name: str) -> None:
        error = refused_by(certified(authority, name), ca_file)
        assert error.type == "untrusted_certificate"
        assert "shop.test" in error.message

    def test_a_name_for_an_address(self, authority: trustme.CA, ca_file: str) -> None:
        tls = certified(authority, "shop.test")
        assert refused_by(tls, ca_file, "127.0.0.1").type == "untrusted_certificate"

    def test_one_that_has_expired(self, authority: trustme.CA, ca_file: str) -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        authority.issue_cert("shop.test", not_after=yesterday).configure_cert(tls)
        error = refused_by(tls, ca_file)
        assert error.type == "untrusted_certificate"
        assert "expired" in error.message


class TestNoTls:
    def test_a_server_that_speaks_plain_http(self, ca_file: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = Thread(target=self.speak_at_once, args=(listener,))
            thread.start()
            error = refused(f"https://127.0.0.1:{listener.getsockname()[1]}/", guard(ca_file))
            thread.join()
        assert (error.type, error.permanent) == ("connection_failed", False)
        assert error.message.endswith(": wrong version number")

    def speak_at_once(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            while connection.recv(1024):
                pass

    def test_an_old_protocol(self, authority: trustme.CA, ca_file: str) -> None:
        tls = certified(authority, "shop.test")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            tls.maximum_version = ssl.TLSVersion.TLSv1_1
        error = refused_by(tls, ca_file)
        assert (error.type, error.permanent) == ("connection_failed", False)

    def test_a_handshake_that_hangs_ends_with_the_time(self, ca_file: str) -> None:
        with running_peer(answer()) as peer:
            error = refused(f"https://127.0.0.1:{peer.port}/", guard(ca_file), seconds=0.1)
        assert error.type == "request_timeout"


@pytest.mark.parametrize("content", [b"", b"nothing of the kind"])
def test_a_file_without_certificates_is_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        check_ca_file(str(path))
    path.write_bytes(content)
    with pytest.raises(ValueError, match="has no certificates"):
        check_ca_file(str(path))
