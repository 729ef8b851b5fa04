"""Where a request goes: an http or https address, read strictly, so that nobody can read it in another way."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urljoin

from operations.http.ip_addresses import Address

MAX_LENGTH = 4096
DEFAULT_PORTS = {"http": 80, "https": 443}

_VISIBLE = re.compile(r"[!-~]*")
_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^#]*)(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNSAFE_IN_PATH = re.compile(r'[\\"<>^`{|}]')


class InvalidTarget(ValueError):
    """It is no address of the web; the text is a sentence's end."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address of the web. `host` is in lower case, `address` is set where the host is one; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None = None

    @property
    def authority(self) -> str:
        """The host as a URL has it, with the port unless the scheme implies it."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """All but the path: what may be told, since paths and queries may hold secrets."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole address."""
        return self.origin + self.path


def read_target(url: str) -> Target:
    """Raises InvalidTarget for whatever is not plainly an http or https URL."""
    if len(url) > MAX_LENGTH:
        raise InvalidTarget(f"must have at most {MAX_LENGTH} characters, got {len(url)}")
    if not _VISIBLE.fullmatch(url):
        raise InvalidTarget(
            "must be a URL of visible ASCII characters; write others in percent-encoding, and names as xn--..."
        )
    parts = _URL.fullmatch(url)
    if not parts:
        raise InvalidTarget("must be a URL such as https://example.com/path")
    if _UNSAFE_IN_PATH.search(parts["path"]) or "\\" in parts["authority"]:
        raise InvalidTarget(r'must have \ " < > ^ ` { | } in percent-encoding')
    scheme = parts["scheme"].lower()
    host, port, address = _read_authority(parts["authority"].lower())
    path = parts["path"] if parts["path"].startswith("/") else "/" + parts["path"]
    return Target(scheme, host, port or DEFAULT_PORTS[scheme], path, address)


def next_target(target: Target, location: str) -> Target:
    """Where a redirect leads; `location` is a header's value, a character for a byte. Raises InvalidTarget."""
    if "\\" in location:  # which some take for a slash
        raise InvalidTarget("must not have a backslash")
    try:
        url = urljoin(target.url, quote(location.encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~"))
    except ValueError:
        raise InvalidTarget("must be a reference to an address") from None
    return read_target(url)


def read_host(text: str) -> tuple[str, Address | None]:
    """A host in lower case, and its address if it is one. Raises InvalidTarget for odd spellings of addresses."""
    if text.startswith("["):
        return _read_address(text[1:-1], IPv6Address)
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _read_address(text, IPv4Address)
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidTarget("must have a host of letters, digits and hyphens, such as example.com")
    return text, None


def _read_authority(authority: str) -> tuple[str, int | None, Address | None]:
    if "@" in authority:
        raise InvalidTarget("must not have a user or a password; give a header Authorization")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts:
        raise InvalidTarget("must have a host, and a port only in digits, such as https://example.com:8443/")
    port = None if parts["port"] is None else int(parts["port"])
    if port is not None and not 1 <= port <= 65_535:
        raise InvalidTarget(f"must have a port from 1 to 65535, got {port}")
    host, address = read_host(parts["host"])
    return host, port, address


def _read_address(text: str, kind: type[IPv4Address] | type[IPv6Address]) -> tuple[str, Address]:
    try:
        address = kind(text)
    except ValueError:
        raise InvalidTarget(
            "must have an address in its usual form, such as 192.0.2.1 or [2001:db8::1]"
        ) from None
    return str(address), address
