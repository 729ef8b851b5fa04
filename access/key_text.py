"""The text of a key: `pct_<id>_<secret><checksum>`. Pure.

It says what it is, so that scanners find lost ones; it has nothing but letters, digits and `_`, so that a double click
selects all of it; and a mistyped one is seen without asking the database. The secret has 190 random bits, so a plain
hash of it tells nothing.
"""

import hashlib
import re
import secrets
import string
from dataclasses import dataclass, field
from zlib import crc32

PREFIX = "pct_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 12, 32, 6
SHOWN_LENGTH = 4
_FORM = re.compile(
    rf"pct_([0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH}}}([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


class NoKey(Exception):
    """A text that is no key, for its form or its checksum."""


@dataclass(frozen=True, slots=True)
class KeyText:
    """The text of a key, whole and well-formed."""

    id: str
    text: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def last_characters(self) -> str:
        """What is shown of it, so that people know which it is."""
        return self.text[-SHOWN_LENGTH:]


def new_key(key_id: str | None = None) -> KeyText:
    """A new secret, for a new key or for one that is there."""
    found = key_id or _random(ID_LENGTH)
    body = f"{PREFIX}{found}_{_random(SECRET_LENGTH)}"
    return KeyText(found, body + _checksum(body))


def read_key(text: str) -> KeyText:
    """Raises NoKey."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise NoKey("a key looks like pct_, 12 letters or digits, _, and 38 more")
    if found[2] != _checksum(text[:-CHECKSUM_LENGTH]):
        raise NoKey("this key is mistyped or not complete: its checksum does not fit")
    return KeyText(found[1], text)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
