"""What a test sees of the broker: the lists in Valkey, as they are."""

import json
import os
from dataclasses import dataclass
from typing import Any

import redis

PRIORITY_SEPARATOR = "\x06\x16"
"""Between a queue's name and a priority, in the name of the list that holds its messages (kombu's form)."""
LEAST_URGENT = 9
"""On Redis 0 is served first."""


@dataclass(frozen=True)
class Sent:
    """A message that waits: the list that it is in, and what a worker would get."""

    key: str
    headers: dict[str, Any]
    properties: dict[str, Any]
    body: Any

    @property
    def task_id(self) -> str:
        """Of the task that it is a hint for."""
        return str(self.headers["id"])


class Lists:
    """The broker of this test process."""

    def __init__(self) -> None:
        self.client = redis.Redis.from_url(os.environ["CELERY_BROKER_URL"], decode_responses=True)

    def sent(self, queue: str = "tasks") -> list[Sent]:
        """All messages of a queue, in the order in which a worker would get them."""
        keys = [queue, *(f"{queue}{PRIORITY_SEPARATOR}{number}" for number in range(1, LEAST_URGENT + 1))]
        return [_read(key, text) for key in keys for text in reversed(self._texts(key))]

    def lose(self, queue: str = "tasks") -> None:
        """Lose all messages of a queue, and nothing else."""
        self.client.delete(*(message.key for message in self.sent(queue)))

    def lose_everything(self) -> None:
        """What a restart without persistence does."""
        self.client.flushdb()

    def spoil(self, queue: str) -> None:
        """Nothing most urgent can be sent to a queue: what stands there is no list."""
        self.client.set(queue, "no list")

    def cut_everybody_off(self) -> None:
        """End all connections to this test process' broker but this one; other test processes have their own."""
        own = self.client.client_info()
        for other in self.client.client_list(_type="normal"):
            if other["db"] == str(own["db"]) and other["id"] != str(own["id"]):
                self.client.client_kill_filter(_id=other["id"])

    def _texts(self, key: str) -> list[str]:
        texts: list[str] = self.client.lrange(key, 0, -1)  # type: ignore[assignment]  # the client is synchronous
        return texts


def _read(key: str, text: str) -> Sent:
    message = json.loads(text)
    return Sent(key, message["headers"], message["properties"], json.loads(message["body"]))
