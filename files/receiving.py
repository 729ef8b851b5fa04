"""Bytes on their way into the storage: written, counted and hashed as they come, in constant memory."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from files.storage import PIECE_BYTES, full_disk_told, refuse_full, unfinished_file


class TooLarge(Exception):
    """There are more bytes than may be."""

    def __init__(self, most: int) -> None:
        super().__init__(f"must have at most {most:,} bytes")
        self.most = most


class Readable(Protocol):
    """What bytes can be read of."""

    def read(self, size: int = ..., /) -> bytes:
        """At most so many; none: there are no more."""


class Received:
    """What has come so far."""

    def __init__(self, written: IO[bytes], most: int) -> None:
        self.written = written
        self.size = 0
        self._most = most
        self._hash = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """Take some more; how many. Raises TooLarge, StorageFull."""
        if self.size + len(piece) > self._most:
            raise TooLarge(self._most)
        before, self.size = self.size, self.size + len(piece)
        if before // _LOOK_BYTES != self.size // _LOOK_BYTES:
            refuse_full(0)
        self._hash.update(piece)
        with full_disk_told():
            return self.written.write(piece)

    def take(self, source: Readable | Iterable[bytes]) -> "Received":
        """All there is in a stream, or all pieces. Raises what that raises, TooLarge, StorageFull."""
        for piece in pieces(source):
            self.write(piece)
        return self

    @property
    def sha256(self) -> str:
        """In hexadecimal digits."""
        return self._hash.hexdigest()

    @property
    def digest(self) -> bytes:
        """The same, as bytes."""
        return self._hash.digest()


_LOOK_BYTES = 64 * PIECE_BYTES
"""So often it is looked whether the disk becomes full."""


@contextmanager
def receiving(most: int, expected: int = 0) -> Iterator[Received]:
    """A place for so many bytes at most. What nobody keeps until the end is gone. Raises StorageFull.

    `expected`: how many are said to come, so that nothing begins for which there is no room.
    """
    refuse_full(expected)
    with unfinished_file() as written:
        yield Received(written, most)


def pieces(source: Readable | Iterable[bytes]) -> Iterator[bytes]:
    """What is in a stream, or pieces as they are."""
    if not hasattr(source, "read"):
        yield from source
        return
    while piece := source.read(PIECE_BYTES):
        yield piece
