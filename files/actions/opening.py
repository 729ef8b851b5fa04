"""Reading a file."""

from typing import BinaryIO

from files.models import File
from files.storage import open_key


class NotComplete(Exception):
    """The file is still on its way."""

    def __init__(self, file: File) -> None:
        super().__init__(f"the file is still on its way: {file.offset:,} of {file.size:,} bytes are here")


class BytesLost(Exception):
    """The storage does not have the bytes that its rows say it has."""

    def __init__(self, file: File) -> None:
        super().__init__(
            f"the bytes of the file {file.id} are not in the storage: upload it again, or tell the operator, who finds "
            "in FILES_DIR or FILES_STORAGE where they should be"
        )


def open_content(file: File) -> BinaryIO:
    """The bytes of a file, as a stream from the beginning, in which one can go to any place.

    Raises NotComplete, BytesLost.
    """
    if file.content is None:
        raise NotComplete(file)
    try:
        return open_key(file.content.key)
    except FileNotFoundError:
        raise BytesLost(file) from None
