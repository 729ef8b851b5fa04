"""Sets of rows as the JSON that one statement takes, however many there are."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

MOST_CHARACTERS = 16 * 1024 * 1024
ENCODED_TOGETHER = 50
"""So many become JSON at once, as each time costs about as much as a small one does."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """What one statement writes, and it as a JSON array."""

    items: Sequence[Item]
    records: str


def in_parts(items: Sequence[Item], record: Callable[[Item], dict[str, Any]]) -> Iterator[Part[Item]]:
    """All in order, in arrays of about MOST_CHARACTERS; jsonb takes no more than four times that. At least one."""
    texts: list[str] = []
    size = begin = 0
    for end in range(0, len(items), ENCODED_TOGETHER):
        text = _encode([record(item) for item in items[end : end + ENCODED_TOGETHER]])[1:-1]
        if texts and size + len(text) > MOST_CHARACTERS:
            yield Part(items[begin:end], f"[{','.join(texts)}]")
            texts, size, begin = [], 0, end
        texts.append(text)
        size += len(text)
    yield Part(items[begin:], f"[{','.join(texts)}]")


def _text(value: UUID | datetime | timedelta) -> str:
    """As Postgres reads it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value.total_seconds()} seconds" if isinstance(value, timedelta) else str(value)


_encode = json.JSONEncoder(ensure_ascii=False, default=_text).encode
