"""Which bytes of a file are asked for: `Range`, `If-Range`, `If-None-Match`. Several ranges at once are none."""

import re
from collections.abc import Mapping
from typing import BinaryIO, NamedTuple

from files.api.refusals import NoRange

_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


class Part(NamedTuple):
    """Some bytes of a file: from `start` on, before `end`."""

    start: int
    end: int


def part_of(headers: Mapping[str, str], size: int, tag: str) -> Part | None:
    """What is asked for; None: all of it. Raises NoRange."""
    given = headers.get("Range")
    asked = _RANGE.fullmatch(given) if given else None
    if asked is None or asked.groups() == ("", "") or headers.get("If-Range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first:
        part = Part(max(0, size - int(last)), size)
    else:
        part = Part(int(first), min(size, int(last) + 1) if last else size)
        if last and int(last) < int(first):
            return None
    if part.start >= part.end:
        raise NoRange(size)
    return part


def is_known(headers: Mapping[str, str], tag: str) -> bool:
    """Whether who asks has these bytes already."""
    given = headers.get("If-None-Match", "")
    return given.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in given.split(",")}


class PartOfStream:
    """Some bytes of a stream, as a stream that closes it."""

    def __init__(self, stream: BinaryIO, part: Part) -> None:
        stream.seek(part.start)
        self._stream = stream
        self._left = part.end - part.start
        self.close = stream.close

    def read(self, size: int, /) -> bytes:
        """At most so many; none: that is all."""
        piece = self._stream.read(min(size, self._left))
        self._left -= len(piece)
        return piece
