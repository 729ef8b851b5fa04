"""What people log in with: a name or an address of mail. Pure."""

import re
import unicodedata

LONGEST = 150
_FORM = re.compile(r"[^\s\x00-\x1f\x7f<>\"'`,;:/\\]+")


class NoName(Exception):
    """A text that nobody can be called."""

    def __init__(self) -> None:
        super().__init__(f"must have 1 to {LONGEST} characters, none of them a space or one of <>\"'`,;:/\\")


def alike(text: str) -> str:
    """As it is stored and looked for: large and small letters are the same, however they are written."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).casefold())


def read_name(text: str) -> str:
    """Raises NoName."""
    name = alike(text)
    if len(name) > LONGEST or not _FORM.fullmatch(name) or not name.isprintable():
        raise NoName
    return name
