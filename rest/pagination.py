"""Pages of lists, newest first, by the last id seen: each costs the same, and nothing is shown twice."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from rest.cpu_budget import CpuBudget
from rest.json import dump
from rest.problems import FieldError, InvalidInput

Row = TypeVar("Row", bound=Model)
Represent: TypeAlias = Callable[[list[Row]], list[dict[str, Any]]]
Read: TypeAlias = Callable[[QuerySet[Row], int], list[Row]]

DEFAULT_LIMIT = 50
MAX_LIMIT = 500
ID_BYTES = 16
SLICE = DEFAULT_LIMIT + 1
"""So many rows are read at a time: a usual page, and whether there are more."""
MAX_BYTES = 8 * 1024 * 1024
"""A page with more than that is shorter than asked for: its rows may hold a megabyte each."""
BUDGET_SECONDS = 0.5
"""Of CPU, for a page; most need a tenth of it. Where it is spent, the page is shorter."""


def first(rows: QuerySet[Row], size: int) -> list[Row]:
    """The first so many, as one statement finds them."""
    return list(rows[:size])


def paginate(
    request: Request,
    rows: QuerySet[Row],
    represent: Represent[Row],
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    read: Read[Row] = first,
) -> Response:
    """`{"results": [...], "next": url, "previous": url}` and a `Link` header. `rows` have a UUIDv7 `id`.

    `represent` is given some of the rows at a time, which `read` takes from those in order beyond a place. A page that
    would be very long, or take long to make, ends early. Raises InvalidInput for a cursor that is not one of ours.
    """
    place = read_cursor(cursor, ID_BYTES) if cursor else None
    page, more = _within_bounds(_represented(rows, represent, read, min(SLICE, limit + 1), place), limit)
    if place is not None and place.backwards:
        page.reverse()
    edges = (page[0][0].pk.bytes, page[-1][0].pk.bytes) if page else None
    return page_of(request, [result for _, result in page], edges, place=place, more=more)


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


def _represented(
    rows: QuerySet[Row], represent: Represent[Row], read: Read[Row], size: int, place: Place | None
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """The rows beyond a place, each with what is told of it; so many are read at a time, as they are asked for."""
    backwards = place is not None and place.backwards
    edge = None if place is None else UUID(bytes=place.edge)
    ordered = rows.order_by("id" if backwards else "-id")
    while True:
        beyond = {} if edge is None else {"id__gt" if backwards else "id__lt": edge}
        found = read(ordered.filter(**beyond), size)
        yield from zip(found, represent(found), strict=True)
        if len(found) < size:
            return
        edge = found[-1].pk


def _within_bounds(
    represented: Iterable[tuple[Row, dict[str, Any]]], limit: int
) -> tuple[list[tuple[Row, dict[str, Any]]], bool]:
    """As many as a page may hold, at least one, and whether there are more."""
    budget = CpuBudget(BUDGET_SECONDS)
    found: list[tuple[Row, dict[str, Any]]] = []
    size = 0
    for row, result in represented:
        size += len(dump(result))
        if found and (len(found) == limit or size > MAX_BYTES or budget.is_spent()):
            return found, True
        found.append((row, result))
    return found, False


def _url(request: Request, direction: bytes, edge: bytes) -> str:
    query = request.query_params.copy()
    query["cursor"] = base64.urlsafe_b64encode(direction + edge).decode().rstrip("=")
    return request.build_absolute_uri(f"{request.path}?{urlencode(list(_pairs(query)))}")


def _pairs(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
