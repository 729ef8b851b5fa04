"""The chain of hashes: the hash of an event covers the event, its number, and the hash of the one before. Pure.

Each project has a chain of its own, and the installation one. Whoever changes, takes out, puts in or moves an event
changes each hash from there on.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

COLUMNS = (
    "id",
    "at",
    "project_id",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "target_type",
    "target_id",
    "outcome",
    "reason",
    "changes",
    "filter",
    "count",
    "request_id",
    "address",
    "user_agent",
)
"""Of an event; its hash covers them all."""
BEGINNING = bytes(32)
"""In place of the hash before the first event."""


def seal(previous: bytes, number: int, event: Mapping[str, Any]) -> bytes:
    """SHA-256 of the hash before, the number in 8 bytes, and the event: a JSON object in ASCII, members in order of
    their names, without white space; instants in UTC to the microsecond."""
    told = {name: _text(event[name]) for name in COLUMNS}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + number.to_bytes(8) + text.encode()).digest()


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True, slots=True)
class Link:
    """A place in a chain, and the event that stands there; None: it is gone."""

    number: int
    hash: bytes
    event_id: UUID
    event: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a chain besides its links: where it begins now, and where it ends."""

    first_number: int
    before_first: bytes
    last_number: int
    last_hash: bytes


class Break(Exception):
    """The first place at which a chain is not what it was."""


def check(head: Head, links: Iterator[Link]) -> int:
    """How many events a chain has, all of them as they were sealed. Raises Break."""
    previous, number = head.before_first, head.first_number
    for link in links:
        if link.number != number:
            raise Break(f"number {number} is missing: the next one is {link.number}")
        if link.event is None:
            raise Break(f"event {link.event_id}, number {number}, is missing")
        if seal(previous, number, link.event) != link.hash:
            raise Break(f"event {link.event_id}, number {number}, is not what was sealed there")
        previous, number = link.hash, number + 1
    if (number, previous) != (head.last_number + 1, head.last_hash):
        raise Break(f"the end is missing: it was number {head.last_number}, and {number - 1} is the last one")
    return number - head.first_number


def continued(number: int, previous: bytes, events: Sequence[Mapping[str, Any]]) -> list[tuple[int, bytes]]:
    """The numbers and hashes of events that come next, behind `number` with the hash `previous`."""
    made = []
    for event in events:
        number, previous = number + 1, seal(previous, number + 1, event)
        made.append((number, previous))
    return made
