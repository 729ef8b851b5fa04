"""Real mail servers on loopback, for the tests of what sends mail."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import IO, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from config.stack.ports import LOOPBACK
from testing.ports import own_port

ACCEPTED = "250 accepted"


@dataclass(frozen=True)
class Letter:
    """A mail as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """It, read, with the line breaks of this machine."""
        message = message_from_bytes(self.content.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class MailServer:
    """What it got, and how it answers from now on: `refusals` by recipient, `to_sender` and `to_mail` for all.

    While it is `silent`, it does not answer to recipients.
    """

    port: int
    letters: list[Letter] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    to_sender: str = ACCEPTED
    to_mail: str = ACCEPTED
    silent: bool = False

    @property
    def url(self) -> str:
        """Its EMAIL_URL, unless it is encrypted."""
        return f"smtp+insecure://{LOOPBACK}:{self.port}"

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's word)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd asks for the answer to MAIL."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.to_sender

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's word)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """aiosmtpd asks for the answer to RCPT."""
        while self.silent:
            await asyncio.sleep(0.05)
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd asks for the answer to a complete mail."""
        if self.to_mail == ACCEPTED:
            assert isinstance(envelope.content, bytes)
            self.letters.append(Letter(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
        return self.to_mail


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """One that takes all mail, until told otherwise. `options` are those of aiosmtpd's Controller and SMTP."""
    server = MailServer(own_port())
    controller = Controller(server, hostname=LOOPBACK, port=server.port, ready_timeout=60, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def knows(user: str, password: str, *, refusal: str = "535 5.7.8 wrong") -> dict[str, Any]:
    """The options of a server that wants this login."""

    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False, message=None if right else refusal)

    return {"authenticator": check, "auth_required": True}


def with_starttls(context: ssl.SSLContext) -> dict[str, Any]:
    """The options of a server that wants encryption after its greeting."""
    return {"tls_context": context, "require_starttls": True}


@dataclass(frozen=True)
class Script:
    """What a server says, whatever it is told."""

    answers: list[str | None]
    when_silent: Callable[[], None]

    def follow(self, listening: socket.socket) -> None:
        """Says it to whoever comes first."""
        with suppress(OSError):  # nobody came, or the other side did not stay to the end
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as conversation:
                for answer in self.answers:
                    self._give(answer, connection, conversation)

    def _give(self, answer: str | None, connection: socket.socket, conversation: IO[bytes]) -> None:
        if answer is None:
            self.when_silent()
            conversation.read()  # until the other side hangs up
            return
        connection.sendall(f"{answer}\r\n".encode())
        if answer.startswith("354"):
            while conversation.readline() not in (b".\r\n", b""):
                pass
        else:
            conversation.readline()


@contextmanager
def scripted_server(
    *answers: str | None, sends_first: str = "220 hello", when_silent: Callable[[], None] = lambda: None
) -> Iterator[int]:
    """A server that gives these answers to what it is told, one after the other. Yields its port.

    None: it calls `when_silent` and says nothing any more. After the last answer it hangs up.
    """
    script = Script([sends_first, *answers], when_silent)
    with socket.create_server((LOOPBACK, 0)) as listening:
        thread = Thread(target=script.follow, args=(listening,), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(60)
