"""Headers that a caller may give, and those that are our own matter."""

import re
from collections.abc import Mapping

MAX_HEADERS = 50
MAX_NAME_LENGTH = 100
MAX_VALUE_LENGTH = 8_192

HOP_BY_HOP = {
    "connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip
OURS = {
    "accept-encoding", "content-length", "expect", "host", "webhook-id", "webhook-signature", "webhook-timestamp",
}  # fmt: skip
NOT_SECRET = {"accept", "accept-language", "idempotency-key", "user-agent"}

NAME_PATTERN = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
_NAME = re.compile(NAME_PATTERN)
# In a result they would be refused, or take six bytes for one.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_VALUE = re.compile(r"([!-~]([\t -~]*[!-~])?)?")


def check_name(name: str) -> None:
    """Raises ValueError, a sentence's end, for a name that is none, or that is not the caller's."""
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise ValueError(
            f"must have a name of letters, digits and hyphens, with at most {MAX_NAME_LENGTH} characters"
        )
    if name.lower() in HOP_BY_HOP | OURS:
        raise ValueError("must not be given, as Punctual sets this header itself")


def check_distinct(names: Mapping[str, object]) -> None:
    """Raises ValueError, a sentence's end, for a name that comes twice."""
    seen: set[str] = set()
    for name in map(str.lower, names):
        if name in seen:
            raise ValueError(f"must not have {name} twice, in whatever case")
        seen.add(name)


def check_value(value: str) -> None:
    """Raises ValueError, a sentence's end that does not show the value."""
    if not _VALUE.fullmatch(value):
        raise ValueError("must be visible ASCII characters, with spaces only between them")


def merged(*parts: Mapping[str, str]) -> dict[str, str]:
    """All headers under lower-case names; later parts win."""
    return {name.lower(): value for part in parts for name, value in part.items()}


def printable(text: str) -> str:
    """The text, with U+FFFD in place of control characters."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
