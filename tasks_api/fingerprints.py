"""What makes failures the same: operation, type of error, and its message without what differs each time. Pure."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

LENGTH = 16
"""Characters of a fingerprint, which is hexadecimal."""
FINGERPRINT_PATTERN = f"^[0-9a-f]{{{LENGTH}}}$"
LONGEST_PATTERN = 200
"""So much of a message tells it apart; what comes after that is detail."""

# In this order: what is quoted may hold all the others, and an instant is made of numbers. None can look back over
# what it has read, so that a message costs its length.
_FOLDED = (
    (re.compile(r'"[^"\n]*"'), '"…"'),
    (re.compile(r"`[^`\n]*`"), "`…`"),
    (re.compile(r"(?<!\w)'[^'\n]*'(?!\w)"), "'…'"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<uuid>"),
    (
        re.compile(
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?"
        ),
        "<time>",
    ),
    (re.compile(r"\b0[xX][0-9a-fA-F]+"), "<hex>"),
    # Letters alone may be a word, digits alone are a number.
    (re.compile(r"\b(?=[0-9a-fA-F]{0,63}[0-9])(?=[0-9a-fA-F]{0,63}[a-fA-F])[0-9a-fA-F]{8,64}\b"), "<hex>"),
    (re.compile(r"\d+(?:[.,_]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)


def pattern_of(message: str) -> str:
    """A message with placeholders for quoted text, uuids, instants, hexadecimal and other numbers."""
    for what, placeholder in _FOLDED:
        message = what.sub(placeholder, message)
    return message.strip()[:LONGEST_PATTERN]


def fingerprint_of(operation: str, error: Mapping[str, Any]) -> str:
    """Of a task of this operation that failed with this `error`."""
    text = f"{operation}\n{told_by(error)}"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:LENGTH]


def told_by(error: Mapping[str, Any]) -> str:
    """The part of it that is the error's."""
    return f"{error.get('type', '')}\n{pattern_of(str(error.get('message', '')))}"


def fingerprint_sql(error: Mapping[str, Any]) -> str:
    """The same in SQL, of the row's `operation`, for an error of ours that has no quotes and no per cents in it."""
    told = told_by(error).replace("\n", r"\n")
    return rf"left(encode(sha256(convert_to(operation || E'\n{told}', 'UTF8')), 'hex'), {LENGTH})"
