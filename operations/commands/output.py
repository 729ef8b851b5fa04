"""What a command writes: all of it is read, the beginning and the end are kept."""

import re
from collections.abc import Callable

from operations.secrets import without_cut_value

KEPT_BYTES = 32_768
"""Of the beginning, and as many of the end. As JSON a byte may become six, and all of it must fit into a result."""
MARGIN_BYTES = 8_192
"""Kept besides until the secrets are hidden, so that none is cut in two before that."""
LINE_BYTES = 4_096
_LINE_END = re.compile(rb"[\r\n]+")

Hide = Callable[[str], str]


class Output:
    """One stream of a command. `hide` takes the secrets out of a text."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide
        self._left_out = 0
        self._head = bytearray()
        self._tail = bytearray()
        self._line = b""
        self._last_line = b""

    def add(self, chunk: bytes) -> None:
        """Take what was read next."""
        room = KEPT_BYTES + MARGIN_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        too_many = max(len(self._tail) - KEPT_BYTES - MARGIN_BYTES, 0)
        del self._tail[:too_many]
        self._left_out += too_many
        self._keep_last_line(chunk)

    def new_line(self) -> str:
        """The last whole line with something in it that was written since this was asked, or nothing."""
        line, self._last_line = self._last_line, b""
        return without_cut_value(_decoded(line[:LINE_BYTES]), _decoded(line), self._hide).strip()

    @property
    def truncated(self) -> bool:
        """Whether the middle is left out of the text."""
        return self._left_out > 0

    def text(self) -> str:
        """All of it as text that can be stored, or its beginning and its end."""
        if not self.truncated:
            return self._readable(self._head + self._tail)
        head, tail = self._readable(self._head), self._readable(self._tail)
        left_out = self._left_out + 2 * MARGIN_BYTES
        return f"{head[:-MARGIN_BYTES]}\n[... about {left_out} bytes left out ...]\n{tail[MARGIN_BYTES:]}"

    def _keep_last_line(self, chunk: bytes) -> None:
        # Whole lines only, for a part of one may be a part of a secret. Of a long one the beginning will do.
        *whole, rest = _LINE_END.split(self._line + chunk)
        self._line = rest[: LINE_BYTES + MARGIN_BYTES]
        for line in reversed(whole):
            if line.strip():
                self._last_line = line[: LINE_BYTES + MARGIN_BYTES]
                return

    def _readable(self, data: bytes | bytearray) -> str:
        return self._hide(_decoded(data))


def _decoded(data: bytes | bytearray) -> str:
    return data.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
