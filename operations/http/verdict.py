"""What an answer's status means for the task: whether it is what was expected, and if not, what of another attempt."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from operations.context import Context
from operations.errors import OperationError
from operations.http.content import read_text
from operations.http.exchange import Response
from operations.http.redirects import is_redirect, may_lose_body
from operations.http.requests import Request
from values.wording import shorten

TRY_AGAIN = {408, 425, 429}
MAX_RETRY_AFTER = 86_400.0
_SHOWN_BYTES = 2_048
_SHOWN_CHARACTERS = 200
_SECONDS = re.compile(r"[0-9]+")

Expected = Sequence[int | str]


def is_expected(status: int, expected: Expected) -> bool:
    """Whether a status is one of `expected`: numbers such as 204, and classes such as "2xx"."""
    return status in expected or f"{status // 100}xx" in expected


def is_permanent(status: int) -> bool:
    """Whether another attempt would be answered the same way."""
    return status < 500 and status not in TRY_AGAIN


def unexpected(request: Request, answer: Response, expected: Expected, context: Context) -> OperationError:
    """What to raise for a status that is not expected."""
    permanent = is_permanent(answer.status)
    return OperationError(
        f"{request.method} {request.target.origin} was answered with {_name_of(answer.status)}, "
        f"expected {' or '.join(map(str, expected))}{_hint(request, answer)}{_excerpt(answer, context)}",
        permanent=permanent,
        type="unexpected_status",
        retry_after=None if permanent else retry_after(answer.headers),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds the other side asks to wait, at most a day; None where it does not say.

    A date is compared with the answer's own Date, so that it does not matter whose clock is right.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), MAX_RETRY_AFTER)
    at = _read_date(value)
    if at is None:
        return None
    now = _read_date(headers.get("date", "")) or datetime.now(UTC)
    return min(max((at - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _read_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def _name_of(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _hint(request: Request, answer: Response) -> str:
    if not is_redirect(answer):
        return ""
    if may_lose_body(request.method, answer.status):
        return "; it redirects: give the address where it leads"
    return "; it redirects, which follow_redirects allows"


def _excerpt(answer: Response, context: Context) -> str:
    try:
        text, _ = read_text(answer, _SHOWN_BYTES, context)
    except OperationError:  # the status says more than how its body failed
        return ""
    text = " ".join(context.mask(text).split())  # before it is cut, for a part of a secret would pass
    return f"; it says {json.dumps(shorten(text, _SHOWN_CHARACTERS), ensure_ascii=False)}" if text else ""
