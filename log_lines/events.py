"""What a line of ours tells, by a name that stays, with its facts as fields."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Event(NamedTuple):
    """The event that a record is of, and its facts: JSON, without anything secret."""

    name: str
    fields: Mapping[str, Any]


def event(name: str, **fields: Any) -> dict[str, Event]:
    """For `extra=` of a logger's methods. The names are listed in docs/reference/logs.md."""
    return {"event": Event(name, fields)}
