"""Encryption, certificates and logins; and a task that is told to end while it sends."""

import os
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from operations import OperationError, testing
from operations.mail.configuration import Encryption, MailConfiguration, SmtpServer
from testing.away import LOOPBACK
from testing.mail import knows, mail_server, scripted_server, with_starttls

ARGUMENTS = {"to": ["ann@example.com"], "subject": "Hello"}
USER, PASSWORD = "punctual", "correct horse"


class Authority:
    """Gives certificates that this machine trusts, while the test lasts."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._root = trustme.CA()
        self._root.cert_pem.write_to_path(str(folder / "root.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))

    def certificate(self, *names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._root.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    return Authority(tmp_path, monkeypatch)


def send(port: int, encryption: Encryption, password: str = "", timeout_seconds: float = 5) -> dict[str, Any]:
    way = SmtpServer(LOOPBACK, port, encryption, USER if password else "", password, timeout_seconds)
    with testing.configured(mail=MailConfiguration(way, "punctual@punctual.example")):
        result: dict[str, Any] = testing.run("send_email", ARGUMENTS).result
    return result


def failure(port: int, encryption: Encryption, password: str = "") -> tuple[str, bool, str]:
    with pytest.raises(OperationError) as caught:
        send(port, encryption, password)
    return caught.value.type, caught.value.permanent, caught.value.message


def options(encryption: Encryption, context: ssl.SSLContext) -> dict[str, Any]:
    return with_starttls(context) if encryption == "starttls" else {"ssl_context": context}


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
class TestCertificates:
    def test_a_good_one(self, authority: Authority, encryption: Encryption) -> None:
        with mail_server(**options(encryption, authority.certificate(LOOPBACK))) as server:
            assert send(server.port, encryption)["accepted"] == ["ann@example.com"]
        assert len(server.letters) == 1

    def test_one_for_another_name(self, authority: Authority, encryption: Encryption) -> None:
        with mail_server(**options(encryption, authority.certificate("mail.example.com"))) as server:
            kind, permanent, message = failure(server.port, encryption)
        assert (kind, permanent) == ("mail_server_untrusted", True)
        assert "certificate is not valid" in message
        assert "not valid for '127.0.0.1'" in message
        assert server.letters == []

    def test_one_by_a_stranger(self, encryption: Encryption) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert(LOOPBACK).configure_cert(context)
        with mail_server(**options(encryption, context)) as server:
            assert failure(server.port, encryption, PASSWORD)[:2] == ("mail_server_untrusted", True)
        assert server.letters == []


def test_without_the_encryption_that_is_required_nothing_is_sent() -> None:
    with mail_server() as server:
        kind, permanent, message = failure(server.port, "starttls", PASSWORD)
    assert (kind, permanent) == ("mail_server_untrusted", True)
    assert "STARTTLS" in message
    assert server.letters == []


def test_a_server_that_does_not_speak_tls(authority: Authority) -> None:
    with mail_server() as server:
        assert failure(server.port, "tls")[:2] == ("mail_server_unreachable", False)


class TestLogin:
    @pytest.fixture
    def encrypted(self, authority: Authority) -> dict[str, Any]:
        return with_starttls(authority.certificate(LOOPBACK))

    def test_the_right_one(self, encrypted: dict[str, Any]) -> None:
        with mail_server(**encrypted, **knows(USER, PASSWORD)) as server:
            send(server.port, "starttls", PASSWORD)
        assert len(server.letters) == 1

    @pytest.mark.parametrize(("refusal", "permanent"), [("535 5.7.8 no", True), ("454 4.7.0 later", False)])
    def test_a_wrong_one(self, encrypted: dict[str, Any], refusal: str, permanent: bool) -> None:
        with mail_server(**encrypted, **knows(USER, PASSWORD, refusal=refusal)) as server:
            kind, is_permanent, message = failure(server.port, "starttls", "wrong password")
        assert (kind, is_permanent) == ("login_refused", permanent)
        assert refusal in message
        assert "wrong password" not in message

    def test_none_where_one_is_wanted(self, encrypted: dict[str, Any]) -> None:
        with mail_server(**encrypted, **knows(USER, PASSWORD)) as server:
            assert failure(server.port, "starttls")[:2] == ("mail_refused", True)

    @pytest.mark.parametrize("hello", ["250 hello", "250-hello\r\n250 AUTH XOAUTH2"])
    def test_one_where_none_is_wanted_or_none_that_we_speak(self, hello: str) -> None:
        with scripted_server(hello) as port:
            assert failure(port, "none", PASSWORD)[:2] == ("mail_server_untrusted", True)


HANGING_SECONDS = 20


class TimeIsUp(Exception):
    """What a worker's signal raises in the operation."""


class Hangs(BaseException):
    """It waits for a server that says nothing."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """The one signal ends the try, the other a try that goes on all the same."""

    def ring(number: int, _frame: object) -> None:
        raise TimeIsUp if number == signal.SIGUSR2 else Hangs

    before = {number: signal.signal(number, ring) for number in (signal.SIGUSR2, signal.SIGALRM)}
    signal.alarm(HANGING_SECONDS)
    yield
    signal.alarm(0)
    for number, handler in before.items():
        signal.signal(number, handler)


class TestSignals:
    """One comes when the server has got so far and says nothing any more."""

    def send_until(self, answers: list[str]) -> Exception:
        def tell() -> None:
            os.kill(os.getpid(), signal.SIGUSR2)

        with (
            scripted_server(*answers, None, when_silent=tell) as port,
            pytest.raises((TimeIsUp, OperationError)) as caught,
        ):
            send(port, "none", timeout_seconds=60)
        return caught.value

    @pytest.mark.parametrize("answers", [[], ["250 ok"], ["250 ok"] * 3])
    def test_before_the_server_has_the_mail_it_ends_the_try(self, alarm: None, answers: list[str]) -> None:
        assert isinstance(self.send_until(answers), TimeIsUp)

    def test_afterwards_nobody_knows(self, alarm: None) -> None:
        error = self.send_until([*["250 ok"] * 3, "354 go on"])
        assert isinstance(error, OperationError)
        assert (error.type, error.permanent) == ("outcome_unknown", True)
