"""What the operator decides about mail. Nothing set: nothing is sent."""

from dataclasses import dataclass, field
from typing import Literal

Encryption = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server that takes mail for delivery.

    `encryption` "tls" is there from the first byte on, "starttls" after a greeting; for both the server's certificate
    must be good. `timeout_seconds` is for each answer of the server.
    """

    host: str
    port: int
    encryption: Encryption = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 10


@dataclass(frozen=True, slots=True)
class MailFolder:
    """A folder in which mails are kept as files, in place of being sent. For development."""

    path: str


@dataclass(frozen=True, slots=True)
class MailConfiguration:
    """Where mail goes, and in whose name.

    `from_email` is an address as `operations.mail.mailboxes` reads it. `allowed_from` are the addresses and the
    domains (`@example.com`), in ASCII and lower case, that a task may name in its place.
    """

    way: SmtpServer | MailFolder | None = None
    from_email: str = ""
    allowed_from: frozenset[str] = frozenset()

    def allows_from(self, address: str) -> bool:
        """Whether a task may send in the name of this address, which has no name with it."""
        _, _, domain = address.rpartition("@")
        return address.lower() in self.allowed_from or f"@{domain}" in self.allowed_from
