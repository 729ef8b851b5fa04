"""Texts that go into a mail, checked so that none of them can end the line or the header it stands in."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

MAX_SUBJECT_LENGTH = 250
MAX_BODY_LENGTH = 200_000

# Controls, among them tabs and all that ends a line anywhere: CR, LF, NEL, and Unicode's two separators.
_CONTROLS = {"Cc", "Zl", "Zp"}
_ENCODED_WORD = "=?"


def control_in(text: str, allowed: str = "") -> str | None:
    """The first control character, as `U+000A at position 5`, or None. Characters in `allowed` do not count."""
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in _CONTROLS and character not in allowed:
            return f"U+{ord(character):04X} at position {position}"
    return None


def fault_in_header(text: str) -> str | None:
    """Why a text cannot stand in a header, as a sentence's end, or None."""
    if control := control_in(text):
        return f"must not contain line breaks or other control characters, got {control}"
    if _ENCODED_WORD in text:
        # A reader of the mail would decode it: to line breaks, for instance.
        return f'must not contain "{_ENCODED_WORD}", which begins a text in code; write the text itself'
    return None


def _checked_header(text: str) -> str:
    if fault := fault_in_header(text):
        raise PydanticCustomError("invalid_header_text", "{fault}", {"fault": fault})
    return text


def _checked_body(text: str) -> str:
    if control := control_in(text, allowed="\t\r\n"):
        raise PydanticCustomError(
            "control_character",
            "must not contain control characters but tabs and line breaks, got {control}",
            {"control": control},
        )
    return text


Subject = Annotated[
    str,
    Field(min_length=1, max_length=MAX_SUBJECT_LENGTH, description="The subject, on one line."),
    AfterValidator(_checked_header),
]
PlainText = Annotated[
    str,
    Field(max_length=MAX_BODY_LENGTH, description="The message as plain text."),
    AfterValidator(_checked_body),
]
Html = Annotated[
    str,
    Field(
        max_length=MAX_BODY_LENGTH,
        description="The message as HTML. If there is text too, mail programs show one of the two.",
    ),
    AfterValidator(_checked_body),
]
