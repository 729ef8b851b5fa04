"""Signatures by which a receiver knows who sent a request: the form of Standard Webhooks."""

import base64
import hmac

_PREFIX = "whsec_"


class InvalidSecret(ValueError):
    """The secret is not what it claims to be; the text is a sentence's end and tells nothing of it."""


def signed_headers(secret: str, *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed request; `timestamp` is in seconds since 1970. Raises InvalidSecret."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(_key(secret), content, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def check_secret(secret: str) -> None:
    """Raises InvalidSecret for one that nothing can be signed with."""
    _key(secret)


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:  # also for what is not ASCII
        key = b""
    if not key:
        raise InvalidSecret(f"must have base64 after {_PREFIX}")
    return key
