"""The text of a CSV file: its encoding, and its lines, which are bounded. Pure."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, Literal

from operations.errors import OperationError, permanent

Encoding = Literal[
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252", "windows-1250", "windows-1251",
    "iso-8859-1", "iso-8859-2", "iso-8859-15", "cp437", "cp850", "mac-roman", "shift_jis", "euc-jp", "euc-kr",
    "gb18030", "big5",
]  # fmt: skip
MAX_LINE = 16 * 1024 * 1024
"""Characters. Longer than this is no line of a CSV file, but another file, or a quotation mark that is never closed."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PART = 64 * 1024


def encoding_of(source: BinaryIO, given: str) -> str:
    """What a byte order mark says, else what was given. The file is at its beginning afterwards."""
    source.seek(0)
    beginning = source.read(4)
    source.seek(0)
    return next((name for mark, name in _MARKS if beginning.startswith(mark)), given)


class Lines:
    """The lines of a text with their ends. `nul`: whether one of those since it was last set has a NUL character."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        source.seek(0)
        self.nul = False
        self._source = source
        self._encoding = encoding
        self._text = io.TextIOWrapper(source, encoding, newline="")

    def __iter__(self) -> Iterator[str]:
        """Raises OperationError, for good, for what is no text of the encoding, or a line without an end."""
        read = self._text.readline
        try:
            while line := read(MAX_LINE):
                if len(line) == MAX_LINE:
                    raise permanent("malformed_csv", f"a line has more than {MAX_LINE} characters")
                if "\0" in line:
                    self.nul = True
                yield line
        except UnicodeError:
            raise _undecodable(self._source, self._encoding) from None

    def close(self) -> None:
        """The file itself stays open."""
        self._text.detach()


def _undecodable(source: BinaryIO, encoding: str) -> OperationError:
    """Where the text stops being one: a reader in parts knows only where in its part."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    end, lines = 0, 1
    where = "at its end"
    try:
        while part := source.read(_PART):
            end += len(part)
            lines += decoder.decode(part).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        offset = end - len(error.object) + error.start
        lines += error.object[: error.start].decode(encoding, errors="replace").count("\n")
        where = f"at byte {offset} (line {lines})"
    except UnicodeError:
        where = "at its beginning"
    name = encoding.removesuffix("-sig")
    return permanent(
        "wrong_encoding", f"the file is no {name} {where}: name its `encoding`, or save it as UTF-8"
    )
