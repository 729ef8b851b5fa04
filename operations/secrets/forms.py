"""The forms in which the value of a secret may be met."""

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MIN_PART_LENGTH = 8
_CREDENTIALS = re.compile(r"\S+ +(\S+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*:([^/?#]*)@)?[^/?#]*([^#]*)(?:#.*)?", re.IGNORECASE)
_QUERY_VALUE = re.compile(r"[?&][^=&]*=([^&]*)")


def written_forms(value: str) -> Iterator[str]:
    """The value, and its parts that are often shown alone, such as its lines."""
    for form in (value, value.strip(), *value.splitlines(), *_parts(value)):
        if len(form.strip()) >= MIN_PART_LENGTH:
            yield form
            if "%" in form:
                yield form.replace(
                    "%", "%%"
                )  # as where % begins something: statements, formats, .ini files, crontabs


def coded_forms(value: str) -> Iterator[str]:
    """What the value is in hexadecimal and base64, as it is or escaped once."""
    for text in _escaped(value):
        data = text.encode(errors="surrogatepass")
        if len(data) >= MIN_PART_LENGTH:
            yield data.hex()
            yield from _base64(data)


def _escaped(value: str) -> Iterator[str]:
    """Mostly the same: few values have characters that are escaped."""
    yield value
    yield from (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    yield repr(value)[1:-1]
    yield html.escape(value)
    yield from (quote(value, safe, errors="surrogatepass") for safe in ("", "/"))
    yield quote_plus(value, errors="surrogatepass")


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
