"""What a request is about to bring about, held against what a key is restricted to. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from access.pins import mismatch
from access.restrictions import Restrictions


class Violation(NamedTuple):
    """What is not allowed: where in a task's template, and what it must be."""

    location: tuple[str | int, ...]
    detail: str


def violations(
    restrictions: Restrictions, operation: str, arguments: Mapping[str, Any], priority: int
) -> Iterator[Violation]:
    """Why a key may not bring about such a task; nothing: it may."""
    if not restrictions.allows_operation(operation):
        allowed = ", ".join(restrictions.operations or ())
        yield Violation(("operation",), f"must be one that your key may run ({allowed}), got {operation}")
    if not restrictions.allows_priority(priority):
        most = restrictions.max_priority
        yield Violation(("priority",), f"must be at most {most} with your key, got {priority}")
    pin = restrictions.pin_of(operation)
    if pin is not None and (found := mismatch(pin, arguments)) is not None:
        yield Violation(("arguments", *found.path), found.detail)
