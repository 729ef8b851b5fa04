"""Hiding the values of secrets in text and JSON, also in the forms that they take on their way."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

STARS = "***"
MIN_PART_LENGTH = 8


class Mask:
    """Hides `values` behind `***`: as they are, and as JSON, Python, HTML, URLs and base64 write them."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values for form in _forms(value)}
        # The longest first: where one is a part of another, all of the other is to go.
        parts = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._pattern = re.compile(parts) if parts else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """The text, with stars in place of the values."""
        return text if self._pattern is None else self._pattern.sub(STARS, text)

    def json(self, value: Any) -> Any:
        """A JSON value, with stars in every text, key and number that holds a value."""
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


def _forms(value: str) -> Iterator[str]:
    for part in {value, value.strip(), *value.splitlines()}:
        if len(part.strip()) >= MIN_PART_LENGTH:
            yield from _spellings(part)


def _spellings(part: str) -> Iterator[str]:
    yield part
    yield html.escape(part)
    for ascii_only in (True, False):
        yield json.dumps(part, ensure_ascii=ascii_only)[1:-1]
    yield repr(part)[1:-1]
    data = part.encode(errors="surrogatepass")
    yield repr(data)[2:-1]
    yield data.hex()
    for quoted in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), quoted)
    yield from _base64(data)


def _base64(data: bytes) -> Iterator[str]:
    """The characters that stand for `data` alone, for each of the three places where it may begin."""
    for offset in range(3):
        coded = base64.b64encode(bytes(offset) + data)
        # What shares a character with its neighbours is left out.
        start, end = -(-offset * 8 // 6), (offset + len(data)) * 8 // 6
        plain = coded[start:end].decode()
        yield plain
        yield plain.replace("+", "-").replace("/", "_")
