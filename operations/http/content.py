"""Reading what an answer holds: within limits, decompressed, as text or JSON."""

import base64
import codecs
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Literal, NamedTuple

from operations.context import Context
from operations.errors import passing, permanent
from operations.http.exchange import Response
from operations.http.headers import printable
from operations.secrets import without_cut_value
from values.storable import Unstorable, storable

ReadAs = Literal["auto", "json", "text", "base64", "nothing"]

MAX_BODY_BYTES = 262_144
# The rest of what a task's result may hold is for headers.
_MAX_JSON_BYTES = 900_000
_PIECE_BYTES = 65_536

_JSON_TYPE = re.compile(r"\s*(application/json|[^/;\s]+/[^/;\s]+\+json)\s*(;|$)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
# Not every codec of Python's is harmless, nor one for text.
_CHARSETS = re.compile(
    r"utf-8|utf-16(-[bl]e)?|ascii|iso8859-\d+|cp125\d|koi8-[ru]|shift_jis|euc_(jp|kr)|gb2312|gbk|gb18030|big5"
)


class Content(NamedTuple):
    """The body as a result has it, and whether it is only the beginning."""

    body: Any
    truncated: bool


def read_content(answer: Response, read_as: ReadAs, max_bytes: int, context: Context) -> Content:
    """What the answer holds, cut through no secret. Raises OperationError."""
    if read_as == "nothing":
        return Content(None, truncated=False)
    if read_as == "base64":
        return Content(*_read_written(answer, max_bytes, context, _in_base64))
    text, truncated = read_text(answer, max_bytes, context)
    if read_as == "json":
        return Content(_demanded_json(text, truncated=truncated), truncated)
    if read_as == "auto" and not text:
        return Content(None, truncated)
    if read_as == "auto" and not truncated and _JSON_TYPE.match(_kind(answer)):
        return Content(_json_or_text(text), truncated)
    return Content(text, truncated)


def read_text(answer: Response, max_bytes: int, context: Context) -> tuple[str, bool]:
    """The first bytes as text, cut through no secret, and whether there are more. Raises OperationError."""
    return _read_written(
        answer, max_bytes, context, lambda data, cut: decode(data, _kind(answer), truncated=cut)
    )


def _read_written(
    answer: Response, max_bytes: int, context: Context, write: Callable[[bytes, bool], str]
) -> tuple[str, bool]:
    known, more = read_bytes(answer, max_bytes + context.margin())
    truncated = more or len(known) > max_bytes
    text = write(known[:max_bytes], truncated)
    return without_cut_value(text, write(known, more), context.mask) if truncated else text, truncated


def _in_base64(data: bytes, _cut: bool) -> str:
    return base64.b64encode(data).decode()


def _kind(answer: Response) -> str:
    return answer.headers.get("content-type", "")


def read_bytes(answer: Response, max_bytes: int) -> tuple[bytes, bool]:
    """The first bytes, decompressed, and whether there are more. Raises OperationError."""
    data = bytearray()
    for piece in _decompressed(answer):
        data += piece
        if len(data) > max_bytes:
            return bytes(data[:max_bytes]), True
    return bytes(data), False


def decode(data: bytes, kind: str, *, truncated: bool) -> str:
    """Text in the charset that a Content-Type names, else UTF-8; what is no text becomes U+FFFD.

    Of a truncated text, half a character at the end is left out.
    """
    text = printable(data.decode(_charset(kind), errors="replace"))
    return text.removesuffix("\N{REPLACEMENT CHARACTER}") if truncated else text


def _charset(kind: str) -> str:
    named = _CHARSET.search(kind)
    try:
        name = codecs.lookup(named[1]).name if named else "utf-8"
    except LookupError:
        name = "utf-8"
    return name if _CHARSETS.fullmatch(name) and name != "utf-8" else "utf-8-sig"


def _decompressed(answer: Response) -> Iterator[bytes]:
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return answer.content
    pieces = filter(None, answer.content)
    first = next(pieces, None)
    if first is None:  # as of HEAD
        return iter(())
    if coding in ("gzip", "x-gzip"):
        return _unzipped(chain([first], pieces))
    raise permanent(
        "unreadable_answer",
        "the answer is compressed although that was not requested, and not with gzip; "
        '"read_as": "nothing" ignores its body',
    )


def _unzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    for piece in pieces:
        while piece and not unzip.eof:
            try:
                yield unzip.decompress(piece, _PIECE_BYTES)
            except zlib.error:
                raise passing("broken_answer", "the answer claims to be gzip, but is not") from None
            piece = unzip.unconsumed_tail
    if not unzip.eof:
        raise passing("broken_answer", "the answer ends before its gzip does")


def _demanded_json(text: str, *, truncated: bool) -> Any:
    try:
        if not truncated:
            return _parse(text)
        reason = "is longer than max_body_bytes"
    except (ValueError, RecursionError, Unstorable):
        reason = "is not JSON, or no JSON that can be stored"
    raise permanent("unreadable_answer", f"the body of the answer {reason}")


def _json_or_text(text: str) -> Any:
    try:
        return _parse(text)
    except (ValueError, RecursionError, Unstorable):
        return text


def _parse(text: str) -> Any:
    value = json.loads(text)
    # One level of depth is for the result around it.
    storable([value], _MAX_JSON_BYTES)
    return value
