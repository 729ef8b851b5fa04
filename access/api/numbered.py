"""Pages of rows that are numbered as they are made, the newest first."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from rest.input import QueryInt, Strict
from rest.pagination import DEFAULT_LIMIT, MAX_LIMIT, no_cursor, page_of, read_cursor

Row = TypeVar("Row", bound=Model)
KEY_BYTES = 8
GREATEST = 2**63 - 1


class PageQuery(Strict):
    """Query parameters of a list."""

    limit: Annotated[
        QueryInt,
        Field(ge=1, le=MAX_LIMIT, description=f"The most results on one page; default {DEFAULT_LIMIT}."),
    ] = DEFAULT_LIMIT
    cursor: Annotated[
        str | None, Field(max_length=100, description="Where a page begins; from `next` or `previous`.")
    ] = None


def numbered_page(
    request: Request, rows: QuerySet[Row], represent: Callable[[Row], dict[str, Any]], query: PageQuery
) -> Response:
    """One page. Raises InvalidInput for a cursor that is not one of ours."""
    place = read_cursor(query.cursor, KEY_BYTES) if query.cursor else None
    backwards = place is not None and place.backwards
    if place is not None:
        number = int.from_bytes(place.edge)
        if number > GREATEST:
            raise no_cursor()
        rows = rows.filter(**{"pk__gt" if backwards else "pk__lt": number})
    found = list(rows.order_by("pk" if backwards else "-pk")[: query.limit + 1])
    page, more = found[: query.limit], len(found) > query.limit
    if backwards:
        page.reverse()
    edges = (_key_of(page[0]), _key_of(page[-1])) if page else None
    return page_of(request, [represent(row) for row in page], edges, place=place, more=more)


def _key_of(row: Model) -> bytes:
    return int(row.pk).to_bytes(KEY_BYTES)
