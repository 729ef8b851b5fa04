"""The header `Content-Digest` of RFC 9530: what the bytes of a body hash to."""

import base64
import binascii
import re

from rest_framework.request import Request

from files.api.refusals import DigestMismatch
from rest.headers import Header, header_of
from rest.problems import FieldError, InvalidInput

NAME = "Content-Digest"
PARAMETER = {
    NAME: Header(
        "`sha-256=:...:`, the SHA-256 of the body's bytes in Base64 (RFC 9530): if others come, nothing is stored."
    )
}
_SHA256 = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/=]*):\s*(?=,|$)", re.IGNORECASE)
_BYTES = 32


def announced(request: Request) -> bytes | None:
    """What was said of the bytes to come, in sha-256; other hashes say nothing here. Raises InvalidInput."""
    given = header_of(request, NAME)
    if given is None or "sha-256" not in given.lower():
        return None
    found = _SHA256.search(given)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != _BYTES:
        detail = "must be such as sha-256=:<Base64 of 32 bytes>:"
        raise InvalidInput([FieldError((NAME,), "invalid_digest", detail, parameter=True)])
    return digest


def refuse_other(expected: bytes | None, come: bytes) -> None:
    """Raises DigestMismatch."""
    if expected is not None and expected != come:
        raise DigestMismatch(f"the bytes hash to sha-256=:{base64.b64encode(come).decode()}:")
