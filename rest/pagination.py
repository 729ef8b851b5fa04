"""Pages of lists, newest first, by the last id seen: each costs the same, and nothing is shown twice."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
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
ID_BYTES = 16


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
    place = read_cursor(cursor, ID_BYTES) if cursor else None
    edge = None if place is None else UUID(bytes=place.edge)
    page, more = _slice(rows, limit, backwards=place is not None and place.backwards, edge=edge)
    edges = (page[0].pk.bytes, page[-1].pk.bytes) if page else None
    return page_of(request, represent(page), edges, place=place, more=more)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page goes on: behind the row with this key, or before it."""

    backwards: bool
    edge: bytes


def page_of(
    request: Request,
    results: list[dict[str, Any]],
    edges: tuple[bytes, bytes] | None,
    *,
    place: Place | None,
    more: bool,
) -> Response:
    """The answer with one page: its results, and links to its neighbours.

    `edges`: the keys of its first and last row. `more`: whether there are rows behind them, in its direction.
    """
    backwards = place is not None and place.backwards
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    links = {
        "next": _url(request, b"n", edges[1]) if edges and has_next else None,
        "previous": _url(request, b"p", edges[0]) if edges and has_previous else None,
    }
    response = Response({"results": results, **links})
    names = (("next", links["next"]), ("prev", links["previous"]))
    header = ", ".join(f'<{url}>; rel="{name}"' for name, url in names if url)
    if header:
        response["Link"] = header
    return response


def read_cursor(cursor: str, key_bytes: int) -> Place:
    """What `next` and `previous` of an earlier page hold. Raises InvalidInput."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    direction, edge = raw[:1], raw[1:]
    if direction not in (b"n", b"p") or len(edge) != key_bytes:
        raise no_cursor()
    return Place(direction == b"p", edge)


def no_cursor() -> InvalidInput:
    """What to raise for a cursor that is none of ours."""
    detail = "must be the cursor of a `next` or `previous` link"
    return InvalidInput([FieldError(("cursor",), "invalid_cursor", detail, parameter=True)])


def _slice(rows: QuerySet[Row], limit: int, *, backwards: bool, edge: UUID | None) -> tuple[list[Row], bool]:
    """The rows beyond `edge`, newest first, and whether there are more behind them."""
    if edge is not None:
        rows = rows.filter(id__gt=edge) if backwards else rows.filter(id__lt=edge)
    found = list(rows.order_by("id" if backwards else "-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return (found[::-1] if backwards else found), more


def _url(request: Request, direction: bytes, edge: bytes) -> str:
    query = request.query_params.copy()
    query["cursor"] = base64.urlsafe_b64encode(direction + edge).decode().rstrip("=")
    return request.build_absolute_uri(f"{request.path}?{urlencode(list(_pairs(query)))}")


def _pairs(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
