"""Reading a stream of server-sent events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from config.stack.readiness import NO_TLS

HEART_BEAT = "heart-beat"


@dataclass(frozen=True)
class Event:
    """What a reader sees of one; a comment is an event called `HEART_BEAT`."""

    name: str
    data: Any = None
    id: int | None = None


class Stream:
    """An open stream. Reading it waits for what comes."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._all = _events(response)

    def __iter__(self) -> Iterator[Event]:
        return (event for event in self._all if event.name != HEART_BEAT)

    def next(self) -> Event:
        """The next event that is no heart-beat."""
        return next(iter(self))

    def beat(self) -> Event:
        """The next event, heart-beats included."""
        return next(self._all)


@contextmanager
def following(url: str, task_id: "UUID | str", **headers: str) -> Iterator[Stream]:
    """The stream of a task."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Accept", "text/event-stream")
    path = f"{url}/tasks/{task_id}/events/"
    with httpx.stream("GET", path, headers=given, timeout=60, trust_env=False, verify=NO_TLS) as response:
        yield Stream(response)


def _events(response: httpx.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line.startswith(":"):
            yield Event(HEART_BEAT)
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                number = int(fields["id"]) if "id" in fields else None
                yield Event(fields["event"], json.loads(fields["data"]), number)
            fields = {}
