"""`ETag`, `If-Match` and `If-None-Match`: a thing's version, and requests that are meant for one or another.

Proxies that compress make a tag weak; the version is the same.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from rest_framework.request import Request

from rest.headers import Header, header_of

IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
UNLESS_KNOWN = {
    IF_NONE_MATCH: Header(
        "An `ETag` that is known already: if it still is the current one, the answer is 304."
    )
}
_TAG = re.compile(r'\s*(?:W/)?("v(\d{1,9})(?:\.[0-9a-f]{12})?(?:-masked)?")\s*')


def etag(version: int, body: bytes = b"", *, is_masked: bool = False) -> dict[str, str]:
    """The header that tells a version; and where something may change without a new one, what it looks like.

    `is_masked`: the answer hides something, so that it is another than the one that tells all.
    """
    state = f".{blake2b(body, digest_size=6).hexdigest()}" if body else ""
    return {"ETag": f'"v{version}{state}{"-masked" if is_masked else ""}"'}


def named_versions(given: str) -> set[int]:
    """The versions that a header names; what is no tag of ours names none."""
    return {int(tag[2]) for tag in _tags(given)}


def is_known(request: Request, etag: Mapping[str, str]) -> bool:
    """Whether `If-None-Match` names this tag, so that there is nothing to tell. Raises InvalidInput."""
    given = header_of(request, IF_NONE_MATCH)
    if given is None:
        return False
    return given.strip() == "*" or etag["ETag"] in {tag[1] for tag in _tags(given)}


def _tags(given: str) -> Iterator[re.Match[str]]:
    return (tag for tag in map(_TAG.fullmatch, given.split(",")) if tag)
