"""Pages of lists, newest first, by the last id seen: each costs the same, and nothing is shown twice."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from rest.problems import FieldError, InvalidInput

Row = TypeVar("Row", bound=Model)

DEFAULT_LIMIT = 50
MAX_LIMIT = 500


def paginate(
    request: Request,
    rows: QuerySet[Row],
    represent: Callable[[list[Row]], list[dict[str, Any]]],
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Response:
    """`{"results": [...], "next": url, "previous": url}` and a `Link` header. `rows` have a UUIDv7 `id`.

    `represent` is given the rows of the page. Raises InvalidInput for a cursor that is not one of ours.
    """
    backwards, edge = _decode(cursor) if cursor else (False, None)
    page, more = _slice(rows, limit, backwards=backwards, edge=edge)
    links = {
        "next": _url(request, "n", page) if page and (more or backwards) else None,
        "previous": _url(request, "p", page)
        if page and (edge is not None if not backwards else more)
        else None,
    }
    response = Response({"results": represent(page), **links})
    header = ", ".join(
        f'<{url}>; rel="{name}"'
        for name, url in (("next", links["next"]), ("prev", links["previous"]))
        if url
    )
    if header:
        response["Link"] = header
    return response


def _slice(rows: QuerySet[Row], limit: int, *, backwards: bool, edge: UUID | None) -> tuple[list[Row], bool]:
    """The rows beyond `edge`, newest first, and whether there are more behind them."""
    if edge is not None:
        rows = rows.filter(id__gt=edge) if backwards else rows.filter(id__lt=edge)
    found = list(rows.order_by("id" if backwards else "-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return (found[::-1] if backwards else found), more


def _url(request: Request, direction: str, page: list[Row]) -> str:
    edge = page[-1] if direction == "n" else page[0]
    query = request.query_params.copy()
    query["cursor"] = base64.urlsafe_b64encode(direction.encode() + edge.pk.bytes).decode().rstrip("=")
    return request.build_absolute_uri(f"{request.path}?{urlencode(list(_pairs(query)))}")


def _pairs(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def _decode(cursor: str) -> tuple[bool, UUID]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        direction, edge = raw[:1], UUID(bytes=raw[1:])
    except (binascii.Error, ValueError):
        direction = b""
    if direction not in (b"n", b"p"):
        detail = "must be the cursor of a `next` or `previous` link"
        raise InvalidInput([FieldError(("cursor",), "invalid_cursor", detail, parameter=True)])
    return direction == b"p", edge
