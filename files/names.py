"""What files may be called, and of which type they are. Pure.

A name is shown and sent, and never becomes a path: bytes are stored under what they hash to.
"""

import mimetypes
import re
import unicodedata

LONGEST_NAME = 255
LONGEST_TYPE = 100
UNKNOWN_TYPE = "application/octet-stream"
SAYS_NOTHING = ("", UNKNOWN_TYPE, "application/x-www-form-urlencoded", "binary/octet-stream")
"""Types of those who do not know better, curl among them: then the name's ending says more."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
# Of this module alone: what the machine's own lists know differs from one machine to the next.
_ENDINGS = mimetypes.MimeTypes(filenames=())
_OWN_ENDINGS = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".jsonl": "application/jsonl"}


class NoName(ValueError):
    """The text is no name of a file. Says what it must be."""


def file_name(text: str) -> str:
    """A name, composed as NFC. Raises NoName."""
    name = unicodedata.normalize("NFC", text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise NoName(f"must have 1 to {LONGEST_NAME} characters, got {len(name)}")
    if "/" in name or "\\" in name or name in (".", ".."):
        raise NoName("must be a name, not a path: without / and \\")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise NoName("must have no control characters")
    return name


def media_type(said: str | None, name: str) -> str:
    """The type that was said, without its parameters; by the name's ending, if that says nothing. Raises ValueError."""
    kind = (said or "").partition(";")[0].strip().lower()
    if kind in SAYS_NOTHING:
        return _by_ending(name)
    if len(kind) > LONGEST_TYPE or not _TYPE.fullmatch(kind):
        raise ValueError(f"must be a media type such as text/csv, got {kind[:50]!r}")
    return kind


def _by_ending(name: str) -> str:
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return _OWN_ENDINGS.get(ending) or _ENDINGS.types_map[True].get(ending) or UNKNOWN_TYPE
