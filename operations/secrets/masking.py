"""Hiding the values of secrets in text and JSON, also in the forms that they take on their way."""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from os.path import commonprefix
from typing import Any

STARS = "***"
MIN_PART_LENGTH = 8
_MOST_ESCAPINGS = 4
_BACKSLASH = r"(?:\\|%(?:25)*+5c|&#92;|&#x5c;)"
# Bounded, or a long run of backslashes would be read again from each of them.
_ESCAPED = f"{_BACKSLASH}{{0,{2**_MOST_ESCAPINGS - 1}}}+"
_CREDENTIALS = re.compile(r"\S+ +(\S+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*:([^/?#]*)@)?[^/?#]*([^#]*)(?:#.*)?", re.IGNORECASE)
_QUERY_VALUE = re.compile(r"[?&][^=&]*=([^&]*)")
_SHORT_ESCAPES = {"\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\a": "a", "\0": "0"}


class Mask:
    """Hides `values` behind `***`: as they are, and as JSON, Python, HTML, URLs, base64 and hex write them.

    Letters may be large or small, for that is so with hexadecimal digits.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        patterns = sorted({form for value in values for form in _forms(value)}, key=len, reverse=True)
        # The longest first: where one is a part of another, all of the other is to go.
        spelled = "|".join(dict.fromkeys(_spelled(form) for form in patterns))
        self._pattern = re.compile(spelled, re.IGNORECASE) if patterns else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """The text, with stars in place of the values."""
        return text if self._pattern is None else self._pattern.sub(STARS, text)

    def json(self, value: Any) -> Any:
        """A JSON value, with stars in every text and key, and in place of a number, that holds a value."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self.json(item) for key, item in value.items()}
            case list():
                return [self.json(item) for item in value]
            case int() | float() if not isinstance(value, bool) and self.text(str(value)) != str(value):
                return STARS
        return value


def without_cut_value(beginning: str, more: str, hide: Callable[[str], str]) -> str:
    """The beginning of the text `more`, without the part of a value in which it ends, if it ends in one.

    Cut values are not recognised: only `more`, which has the rest of it, tells what is one.
    """
    hidden = hide(more)
    return beginning if hidden == more else commonprefix([hide(beginning), hidden])  # noqa: RUF071 (no paths)


def _forms(value: str) -> Iterator[str]:
    """The value, what it is in base64 and hex, and its parts that are often shown alone, such as its lines."""
    for form in (value, value.strip(), *value.splitlines(), *_parts(value)):
        if len(form.strip()) >= MIN_PART_LENGTH:
            yield form
    data = value.encode(errors="surrogatepass")
    if len(data) >= MIN_PART_LENGTH:
        yield data.hex()
        yield from _base64(data)


def _parts(value: str) -> Iterator[str]:
    """The token of `Bearer token`; of a URL the password, what follows the host, and the values in the query."""
    if header := _CREDENTIALS.fullmatch(value):
        yield header[1]
    if url := _URL.fullmatch(value):
        yield from filter(None, (url[1], url[2], *_QUERY_VALUE.findall(url[2])))


def _base64(data: bytes) -> Iterator[str]:
    """The characters that stand for `data` alone, for each of the three places where it may begin."""
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + data)
        # What shares a character with its neighbours is left out.
        plain = coded[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6].decode()
        yield from {plain, plain.replace("+", "-").replace("/", "_")}


def _spelled(text: str) -> str:
    """A pattern of the text in which each character may be escaped, once or several times over."""
    runs = re.findall(r"\\+|[^\\]", text, re.DOTALL)
    patterns = [_backslashes(len(run)) if run[0] == "\\" else _character(run) for run in runs]
    return "".join(patterns).removeprefix(_ESCAPED)


def _backslashes(count: int) -> str:
    """As many or more: each escaping doubles them."""
    return f"{_BACKSLASH}{{{count},{count * 2**_MOST_ESCAPINGS}}}+"


def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    # No two of them match the same text, or a near miss of a long value would take for ever.
    spellings = dict.fromkeys([re.escape(character), *_spellings(character)])
    return f"{_ESCAPED}(?:{'|'.join(spellings)})"


def _spellings(character: str) -> Iterator[str]:
    code = ord(character)
    data = character.encode(errors="surrogatepass")
    yield re.escape(html.escape(character))
    yield rf"&#(?:0*+{code}|x0*+{code:x});"
    yield "".join(f"%(?:25)*+{byte:02x}" for byte in data)  # again and again: %2F, %252F
    yield _SHORT_ESCAPES.get(character, "x" + r"\\++x".join(f"{byte:02x}" for byte in data))
    yield f"x{code:02x}"
    yield "u" + r"\\++u".join(f"{unit:04x}" for unit in _utf16(character))
    yield f"u{code:08x}"
    if character == " ":
        yield r"\+"


def _utf16(character: str) -> Sequence[int]:
    data = character.encode("utf-16-be", errors="surrogatepass")
    return [int.from_bytes(data[start : start + 2]) for start in range(0, len(data), 2)]
