"""From whom tasks come that a request submits."""

from typing import TypedDict

from access.actor import Actor
from rest.middleware import current_request_id


class Origin(TypedDict):
    """Columns that all tasks of one request have in common."""

    project_id: int
    created_by: str | None
    request_id: str | None


def origin_of(actor: Actor) -> Origin:
    """Where nobody can be told, the request is not told either: its id would be stored for nothing."""
    author = actor.author
    return Origin(
        project_id=actor.project_id,
        created_by=author,
        request_id=None if author is None else current_request_id(),
    )
