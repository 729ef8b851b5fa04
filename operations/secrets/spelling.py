"""How a text may be written: as it is, and as JSON, Python, HTML and URLs escape it, once or several times over."""

import html
import re
from collections.abc import Iterator, Sequence

_MOST_ESCAPINGS = 4
_BACKSLASH = r"(?:\\|%(?:25)*+5c|&#92;|&#x5c;)"
# Bounded, or a long run of backslashes would be read again from each of them.
_ESCAPED = f"{_BACKSLASH}{{0,{2**_MOST_ESCAPINGS - 1}}}+"
_SHORT_ESCAPES = {"\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\a": "a", "\0": "0"}
_NEVER_ESCAPED = re.compile("[A-Za-z0-9]+")


def spelled(text: str) -> str:
    """A pattern of the text in which each character may be escaped; letters may be large or small."""
    runs = re.findall(r"\\+|[^\\]", text, re.DOTALL)
    patterns = [_backslashes(len(run)) if run[0] == "\\" else _character(run) for run in runs]
    return "".join(patterns).removeprefix(_ESCAPED)


def core_of(text: str) -> str:
    """The longest part, in small letters, that stands in every spelling of the text as it is."""
    return max(_NEVER_ESCAPED.findall(text), key=len, default="").lower()


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
