"""Headers of requests: what each may hold, told in the document and held to here."""

import re
from dataclasses import dataclass

from rest_framework.request import Request

from rest.problems import FieldError, InvalidInput

LONGEST = 1_000
MAX_WAIT_SECONDS = 60
PREFER, APPLIED = "Prefer", "Preference-Applied"
_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """A header that an endpoint reads. `pattern` is what it must match, where not any text will do."""

    description: str
    pattern: str | None = None
    max_length: int = LONGEST


PREFERENCE = {
    PREFER: Header(
        f"`wait=10`: answer when the task is final, or after so many seconds, at most {MAX_WAIT_SECONDS} (RFC 7240). "
        "Other preferences are ignored."
    )
}


def header_of(request: Request, name: str) -> str | None:
    """What was sent, if it was. Raises InvalidInput where it is longer than any that means something."""
    given: str | None = request.headers.get(name)
    if given is not None and len(given) > LONGEST:
        detail = f"must have at most {LONGEST:,} characters, got {len(given):,}"
        raise InvalidInput([FieldError((name,), "max_length", detail, parameter=True)])
    return given


def preferred_wait(request: Request) -> int:
    """How many seconds a caller would rather wait than ask again. Raises InvalidInput."""
    found = _WAIT.search(header_of(request, PREFER) or "")
    return min(int(found[1]), MAX_WAIT_SECONDS) if found else 0


def applied(seconds: int) -> dict[str, str]:
    """Tells that somebody was waited for."""
    return {APPLIED: f"wait={seconds}"}
