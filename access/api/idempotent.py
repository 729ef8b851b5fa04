"""The header `Idempotency-Key`: a POST that was sent twice creates once, and is answered the same."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from access import idempotency
from access.actor import DEFAULT_PROJECT_ID
from access.door import actor_of
from access.idempotency import Ids, Key, KeyReused
from rest.headers import Header
from rest.input import has_no_body
from rest.openapi import Refusal
from rest.problems import FieldError, InvalidInput, Problem

Row = TypeVar("Row", bound=Model)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

# A string of RFC 9651, or what stands between its quotes, as most clients send it.
_QUOTED = re.compile(r'"((?:[!#-\[\]-~]|\\["\\]){1,255})"')
_BARE = re.compile(r"[!#-~][!-~]{0,254}")


class KeyMeansAnother(Problem):
    """422: this key was sent before with another request."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "idempotency_key_reused"
    mending = (
        "Make a new key for each new request; send an old one only with the very body and query of its first."
    )
    sample = ("this Idempotency-Key was used before with another request",)


class Gone(Problem):
    """410: what the first request with this key created was deleted since."""

    status = HTTPStatus.GONE
    code = "gone"
    mending = "If it is to be created anew, send the request with a new `Idempotency-Key`."
    sample = ()

    def __init__(self) -> None:
        super().__init__(
            "what the first request with this Idempotency-Key created has since been deleted; nothing was changed"
        )


PARAMETER = {
    HEADER: Header(
        "At most 255 visible ASCII characters, quoted or not. A request repeated with the same key is carried out "
        "only once; for 24 hours, repeats get the answer again, marked `Idempotent-Replayed`.",
        pattern=f"^(?:{_QUOTED.pattern}|{_BARE.pattern})$",
        max_length=512,
    )
}
REUSED = Refusal("This `Idempotency-Key` was used before with a different body or query.", KeyReused())
DELETED = Refusal(
    "What the first request with this `Idempotency-Key` created has since been deleted.", Gone()
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a request led to: its answer, and the ids of what it created.

    `is_report`: the answer tells what was done, not how things stand, so it is kept and repeated word by word.
    """

    answer: Response
    ids: Ids = field(default_factory=list)
    is_report: bool = False


def once(
    request: Request,
    create: Callable[[], Effect],
    again: Callable[[Ids], Response] | None = None,
    *,
    stands_for: Any = None,
) -> Response:
    """Carry a request out, unless it was before: then `again` renders the answer from the rows as they are now.

    `stands_for`: what the body means, where it is no JSON and was read already.
    Without `again`, each effect must be a report. Where `create` raises, the key stays free. Raises InvalidInput,
    KeyReused.
    """
    key = key_of(request, stands_for)
    if key is None:
        return create().answer
    with transaction.atomic():
        earlier = idempotency.begin(key)
        if earlier is None:
            effect = create()
            report = effect.answer.data if effect.is_report else None
            idempotency.keep(key, effect.answer.status_code, effect.ids, report)
            return effect.answer
    answer = Response(earlier.report) if again is None else again(earlier.ids)
    answer.status_code = earlier.status
    answer[REPLAYED] = "true"
    return answer


def left(rows: QuerySet[Row], ids: Ids) -> Row:
    """The one of the project's `rows` that an earlier request created, as it is now. Raises Gone."""
    row = rows.filter(id__in=ids).first()
    if row is None:
        raise Gone
    return row


def key_of(request: Request, stands_for: Any = None) -> Key | None:
    """The key of a request that has one. Raises InvalidInput."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    if stands_for is not None:
        meant = _hash_of([sorted(request.query_params.lists()), stands_for])
        return Key(_scope_of(request), _unquoted(given), meant, meant)
    return Key(_scope_of(request), _unquoted(given), _hash_of_meaning(request), _hash_of_bytes(request))


def _scope_of(request: Request) -> str:
    """Within what a key is one: another project's may be the same. Of the default project, as it was kept before."""
    call = f"{request.method} {request.path_info.lower()}"  # in capitals, an id is the same
    project_id = actor_of(request).project_id
    return call if project_id == DEFAULT_PROJECT_ID else f"project {project_id} {call}"


def _unquoted(given: str) -> str:
    quoted = _QUOTED.fullmatch(given)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if _BARE.fullmatch(given):
        return given
    detail = "must be 1 to 255 visible ASCII characters, in quotes or without"
    raise InvalidInput([FieldError((HEADER,), "invalid_key", detail, parameter=True)])


def _hash_of_meaning(request: Request) -> bytes:
    """The same for the same query and body, however they are written: in which order, with which white space."""
    body: Any = {} if has_no_body(request) else request.data
    return _hash_of([sorted(request.query_params.lists()), body])


def _hash_of(meaning: Any) -> bytes:
    return hashlib.sha256(json.dumps(meaning, sort_keys=True, separators=(",", ":")).encode()).digest()


def _hash_of_bytes(request: Request) -> bytes:
    """What was kept of a request before white space and order stopped to matter; such keys may still be there."""
    query = request.META.get("QUERY_STRING", "").encode()
    return hashlib.sha256(query + b"\n" + request.body).digest()
