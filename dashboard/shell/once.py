"""Forms that make something, and make it once however often they are sent: each holds a token, `{% once %}`.

The same form sent once more leads where it led. With other values in it, as after the browser's "back", it makes
another.
"""

import hashlib
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from secrets import token_hex
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from access import idempotency
from access.actor import Actor
from access.idempotency import Key

FIELD = "once"
_TOKEN = re.compile("[0-9a-f]{32}")
_NOT_MEANT = ("csrfmiddlewaretoken",)


def new_token() -> str:
    """For a form."""
    return token_hex(16)


def key_of(request: HttpRequest) -> str | None:
    """What stands for this form with these values, as an `Idempotency-Key`; None: it has no token."""
    if request.method != "POST" or not _TOKEN.fullmatch(token := request.POST.get(FIELD, "")):
        return None
    meant = sorted(each for each in request.POST.lists() if each[0] not in _NOT_MEANT)
    return f"{token}-{hashlib.sha256(json.dumps(meant).encode()).hexdigest()[:32]}"


def make_once(request: HttpRequest, actor: Actor, make: Callable[[], UUID]) -> UUID:
    """The id of what `make` has made, now or when the form came first. Raises what it raises; then nothing is made."""
    text = key_of(request)
    if text is None:
        return make()
    key = Key(f"page of {actor.project_id} {request.path}", text, b"", b"")
    with transaction.atomic():
        earlier = idempotency.begin(key)
        if earlier is None:
            made = make()
            idempotency.keep(key, HTTPStatus.CREATED, [made])
            return made
    (found,) = earlier.ids
    assert found is not None  # noqa: S101 (as it was kept)
    return found
