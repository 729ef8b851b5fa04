"""How a text may be written: as it is, and as JSON, Python, HTML, URLs, SQL and shells write it, several times over."""

import re
from collections.abc import Iterator, Sequence
from html.entities import codepoint2name
from itertools import pairwise

_MOST_FOR_ONE = 32
"""Marks in place of one quote or backslash. Bounded, or a long run of them would be read again from each."""
_PERCENT = "%(?:25)*+"  # coded again and again: %2F, %252F
_SEMICOLON = f"(?:;|{_PERCENT}3b)"
# Not before a character that may itself be written so: possessive, it would take what belongs to that.
_AGAIN = f"(?:(?:amp|(?:[#]|{_PERCENT}23)(?:38|x26)){_SEMICOLON})"
_AMPERSAND = f"(?:&|{_PERCENT}26|u0026){_AGAIN}*+"
_BACKSLASH = rf"(?:\\|{_PERCENT}5c|&#92;|&#x5c;)"
_ESCAPED = f"{_BACKSLASH}{{0,{_MOST_FOR_ONE}}}+"
_SHORT_ESCAPES = {"\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\a": "a", "\0": "0"}
_NEVER_ESCAPED = re.compile("[A-Za-z0-9]+")
_MARKS = "\\'\""
_ESCAPED_IN_HTML = "<>&'\""
_RUN = re.compile(r"""[\\'"]+|[^\\'"]""", re.DOTALL)


def spelled(text: str) -> str:
    """A pattern of the text in which each character may be escaped; letters may be large or small."""
    rest = text.lstrip(_MARKS)
    runs = [*_RUN.findall(rest), ""]
    pattern = "".join(_run(run, after) for run, after in pairwise(runs))
    # What escapes the beginning may stay: to look for it at each mark in a text would take long.
    if marks := len(text) - len(rest):
        return f"{_MARK}{{{marks}}}{pattern}"
    return pattern.removeprefix(_ESCAPED)


def core_of(text: str) -> str:
    """The longest part, in small letters, that stands in every spelling of the text as it is."""
    return max(_NEVER_ESCAPED.findall(text), key=len, default="").lower()


def _run(run: str, after: str) -> str:
    if run[0] in _MARKS:
        return _marks(len(run), after)
    if run in ("%", "&"):
        return _first_of_a_code(run)
    if run.isascii() and run.isalnum():
        return run
    return f"{_ESCAPED}(?:{'|'.join(_spellings(run))})"


def _marks(count: int, after: str) -> str:
    """As many quotes and backslashes or more, in any order: strings escape them, SQL doubles them, shells wrap them."""
    many = f"{_MARK}{{{count},{count * _MOST_FOR_ONE}}}"
    # None is given back, or a near miss would take for ever, unless what comes after may belong to a mark.
    return many if after in {*"%&uUxX"} else f"{many}+"


def _first_of_a_code(character: str) -> str:
    """What codes begin with: what follows it may belong to the text or to a code, so it has to be tried."""
    again = "(?:25)*" if character == "%" else f"{_AGAIN}*"
    escaped = "|".join(_spellings(character))
    return rf"(?:\\{{0,{_MOST_FOR_ONE}}}+{character}{again}|{_ESCAPED}(?:{escaped}){again})"


def _spellings(character: str) -> Iterator[str]:
    """No two of them match the same text, or a near miss of a long value would take for ever."""
    code = ord(character)
    data = character.encode(errors="surrogatepass")
    if character not in "%&":
        yield re.escape(character)
    yield _entity(code)
    if character != "%":
        yield "".join(f"{_PERCENT}{byte:02x}" for byte in data)
    yield f"x{code:02x}"
    if len(data) > 1:
        yield "x" + f"{_BACKSLASH}++x".join(f"{byte:02x}" for byte in data)
    yield "u" + f"{_BACKSLASH}++u".join(f"{unit:04x}" for unit in _utf16(character))
    yield f"u{code:08x}"
    if character in _SHORT_ESCAPES:
        yield _SHORT_ESCAPES[character]
    if character == " ":
        yield rf"\+|{_PERCENT}2b"


def _entity(code: int) -> str:
    numbers = f"(?:0*+{code}|x0*+{code:x})"
    if chr(code).isascii() and chr(code) not in _ESCAPED_IN_HTML:
        return f"&[#]{numbers};"  # rare: no place for it in other codes, as long values have many of them
    numbers = f"(?:[#]|{_PERCENT}23){numbers}"
    names = [name for name in ("apos" if code == ord("'") else None, codepoint2name.get(code)) if name]
    return f"{_AMPERSAND}(?:{'|'.join([numbers, *names])}){_SEMICOLON}"


def _utf16(character: str) -> Sequence[int]:
    data = character.encode("utf-16-be", errors="surrogatepass")
    return [int.from_bytes(data[start : start + 2]) for start in range(0, len(data), 2)]


_MARK = "(?:{})".format(
    "|".join(
        [
            f"{_BACKSLASH}(?:u00|x)2[27]",
            r"""[\\'"]""",
            f"{_PERCENT}(?:5c|2[27])",
            *map(_entity, _MARKS.encode()),
        ]
    )
)
