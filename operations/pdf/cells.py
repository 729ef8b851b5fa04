"""What is written of a cell."""

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]\d[\d.,]*%?")
_NUMBERS = {
    ",": re.compile(r"(?:\d{1,3}(?:[. '\u2019\u00a0\u202f]\d{3})+|\d+)(?:,\d+)?|,\d+"),
    ".": re.compile(r"(?:\d{1,3}(?:[, '\u2019\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?|\.\d+"),
}
_GROUPS = {",": re.compile(r"[. '\u2019\u00a0\u202f]"), ".": re.compile(r"[, '\u2019\u00a0\u202f]")}
_LIKE_A_NUMBER = re.compile(r"[-+(\u2212]?\s*[$€£¥]?\s*\d[\d.,\s'%]*\)?-?")


def plain_number(text: str, decimal: str) -> str:
    """A number that has this decimal mark as programs read it: `-1234.56`; any other text as it is."""
    inner, is_negative = text.strip(), False
    if inner.startswith("(") and inner.endswith(")"):
        inner, is_negative = inner[1:-1].strip(), True
    elif inner[:1] in ("-", "\u2212"):
        inner, is_negative = inner[1:].lstrip(), True
    elif inner.endswith("-"):
        inner, is_negative = inner[:-1].rstrip(), True
    elif inner.startswith("+"):
        inner = inner[1:].lstrip()
    if not _NUMBERS[decimal].fullmatch(inner):
        return text
    number = _GROUPS[decimal].sub("", inner).replace(decimal, ".")
    return ("-" if is_negative else "") + number


def harmless(text: str) -> str:
    """A text that a spreadsheet would take for a formula, behind an apostrophe; numbers stay as they are."""
    if text.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def looks_like_a_number(text: str) -> bool:
    """Whether it is no name of a column."""
    return _LIKE_A_NUMBER.fullmatch(text.strip()) is not None
