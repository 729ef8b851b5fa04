"""Mail addresses, checked strictly: `ann@example.com` or `Ann <ann@example.com>`.

Domains may be written in their own script; mail servers are told their ASCII form (IDNA 2008). What stands before
the @ is ASCII, because many mail servers take nothing else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from typing import Annotated

import idna
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from operations.mail.texts import control_in, fault_in_header
from values.wording import quoted

MAX_NAME_LENGTH = 100
MAX_ADDRESS_LENGTH = 254  # RFC 5321: a path has 256 bytes, two of them angle brackets
MAX_LOCAL_LENGTH = 64
MAX_WRITTEN_LENGTH = 400

_FORM = re.compile(r'(?:(?P<name>"(?:[^"\\]|\\.)*"|[^"<>\\]*?) *<(?P<inner>[^<>]*)>)|(?P<bare>[^<>]*)')
_QUOTED_PAIR = re.compile(r"\\(.)")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")


class InvalidAddress(ValueError):
    """This is no address. The text is a sentence's end, such as `must have an @`."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom a mail is for: `address` in ASCII, and the `name` that readers are shown, which may be empty."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What follows the @."""
        return self.address.rpartition("@")[2]

    @property
    def in_header(self) -> str:
        """Both, in ASCII, on one line, as a header has it."""
        if self.name.isascii():
            return formataddr((self.name, self.address))
        return f"{Header(self.name, 'utf-8').encode(linesep='')} <{self.address}>"


def read_mailbox(text: str) -> Mailbox:
    """Raises InvalidAddress, with the reason."""
    if control := control_in(text):
        raise InvalidAddress(f"must not contain line breaks or other control characters, got {control}")
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidAddress(
            f"must be an address such as ann@example.com or Ann <ann@example.com>, got {quoted(text)}"
        )
    address = form["bare"] if form["inner"] is None else form["inner"]
    return Mailbox(_checked_name(form["name"] or ""), read_address(address))


def read_mailboxes(texts: Iterable[str]) -> list[Mailbox]:
    """Raises InvalidAddress, with the reason, for the first that is none."""
    return [read_mailbox(text) for text in texts]


def read_address(text: str) -> str:
    """The address without a name, its domain in ASCII and in lower case. Raises InvalidAddress."""
    local, at, domain = text.rpartition("@")
    if not at:
        raise InvalidAddress(f"must be an address such as ann@example.com, got {quoted(text)}")
    if not _LOCAL.fullmatch(local) or len(local) > MAX_LOCAL_LENGTH:
        raise InvalidAddress(
            f"must have 1 to {MAX_LOCAL_LENGTH} ASCII letters, digits and signs before the @, got {quoted(local)}"
        )
    address = f"{local}@{read_domain(domain)}"
    if len(address) > MAX_ADDRESS_LENGTH:
        raise InvalidAddress(
            f"must have at most {MAX_ADDRESS_LENGTH} characters as an address, got {len(address)}"
        )
    return address


def read_domain(text: str) -> str:
    """The domain in ASCII and in lower case. Raises InvalidAddress."""
    try:
        domain = idna.encode(text, uts46=True).decode()
    except idna.IDNAError as error:
        raise InvalidAddress(f"must have a domain after the @, got {quoted(text)}: {error}") from None
    if domain.endswith(".") or domain.rpartition(".")[2].isdigit():
        raise InvalidAddress(f"must have the name of a domain after the @, got {quoted(text)}")
    return domain


def _checked_name(name: str) -> str:
    name = _QUOTED_PAIR.sub(r"\1", name[1:-1]) if name.startswith('"') else name
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidAddress(
            f"must have at most {MAX_NAME_LENGTH} characters before the address, got {len(name)}"
        )
    if fault := fault_in_header(name):
        raise InvalidAddress(fault)
    return name


def _checked(text: str) -> str:
    try:
        read_mailbox(text)
    except InvalidAddress as error:
        raise PydanticCustomError("invalid_address", "{reason}", {"reason": str(error)}) from None
    return text


Address = Annotated[
    str,
    Field(
        max_length=MAX_WRITTEN_LENGTH,
        description="An address such as `ann@example.com` or `Ann <ann@example.com>`.",
    ),
    AfterValidator(_checked),
]
